"""Trips below the driver's cursors: order, errors, statements that the server dropped, large values."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DataError, ProgrammingError

from engine.kernel.actor import SYSTEM
from engine.kernel.line import KEPT, Command
from engine.kernel.uow import Boundary, Tx


def test_values_come_back_as_they_were_sent(boundary: Boundary) -> None:
    sent = {
        "a": UUID(int=7), "b": "校区 100%", "c": None, "d": 5, "e": True, "f": b"\x00\xff", "g": Decimal("1.50"),
        "h": datetime(2026, 9, 1, 8, tzinfo=UTC), "i": [UUID(int=1), UUID(int=2)],
    }  # fmt: skip
    sql = """select %(a)s, %(b)s::text, %(c)s::text, %(d)s, %(e)s, %(f)s, %(g)s, %(h)s, %(i)s, '100%%'"""
    rows = boundary.run(SYSTEM, lambda tx: tx.query(sql, sent))
    assert rows == [(*sent.values(), "100%")]


def test_mappings_name_the_columns(boundary: Boundary) -> None:
    sql = 'select n, n * %(by)s as "倍" from generate_series(1, 2) n'
    rows = boundary.run(SYSTEM, lambda tx: tx.mappings(sql, {"by": 3}))
    assert rows == [{"n": 1, "倍": 3}, {"n": 2, "倍": 6}]


def test_name_used_twice_is_one_parameter(boundary: Boundary) -> None:
    sql = "select n from generate_series(1, 5) n where n > %(low)s and n < %(low)s + %(more)s"
    assert boundary.run(SYSTEM, lambda tx: tx.query(sql, {"low": 1, "more": 3})) == [(2,), (3,)]


def test_first_failure_is_told_and_what_follows_is_not_run(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        tx.post("select 1 / %(n)s", {"n": 0})
        tx.post("select nothing", {})
        tx.query("select 1", {})

    with pytest.raises(DataError, match="division by zero"):
        boundary.run(SYSTEM, use_case)


def test_statement_that_cannot_be_prepared_leaves_the_line_usable(boundary: Boundary) -> None:
    with pytest.raises(ProgrammingError):
        boundary.run(SYSTEM, lambda tx: tx.query("select nothing", {}))
    assert boundary.run(SYSTEM, lambda tx: tx.query("select 1", {})) == [(1,)]


def test_value_that_cannot_be_sent_is_told_at_once_and_harms_nothing(boundary: Boundary) -> None:
    runs: list[int] = []

    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        runs.append(1)
        tx.post("create temporary table note (n int) on commit drop", {})
        tx.post("insert into note values (2)", {})
        with contextlib.suppress(DataError):
            tx.query("select %(text)s::text", {"text": "a\x00b"})
        return tx.query("select n from note", {})

    assert (boundary.run(SYSTEM, use_case), runs) == ([(2,)], [1])


def test_statements_the_server_dropped_are_prepared_again(boundary: Boundary) -> None:
    assert boundary.run(SYSTEM, lambda tx: tx.query("select 1", {})) == [(1,)]
    boundary.run(SYSTEM, lambda tx: tx.connection.exec_driver_sql("deallocate all"))
    assert boundary.run(SYSTEM, lambda tx: tx.query("select 1", {})) == [(1,)]


def test_use_case_that_fails_leaves_the_prepared_statements(boundary: Boundary) -> None:
    prepared = "select count(*) from pg_prepared_statements where name like 'line_%%'"

    def failing(tx: Tx) -> None:
        for number in range(5):  # often enough for the driver to prepare a statement of its own
            tx.connection.exec_driver_sql("select %(n)s::int", {"n": number})
        raise KeyError

    boundary.run(SYSTEM, lambda tx: tx.query("select 1", {}))
    before = boundary.run(SYSTEM, lambda tx: tx.query(prepared, {}))
    with contextlib.suppress(KeyError):
        boundary.run(SYSTEM, failing)
    ((number,),) = boundary.run(SYSTEM, lambda tx: tx.query(prepared, {}))
    assert number >= before[0][0]


def test_failed_savepoint_costs_no_second_run(boundary: Boundary) -> None:
    runs: list[int] = []

    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        runs.append(1)
        tx.query("select 1", {})
        for _ in range(5):  # often enough for the driver to prepare statements of its own
            with contextlib.suppress(KeyError), tx.savepoint():
                for number in range(5):
                    tx.connection.exec_driver_sql("select %(n)s::int", {"n": number})
                raise KeyError
        return tx.query("select 1", {})

    assert (boundary.run(SYSTEM, use_case), runs) == ([(1,)], [1])


def test_statements_kept_on_the_server_are_bounded(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> int:
        for number in range(KEPT + 50):
            tx.post(f"select {number}", {})
        rows = tx.query("select count(*) from pg_prepared_statements where name like 'line_%%'", {})
        return int(rows[0][0])

    assert boundary.run(SYSTEM, use_case) == KEPT


def test_large_values_go_both_ways_at_once(boundary: Boundary) -> None:
    text = "数" * 1_000_000

    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        for _ in range(3):
            tx.post("select %(text)s::text", {"text": text})
        return tx.query("select %(text)s::text", {"text": text})

    assert boundary.run(SYSTEM, use_case) == [(text,)]


def test_foreseen_answer_comes_with_the_next_query_and_is_asked_anew_after_a_write(boundary: Boundary) -> None:
    sql = "select clock_timestamp(), %(n)s"

    def use_case(tx: Tx) -> bool:
        tx.foresee(sql, {"n": 1})
        tx.query("select 1", {})
        ((between, _),) = tx.query(sql, {"n": 2})
        ((early, _),) = tx.query(sql, {"n": 1})
        ((again, _),) = tx.query(sql, {"n": 1})
        tx.post("select 1", {})
        ((late, _),) = tx.query(sql, {"n": 1})
        return bool(early < between and again == early and late > between)

    assert boundary.run(SYSTEM, use_case)


def test_foreseen_answer_comes_with_rows_by_column_and_has_their_names(boundary: Boundary) -> None:
    sql = "select clock_timestamp() as at, %(n)s as n"

    def use_case(tx: Tx) -> tuple[bool, list[str]]:
        tx.foresee(sql, {"n": 1})
        tx.mappings("select 1 as one", {})
        ((between, _),) = tx.query(sql, {"n": 2})
        (early,) = tx.mappings(sql, {"n": 1})
        tx.foresee(sql, {"n": 1})
        tx.query("select 1", {})
        (again,) = tx.mappings(sql, {"n": 1})
        return early["at"] < between and again == early, list(early)

    assert boundary.run(SYSTEM, use_case) == (True, ["at", "n"])


def test_foreseen_answer_of_a_savepoint_is_forgotten_with_it(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        tx.query("create temporary table note (n int) on commit drop", {})
        with contextlib.suppress(KeyError), tx.savepoint():
            tx.post("insert into note values (1)", {})
            tx.foresee("select count(*) from note", {})
            tx.query("select 1", {})
            raise KeyError
        return tx.query("select count(*) from note", {})

    assert boundary.run(SYSTEM, use_case) == [(0,)]


def test_foreseen_question_that_is_asked_first_is_asked_once(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        tx.foresee("select 7", {})
        return tx.query("select 7", {})

    assert boundary.run(SYSTEM, use_case) == [(7,)]


def test_look_up_answers_and_tells_its_error(boundary: Boundary) -> None:
    assert boundary.look_up(Command("select %(n)s, '校区'", {"n": 3})) == [(3, "校区")]
    with pytest.raises(DataError, match="division by zero"):
        boundary.look_up(Command("select 1 / %(n)s", {"n": 0}))
    assert boundary.look_up(Command("select %(n)s, '校区'", {"n": 4})) == [(4, "校区")]


def test_look_up_is_asked_again_when_its_connection_was_lost(boundary: Boundary, owner_url: str) -> None:
    boundary.look_up(Command("select 1"))
    engine = create_engine(owner_url)
    with engine.begin() as other:
        killed = other.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and backend_type = 'client backend'"
        ).all()
    engine.dispose()
    assert (len(killed), boundary.look_up(Command("select 1"))) == (1, [(1,)])
