"""The line to the server below the driver's cursors: prepared statements, several in one trip (libpq's pipeline mode).

A cursor of psycopg costs 100 to 250 µs of interpreter time a statement, its pipelines more; the few statements that are
run all day do without. Parameters and rows are converted by psycopg, so they mean the same as anywhere else.
"""

import re
import select
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus

Driver = psycopg.Connection[tuple[Any, ...]]
Parameters = Mapping[str, Any]
Rows = list[tuple[Any, ...]]

KEPT = 200
GONE = "26000"
"""SQLSTATE of a prepared statement that is not there: the driver drops all of a connection after a rollback."""
_PLACE = re.compile(r"%\((\w+)\)s|%%")


class Command(NamedTuple):
    """One statement with its parameters, `%(name)s` in the text."""

    sql: str
    parameters: Parameters = {}


class Answer(NamedTuple):
    """Names of the columns and rows of a statement."""

    names: tuple[str, ...]
    rows: Rows


BEGIN, COMMIT, ROLLBACK = Command("BEGIN"), Command("COMMIT"), Command("ROLLBACK")


class _Text(NamedTuple):
    """SQL as the server reads it; names of its parameters in the order of their first use."""

    sql: bytes
    names: tuple[str, ...]
    formats: list[PyFormat]


_Key = tuple[str, tuple[int, ...]]
"""A prepared statement: its text and the types of its parameters."""


class _Message(NamedTuple):
    key: _Key
    sql: bytes
    values: Sequence[Any]
    formats: Sequence[int]


class Line:
    """One connection's. Not for two threads at once, as the connection itself."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._pgconn = driver.pgconn
        self._encoding = driver.info.encoding
        self._dumping, self._loading = Transformer(driver), Transformer(driver)
        self._names: OrderedDict[_Key, bytes] = OrderedDict()
        self._count = 0
        self._answered, self._moving = select.poll(), select.poll()
        self._answered.register(self._pgconn.socket, select.POLLIN)
        self._moving.register(self._pgconn.socket, select.POLLIN | select.POLLOUT)

    def trip(self, commands: Sequence[Command]) -> Rows:
        """Run them all in one trip; the rows of the last.

        Raises: psycopg.Error of the first that failed; those after it were not run.
        """
        return self._rows(self._run(commands)[-1])

    def trip_for(self, commands: Sequence[Command], number: int) -> list[Answer]:
        """Like ``trip``, the answer to each of the last so many."""
        return [self._answer(found) for found in self._run(commands)[-number:]]

    def table(self, commands: Sequence[Command]) -> Answer:
        """Like ``trip``, with the names of the columns."""
        return self._answer(self._run(commands)[-1])

    def _run(self, commands: Sequence[Command]) -> list[pq.abc.PGresult]:
        """The answer to each command."""
        pgconn = self._pgconn
        ready = [self._ready(command) for command in commands]  # a value that can't be sent harms nothing yet
        pgconn.enter_pipeline_mode()
        try:
            sent = [self._send(message) for message in ready]
            asked = [part for parts in sent for part in parts]
            pgconn.pipeline_sync()
            self._flush()
            answers = self._answers(len(asked))
        except BaseException:
            pgconn.finish()  # what is still on its way would be taken for answers of the next trip
            raise
        pgconn.exit_pipeline_mode()
        self._check(asked, answers)
        return [answers[end - 1] for end in accumulate(map(len, sent))]

    def forget(self) -> None:
        """The server keeps no statements of this connection any more."""
        self._names.clear()

    def _ready(self, command: Command) -> _Message:
        text = _parsed(command.sql)
        given = command.parameters
        values = self._dumping.dump_sequence([given[name] for name in text.names], text.formats)
        key = (command.sql, tuple(self._dumping.types or ()))
        return _Message(key, text.sql, values, list(self._dumping.formats or ()))

    def _send(self, message: _Message) -> list[_Key | None]:
        """What was sent: for each message that has an answer the statement it prepares, else None; the last runs it."""
        sent: list[_Key | None] = []
        key = message.key
        name = self._names.get(key)
        if name is None:
            if len(self._names) >= KEPT and self._pgconn.transaction_status != TransactionStatus.INERROR:
                self._pgconn.send_query_params(b"DEALLOCATE " + self._names.popitem(last=False)[1], None)
                sent.append(None)
            self._count += 1
            name = self._names[key] = b"line_%d" % self._count
            self._pgconn.send_prepare(name, message.sql, key[1])
            sent.append(key)
        else:
            self._names.move_to_end(key)
        self._pgconn.send_query_prepared(name, message.values, message.formats)
        sent.append(None)
        return sent

    def _flush(self) -> None:
        pgconn = self._pgconn
        while pgconn.flush():
            ((_, events),) = self._moving.poll()  # other threads run meanwhile
            if events & select.POLLIN:
                pgconn.consume_input()

    def _answers(self, number: int) -> list[pq.abc.PGresult]:
        """One result for each message, and after them the end of the pipeline. Each is followed by a null."""
        pgconn, found = self._pgconn, list[pq.abc.PGresult]()
        is_over = False
        while True:
            while pgconn.is_busy():
                self._answered.poll()
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC and len(found) == number:
                return found
            if result is None and is_over:
                raise psycopg.OperationalError("expected an answer from the server, found none")
            is_over = result is None
            if result is not None:
                found.append(result)

    def _check(self, asked: Sequence[_Key | None], answers: Sequence[pq.abc.PGresult]) -> None:
        failed: psycopg.Error | None = None
        for key, answer in zip(asked, answers, strict=True):
            if answer.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                continue
            if key is not None:
                self._names.pop(key, None)
            if failed is None and answer.status == ExecStatus.FATAL_ERROR:
                failed = errors.error_from_result(answer, encoding=self._encoding)
        if failed is None:
            return
        if failed.sqlstate == GONE:
            self.forget()
        raise failed

    def _answer(self, found: pq.abc.PGresult) -> Answer:
        names = [(found.fname(place) or b"").decode(self._encoding) for place in range(found.nfields)]
        return Answer(tuple(names), self._rows(found))

    def _rows(self, answer: pq.abc.PGresult) -> Rows:
        if answer.status != ExecStatus.TUPLES_OK:
            return []
        self._loading.set_pgresult(answer)
        return self._loading.load_rows(0, answer.ntuples, tuple)


@lru_cache(maxsize=2048)
def _parsed(sql: str) -> _Text:
    places: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "%"
        return f"${places.setdefault(name, len(places) + 1)}"

    text = _PLACE.sub(numbered, sql).encode()
    return _Text(text, tuple(places), [PyFormat.AUTO] * len(places))
