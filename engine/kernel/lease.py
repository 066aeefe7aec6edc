"""The connection of one unit of work: hand-written SQL goes down its line, SQLAlchemy gets it when somebody asks.

Nothing of SQLAlchemy but its pool lies between a statement of the hot path and the server. Errors are its errors all
the same.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from engine.kernel.line import BEGIN, COMMIT, ROLLBACK, Answer, Command, Driver, Line, Rows

T = TypeVar("T")

_LINE = "schoolflow line"
_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
_WHOLE = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class Lease:
    """A connection taken from the pool until ``close``. Raises: DBAPIError when there is none to be had."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        try:
            self._pooled = engine.raw_connection()
        except psycopg.Error as error:
            raise self._error("connect", error, is_lost=isinstance(error, psycopg.OperationalError)) from error
        driver = self._pooled.driver_connection
        assert isinstance(driver, psycopg.Connection)
        self._driver: Driver = driver
        line: Line | None = self._pooled.info.get(_LINE)
        if line is None:
            line = self._pooled.info[_LINE] = Line(driver)
        self._line = line
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The same connection as SQLAlchemy's, in the same transaction. Raises: OperationalError when it is gone."""
        if self._connection is None:
            if self.is_lost:
                raise self._error("begin", psycopg.OperationalError("the connection is lost"), is_lost=True)
            self._connection = Connection(self.engine, self._pooled)
            self._connection.begin()  # once it is lost, it does not go on with another
        return self._connection

    def send(self, commands: Sequence[Command]) -> Rows:
        """The rows of the last command; the transaction begins on the way when none is open.

        Raises: DBAPIError for the first that fails; what follows it was not run.
        """
        return self._sent(self._line.trip, commands) if commands else []

    def send_for(self, commands: Sequence[Command], number: int) -> list[Answer]:
        """Like ``send``, the answer to each of the last so many. Raises: DBAPIError for the first that fails."""
        return self._sent(lambda begun: self._line.trip_for(begun, number), commands)

    def table(self, commands: Sequence[Command]) -> Answer:
        """Like ``send``, with the names of the columns. Raises: DBAPIError for the first that fails."""
        return self._sent(self._line.table, commands)

    def look_up(self, question: Command) -> Rows:
        """The rows of one statement outside any transaction. Raises: DBAPIError."""
        return self._tried(self._line.trip, [question])

    def commit(self, posted: Sequence[Command]) -> None:
        """Send what was posted and the end of the transaction in one trip.

        Raises: DBAPIError; InvalidRequestError when a statement failed before: the server would undo everything and
            call it done.
        """
        status = self._driver.pgconn.transaction_status
        if status == TransactionStatus.INERROR:
            raise InvalidRequestError(
                "expected a transaction without errors to commit, found one with a failed statement"
            )
        if posted or status != TransactionStatus.IDLE:
            self._sent(self._line.trip, [*posted, COMMIT])
        if self._connection is not None:
            self._connection.commit()

    def roll_back(self) -> None:
        """Past the driver, which would drop all prepared statements after it. A connection that is gone needs none."""
        if self._driver.closed:
            self._invalidate()
        elif self._driver.pgconn.transaction_status in _OPEN:
            with suppress(DBAPIError):
                self._sent(self._line.trip, [ROLLBACK])

    def close(self) -> None:
        """Give the connection back; one whose transaction could not be ended leaves the pool."""
        if self._driver.pgconn.transaction_status != TransactionStatus.IDLE:
            self._invalidate()
        (self._pooled if self._connection is None else self._connection).close()

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return self._pooled.dbapi_connection is None

    @property
    def is_broken(self) -> bool:
        """Whether a statement of the transaction failed at the server, or the connection is gone."""
        return self.is_lost or self._driver.pgconn.transaction_status not in _WHOLE

    def _sent(self, trip: Callable[[Sequence[Command]], T], commands: Sequence[Command]) -> T:
        if self._driver.pgconn.transaction_status == TransactionStatus.IDLE:
            commands = [BEGIN, *commands]
        return self._tried(trip, commands)

    def _tried(self, trip: Callable[[Sequence[Command]], T], commands: Sequence[Command]) -> T:
        try:
            return trip(commands)
        except psycopg.Error as error:
            is_lost = _ends_connection(self._driver, error)
            if is_lost:
                self._invalidate(error)
            raise self._error(commands[0].sql, error, is_lost=is_lost) from error

    def _invalidate(self, error: psycopg.Error | None = None) -> None:
        """It leaves the pool, if it has not yet."""
        if not self.is_lost:
            (self._pooled if self._connection is None else self._connection).invalidate(error)

    def _error(self, sql: str, error: psycopg.Error, *, is_lost: bool) -> BaseException:
        """The driver's error as SQLAlchemy raises it."""
        return DBAPIError.instance(
            sql, None, error, psycopg.Error, connection_invalidated=is_lost, dialect=self.engine.dialect
        )


def _ends_connection(driver: Driver, error: psycopg.Error) -> bool:
    """Whether the connection can't be used any more: closed, shut down by the server, or torn in mid-pipeline."""
    if driver.closed:
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
