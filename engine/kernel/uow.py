"""The unit of work: one request or job = one transaction of one actor. Nothing else commits."""

import logging
import random
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable
from sqlalchemy.exc import DBAPIError

from engine.kernel import history
from engine.kernel.actor import Actor
from engine.kernel.clock import Clock
from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text

log = logging.getLogger(__name__)
T = TypeVar("T")

_ATTEMPTS = 6
_RERUN_SQLSTATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected


class Drain(StrEnum):
    """A table of due rows that a worker empties when woken."""

    OUTBOX = "outbox"
    INBOX = "inbox"
    TIMERS = "timers"
    STEPS = "steps"
    BACKGROUND = "background"


class Waker(Protocol):
    """Tells the workers that there is something to drain. May lose a wake-up: the sweeper finds what is left."""

    def wake(self, drains: frozenset[Drain]) -> None:
        """Called after the commit."""


class SilentWaker:
    """Wakes nobody: for embedding and for tests that drain by themselves."""

    def wake(self, drains: frozenset[Drain]) -> None:
        """Does nothing."""


class Unavailable(SchoolflowError):
    """The database went away in the middle of the work; nothing is known to be saved."""

    status = 503
    default_code = "unavailable"
    default_message = Text("数据库暂时不可用，请稍后重试", "The database is not available; try again shortly")


class Tx:
    """One transaction for one actor. ``memo`` holds what a room has already read in it."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.memo: dict[Hashable, Any] = {}
        self.drains: set[Drain] = set()
        self._events: list[tuple[Actor, history.Event]] = []

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs one statement in this transaction."""
        return self.connection.execute(statement, parameters)

    def record(self, event: history.Event) -> None:
        """Appends to the history, in the same commit."""
        self._events.append((self.actor, event))

    def wake(self, drain: Drain) -> None:
        """Asks for a worker after the commit."""
        self.drains.add(drain)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is written inside is undone when an exception leaves it; history and wake-ups too."""
        events = len(self._events)
        drains = set(self.drains)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self._events[events:]
            self.drains = drains
            raise

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """The same transaction with another actor: a process's principal, say."""
        before, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = before

    def flush_history(self) -> None:
        """Writes the events recorded so far; the boundary does it before it commits."""
        if self._events:
            history.append(self.connection, self._events, self.now)
            self._events = []


class Boundary:
    """Where transactions begin and end. Built once in a program."""

    def __init__(self, engine: Engine, clock: Clock, waker: Waker) -> None:
        self.engine = engine
        self.clock = clock
        self.waker = waker

    def run(self, actor: Actor, use_case: Callable[[Tx], T]) -> T:
        """The use-case's result, committed. It may be run again when the database could not serialize it.

        Raises: whatever the use-case raises, with everything rolled back; Unavailable when the connection is lost.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._once(actor, use_case)
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise Unavailable from error
                if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _RERUN_SQLSTATES:
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(self, actor: Actor, use_case: Callable[[Tx], T]) -> T:
        with self.engine.connect() as connection:
            tx = Tx(connection, actor, self.clock.now())
            result = use_case(tx)
            tx.flush_history()
            connection.commit()
        if tx.drains:
            self._wake(frozenset(tx.drains))
        return result

    def _wake(self, drains: frozenset[Drain]) -> None:
        try:
            self.waker.wake(drains)
        except Exception:
            log.exception("could not wake the workers for %s; the sweeper will", sorted(drains))
