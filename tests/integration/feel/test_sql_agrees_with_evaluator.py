"""Random conditions: PostgreSQL must choose exactly the rows for which the evaluator says true, nulls included."""

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection, create_engine, text

from engine.feel import FeelEnv, SqlColumn, SqlValue, Value, compile_expression, to_sql

ENV = FeelEnv(now=datetime(2026, 3, 1, 8, tzinfo=UTC))
COLUMNS = {
    "n": ("number", "numeric", [None, Decimal(0), Decimal("2.5"), Decimal(-3), Decimal(7)]),
    "m": ("number", "numeric", [None, Decimal(0), Decimal(7), Decimal(2)]),
    "s": ("string", "text", [None, "", "a", "B", "中文", "ab"]),
    "b": ("boolean", "boolean", [None, True, False]),
    "d": ("date", "date", [None, date(2026, 3, 1), date(2025, 1, 31)]),
    "t": (
        "date and time",
        "timestamptz",
        [None, datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)],
    ),
}
KNOWN: dict[str, Value] = {"user": {"limit": Decimal(2), "names": ["a", None], "nobody": None}}
CONSTANTS = {
    "number": ["0", "2.5", "-3", "7", "user.limit", "null"],
    "string": ['"a"', '"B"', '""', '"中文"', "user.nobody"],
    "date": ["today()", 'date("2025-01-31")', 'today() - duration("P1M")'],
    "date and time": ["now()", '@"2020-01-01T08:00:00+08:00"'],
    "boolean": ["true", "false", "null"],
}


class Writer:
    """Writes random conditions of the subset."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, options: list[str]) -> str:
        return self.random.choice(options)

    def operand(self, kind: str, depth: int) -> str:
        names = [name for name, column in COLUMNS.items() if column[0] == kind]
        if kind == "number" and depth > 0 and self.random.random() < 0.3:
            left, right = self.operand(kind, depth - 1), self.operand(kind, depth - 1)
            return self.pick(
                [f"({left} {self.pick(['+', '-', '*'])} {right})", f"({left} / {self.pick(['m', '4', '0'])})"]
            )
        if kind == "string" and depth > 0 and self.random.random() < 0.2:
            return f"({self.operand(kind, 0)} + {self.operand(kind, 0)})"
        return self.pick(names * 2 + CONSTANTS[kind])

    def atom(self, depth: int) -> str:
        kind = self.pick(["number", "number", "string", "date", "date and time"])
        a, b, c = (self.operand(kind, depth) for _ in range(3))
        brackets = self.pick(["[]", "()", "[)", "(]"])
        return self.pick(
            [
                f"{a} {self.pick(['=', '!=', '<', '<=', '>', '>='])} {b}",
                f"{a} {self.pick(['=', '!='])} null",
                f"{a} between {b} and {c}",
                f"{a} in ({b}, {c})",
                f"{a} in [{b}, {c}]",
                f"{a} in (< {b}, {c})",
                f"{a} in {brackets[0]}{b}..{c}{brackets[1]}",
                "s in user.names",
                'contains(s, "a")',
                'starts with(s, "a") or ends with(s, "b")',
                "string length(s) > 1",
                f"b {self.pick(['=', '!='])} {self.operand('boolean', 0)}",
                "b",
            ]
        )

    def condition(self, depth: int) -> str:
        if depth == 0:
            return self.atom(1)
        left, right = self.condition(depth - 1), self.condition(depth - 1)
        return self.pick(
            [
                f"({left} and {right})",
                f"({left} or {right})",
                f"not({left})",
                f"(if {left} then {right} else b)",
                self.atom(2),
            ]
        )


@pytest.fixture
def rows(database_url: str) -> Iterator[tuple[Connection, list[dict[str, Value]]]]:
    """A temporary table with many combinations of values, and the same rows in Python."""
    picker = random.Random(4)
    combinations = list(itertools.product(*(column[2] for column in COLUMNS.values())))
    chosen = [dict(zip(COLUMNS, row, strict=True)) for row in picker.sample(combinations, 150)]
    engine = create_engine(database_url)
    with engine.connect() as connection:
        columns = ", ".join(f"{name} {column[1]}" for name, column in COLUMNS.items())
        connection.execute(text(f"CREATE TEMPORARY TABLE t (id int, {columns})"))
        insert = text(f"INSERT INTO t VALUES (:id, {', '.join(f':{name}' for name in COLUMNS)})")
        connection.execute(insert, [{"id": number, **row} for number, row in enumerate(chosen)])
        yield connection, chosen
    engine.dispose()


def resolve(path: tuple[str, ...]) -> SqlColumn | SqlValue | None:
    if path[0] == "user":
        return SqlValue(KNOWN["user"][path[1]])
    return SqlColumn(f"t.{path[0]}", COLUMNS[path[0]][0]) if path[0] in COLUMNS else None


def test_sql_agrees_with_evaluator_on_random_conditions(
    rows: tuple[Connection, list[dict[str, Value]]],
) -> None:
    connection, records = rows
    writer = Writer(20260301)
    for _ in range(1200):
        condition = writer.condition(writer.random.randint(0, 3))
        expression = compile_expression(condition, names=(*COLUMNS, "user"))
        translated = to_sql(expression, resolve, ENV)
        query = text(f"SELECT id FROM t WHERE {translated.sql} ORDER BY id")
        chosen = list(connection.execute(query, dict(translated.parameters)).scalars())
        expected = [n for n, row in enumerate(records) if expression.evaluate({**KNOWN, **row}, ENV) is True]
        assert chosen == expected, condition


def test_negated_sql_agrees_with_evaluator_on_null(rows: tuple[Connection, list[dict[str, Value]]]) -> None:
    connection, records = rows
    translated = to_sql(compile_expression("not(b)"), resolve, ENV)
    count = connection.execute(text(f"SELECT count(*) FROM t WHERE {translated.sql}"), dict(translated.parameters))
    assert count.scalar_one() == sum(row["b"] is False for row in records)
