"""Several statements in one trip to the server, on the connection of a unit of work.

Hand-written SQL only: no result machinery of SQLAlchemy lies between. Errors are its errors all the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.kernel.line import BEGIN, Answer, Command, Driver, Line, Parameters, Rows

__all__ = ["Answer", "Command", "Parameters", "Rows", "is_broken", "roll_back", "send", "table"]

_LINE = "schoolflow line"
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
_WHOLE = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


def send(connection: Connection, commands: Sequence[Command]) -> Rows:
    """The rows of the last command; the transaction begins on the way when none is open.

    Raises: DBAPIError for the first that fails; what follows it was not run.
    """
    if not commands:
        return []
    with _errors_of(connection, commands[0].sql):
        line, commands = _begun(connection, commands)
        return line.trip(commands)


def table(connection: Connection, commands: Sequence[Command]) -> Answer:
    """Like ``send``, with the names of the columns. Raises: DBAPIError for the first that fails."""
    with _errors_of(connection, commands[0].sql):
        line, commands = _begun(connection, commands)
        return line.table(commands)


def roll_back(connection: Connection) -> None:
    """Past the driver, which would drop all prepared statements after it. Needs nothing when the connection is gone."""
    if connection.invalidated:
        return
    driver = _driver(connection)
    if driver.pgconn.transaction_status in _OPEN:
        with suppress(DBAPIError), _errors_of(connection, "ROLLBACK"):
            _line(connection, driver).trip([Command("ROLLBACK")])


def is_broken(connection: Connection) -> bool:
    """Whether a statement of the transaction failed at the server, or the connection is gone."""
    return connection.invalidated or _driver(connection).pgconn.transaction_status not in _WHOLE


def _begun(connection: Connection, commands: Sequence[Command]) -> tuple[Line, Sequence[Command]]:
    """The connection's line, and the commands after the transaction's begin when none is open."""
    if not connection.in_transaction():
        connection.begin()
    driver = _driver(connection)
    if driver.pgconn.transaction_status == TransactionStatus.IDLE:
        commands = [BEGIN, *commands]
    return _line(connection, driver), commands


def _driver(connection: Connection) -> Driver:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _line(connection: Connection, driver: Driver) -> Line:
    line: Line | None = connection.info.get(_LINE)
    if line is None:
        line = connection.info[_LINE] = Line(driver)
    return line


@contextmanager
def _errors_of(connection: Connection, sql: str) -> Iterator[None]:
    """The driver's errors as SQLAlchemy raises them; a connection that is gone leaves the pool."""
    try:
        yield
    except psycopg.Error as error:
        is_lost = _is_lost(connection, error)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, psycopg.Error, connection_invalidated=is_lost, dialect=connection.dialect
        ) from error


def _is_lost(connection: Connection, error: psycopg.Error) -> bool:
    """Whether the connection can't be used any more: closed, shut down by the server, or torn in mid-pipeline."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection) or driver.closed:
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
