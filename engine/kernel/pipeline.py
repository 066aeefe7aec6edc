"""Several statements in one trip to the server (psycopg's pipeline), for the few transactions that are run all day.

Hand-written SQL only: no result machinery of SQLAlchemy lies between. Errors are its errors all the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Parameters = Mapping[str, Any]
Posted = tuple[str, Parameters]
Driver = psycopg.Connection[tuple[Any, ...]]


def query(connection: Connection, posted: list[Posted], sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """The posted statements, then this one: its rows. Opens the transaction on the way when none is open."""
    with trip(connection, posted, sql) as driver:
        return driver.execute(sql, parameters, prepare=True).fetchall()


def send(connection: Connection, posted: list[Posted]) -> None:
    """The posted statements; returns when the server has run them."""
    if posted:
        with trip(connection, posted):
            pass


def is_open(connection: Connection) -> bool:
    """Whether the server knows of this transaction yet: it begins with the first statement."""
    driver = connection.connection.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.info.transaction_status is not TransactionStatus.IDLE


@contextmanager
def trip(connection: Connection, posted: list[Posted], sql: str | None = None) -> Iterator[Driver]:
    """One way to the server and back: the posted statements go first, then what the caller does with the driver.

    ``sql`` names the caller's statement in errors; without it the first posted one does.
    """
    driver = _driver(connection)
    named = sql or (posted[0][0] if posted else "COMMIT")
    with _errors_of(connection, named), driver.pipeline():
        statements, posted[:] = list(posted), []
        for statement, parameters in statements:
            driver.execute(statement, parameters, prepare=True)
        yield driver


def _driver(connection: Connection) -> Driver:
    if not connection.in_transaction():
        connection.begin()
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


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
    if not isinstance(error, psycopg.OperationalError) or isinstance(error, psycopg.errors.PipelineAborted):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
