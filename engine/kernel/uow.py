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
from engine.kernel.errors import Replaced, SchoolflowError
from engine.kernel.lease import Lease
from engine.kernel.line import GONE, Answer, Command, Parameters, Rows
from engine.kernel.text import Text

log = logging.getLogger(__name__)
T = TypeVar("T")

_ATTEMPTS = 6
_RERUN_SQLSTATES = {"40001", "40P01", GONE}  # serialization_failure, deadlock_detected
_OUT_OF_RESOURCES = "53"  # disk full, out of memory, too many connections


class Drain(StrEnum):
    """A table of due rows that a worker empties when woken."""

    OUTBOX = "outbox"
    INBOX = "inbox"
    TIMERS = "timers"
    STEPS = "steps"
    BACKGROUND = "background"


class Waker(Protocol):
    """Tells the workers that there is something to drain. May lose a wake-up: the sweeper finds what is left."""

    def wake(self, drains: frozenset[Drain]) -> bool:
        """Called after the commit. False when nobody could be told."""


class SilentWaker:
    """Wakes nobody: for embedding and for tests that drain by themselves."""

    def wake(self, drains: frozenset[Drain]) -> bool:
        """Does nothing."""
        return True


class Unavailable(SchoolflowError):
    """The database went away in the middle of the work; nothing is known to be saved."""

    status = 503
    default_code = "unavailable"
    default_message = Text("数据库暂时不可用，请稍后重试", "The database is not available; try again shortly")


class Tx:
    """One transaction for one actor. ``memo`` holds what a room has already read in it."""

    def __init__(self, lease: Lease, actor: Actor, now: datetime) -> None:
        self._lease = lease
        self.actor = actor
        self.now = now
        self.memo: dict[Hashable, Any] = {}
        self.drains: set[Drain] = set()
        self._events: list[tuple[Actor, history.Event]] = []
        self._posted: list[Command] = []
        self._expected: list[Command] = []
        self._foreseen: list[tuple[Command, Answer]] = []
        self._depth = 0

    @property
    def connection(self) -> Connection:
        """The connection, after what was posted has been written. Ask for it each time; do not keep it."""
        self._foreseen.clear()
        if self._posted:
            self._send()
        return self._lease.connection

    @property
    def engine(self) -> Engine:
        """The database; what is cached of it in this process is kept by this key."""
        return self._lease.engine

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs one statement in this transaction."""
        return self.connection.execute(statement, parameters)

    def query(self, sql: str, parameters: Parameters) -> Rows:
        """The rows of hand-written SQL; goes out together with what was posted and with the transaction's begin."""
        command = Command(sql, parameters)
        answer = self._answered(command)
        return self._send(command) if answer is None else answer.rows

    def foresee(self, sql: str, parameters: Parameters) -> None:
        """Ask along with the next query what a later one will ask, which then costs no trip. For what only reads or
        locks; any write in between has it asked anew.
        """
        command = Command(sql, parameters)
        if all(known != command for known, _ in self._foreseen):
            self._expected.append(command)

    def mappings(self, sql: str, parameters: Parameters) -> list[dict[str, Any]]:
        """Like ``query``, each row as a mapping of its columns. For statements of few different texts: each is kept
        prepared, and costs a quarter of what it costs through SQLAlchemy.
        """
        command = Command(sql, parameters)
        names, rows = self._answered(command) or self._sent(self._lease.table, [command])
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _answered(self, command: Command) -> Answer | None:
        """What was foreseen, else the answer that brings along what is expected; None when nothing is expected."""
        for known, answer in self._foreseen:
            if known == command:
                return answer
        if not self._expected:
            return None
        expected = [one for one in self._expected if one != command]
        self._expected = []
        first, *rest = self._sent(lambda asked: self._lease.send_for(asked, len(expected) + 1), [command, *expected])
        self._foreseen += zip(expected, rest, strict=True)
        return first

    def post(self, sql: str, parameters: Parameters) -> None:
        """Write with hand-written SQL and without an answer: sent with the next statement or with the commit."""
        self._foreseen.clear()
        self._posted.append(Command(sql, parameters))

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
        self._depth += 1
        name = f"inside_{self._depth}"
        start = Command(f"SAVEPOINT {name}")
        self._posted.append(start)
        try:
            yield
            self._release(start, name)
        except BaseException:
            del self._events[events:]
            self.drains = drains
            self._undo(start, name)
            raise
        finally:
            self._depth -= 1

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
            history.append(self.post, self._events, self.now)
            self._events = []

    def commit(self) -> None:
        """Ends the transaction: everything posted goes out together with the commit. For the boundary only."""
        self._sent(self._lease.commit, ())

    def _release(self, start: Command, name: str) -> None:
        """What was posted inside is sent now, so that its errors are errors of the savepoint."""
        release = Command(f"RELEASE SAVEPOINT {name}")
        if self._posted and self._posted[-1] is start:
            self._posted.pop()
        elif self._posted:
            self._send(release)
        else:
            self._posted.append(release)

    def _undo(self, start: Command, name: str) -> None:
        unsent = next((place for place, command in enumerate(self._posted) if command is start), None)
        if unsent is not None:
            del self._posted[unsent:]
            return
        self._posted.clear()
        self._foreseen.clear()
        if not self._lease.is_lost:
            self._lease.send([Command(f"{word} SAVEPOINT {name}") for word in ("ROLLBACK TO", "RELEASE")])

    def _send(self, *last: Command) -> Rows:
        return self._sent(self._lease.send, last)

    def _sent(self, send: Callable[[Sequence[Command]], T], last: Sequence[Command]) -> T:
        posted, self._posted = self._posted, []
        try:
            return send([*posted, *last])
        except DBAPIError:
            if not self._lease.is_broken:  # a value could not be written: nothing was sent
                self._posted = posted
            raise


class Boundary:
    """Where transactions begin and end. Built once in a program."""

    def __init__(self, engine: Engine, clock: Clock, waker: Waker) -> None:
        self.engine = engine
        self.clock = clock
        self.waker = waker

    def run(self, actor: Actor, use_case: Callable[[Tx], T]) -> T:
        """The use-case's result, committed.

        It may be run again: when the database could not serialize it, when what it reads has been replaced meanwhile,
        or when the connection was lost before the commit.

        Raises: whatever the use-case raises, with everything rolled back; Unavailable when the connection is lost or
            the server has no room.
        """
        return self._again(lambda: self._once(actor, use_case))

    def look_up(self, question: Command) -> Rows:
        """The rows of one statement that only reads: one trip, because no transaction has to be ended.

        Raises: DBAPIError; Unavailable when the connection is lost or the server has no room.
        """
        return self._again(lambda: self._looked_up(question))

    def _again(self, once: Callable[[], T]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return once()
            except Replaced:
                if attempt == _ATTEMPTS:
                    raise
            except DBAPIError as error:
                is_last = attempt == _ATTEMPTS
                if error.connection_invalidated and is_last:
                    raise Unavailable from error
                sqlstate = getattr(error.orig, "sqlstate", None)
                if (sqlstate or "").startswith(_OUT_OF_RESOURCES):
                    raise Unavailable from error
                if is_last or not (error.connection_invalidated or sqlstate in _RERUN_SQLSTATES):
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(self, actor: Actor, use_case: Callable[[Tx], T]) -> T:
        lease = Lease(self.engine)
        try:
            tx = Tx(lease, actor, self.clock.now())
            result = use_case(tx)
            tx.flush_history()
            self._commit(tx)
        except BaseException:
            lease.roll_back()
            raise
        finally:
            lease.close()
        if tx.drains:
            self._wake(frozenset(tx.drains))
        return result

    def _looked_up(self, question: Command) -> Rows:
        lease = Lease(self.engine)
        try:
            return lease.look_up(question)
        except BaseException:
            lease.roll_back()
            raise
        finally:
            lease.close()

    def _commit(self, tx: Tx) -> None:
        try:
            tx.commit()
        except DBAPIError as error:
            if error.connection_invalidated:  # committed or not: nobody knows, so it is not run again
                raise Unavailable from error
            raise

    def _wake(self, drains: frozenset[Drain]) -> None:
        try:
            self.waker.wake(drains)
        except Exception:
            log.exception("could not wake the workers for %s; the sweeper will", sorted(drains))
