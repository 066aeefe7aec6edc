"""Cuts connections to the database under the statement that is about to be sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy import event

from engine.kernel.line import Command, Line, Rows
from engine.kernel.uow import Unavailable

T = TypeVar("T")


@dataclass
class Scissors:
    """Cuts the connection under the statement when the count reaches nought; those to other databases are let be."""

    left: int | None = None
    database: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, connection: psycopg.Connection[Any]) -> None:
        if connection.info.dbname == self.database and self._is_time():
            with psycopg.connect(connection.info.dsn, password=connection.info.password) as other:
                other.execute("select pg_terminate_backend(%s, 1000)", [connection.info.backend_pid])

    def _is_time(self) -> bool:
        with self.lock:
            if self.left is None:
                return False
            self.left = self.left - 1 if self.left else None
            return self.left is None


scissors = Scissors()


class CutCursor(psycopg.Cursor[Any]):
    """A real cursor under the scissors."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        scissors.before(self.connection)
        return super().execute(query, params, **options)


@contextmanager
def cutting(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The world on connections that can be cut: before a cursor's statement, before a trip of the line."""
    whole = Line.trip

    def trip(line: Line, commands: Sequence[Command]) -> Rows:
        scissors.before(line.driver)
        return whole(line, commands)

    monkeypatch.setattr(Line, "trip", trip)
    scissors.database = world.boundary.engine.url.database

    def prepare(connection: Any, _record: object) -> None:
        connection.cursor_factory = CutCursor

    event.listen(world.boundary.engine, "connect", prepare)
    world.boundary.engine.dispose()
    yield world
    scissors.left = None


def again(action: Callable[[], T]) -> T:
    """What a person does who is told that nothing is known to be saved: once more. The cut came before the commit."""
    try:
        return action()
    except Unavailable:
        return action()


def torn(action: Callable[[], object], drain: Callable[[], object], seed: int) -> None:
    """What is done and what comes of it, while a connection is cut somewhere or nowhere; each once more if told."""
    scissors.left = seed % 40 if seed % 3 else None
    try:
        again(action)
        scissors.left = seed % 25 if seed % 5 else None
        again(drain)
    finally:
        scissors.left = None
