"""The boundary: one commit, reruns, savepoints, wake-ups after the commit."""

import contextlib
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, InvalidRequestError, OperationalError

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict
from engine.kernel.history import Event
from engine.kernel.lease import Lease
from engine.kernel.line import Command
from engine.kernel.uow import Boundary, Drain, Tx, Unavailable


class _Bell:
    def __init__(self) -> None:
        self.rings: list[frozenset[Drain]] = []

    def wake(self, drains: frozenset[Drain]) -> bool:
        self.rings.append(drains)
        return True


def _count(boundary: Boundary) -> int:
    with boundary.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM history")).scalar_one())


def test_run_commits_and_wakes_after(boundary: Boundary) -> None:
    bell = boundary.waker = _Bell()

    def use_case(tx: Tx) -> str:
        tx.record(Event("thing:made", ("thing", "1")))
        tx.wake(Drain.OUTBOX)
        return "done"

    assert boundary.run(SYSTEM, use_case) == "done"
    assert (_count(boundary), bell.rings) == (1, [frozenset({Drain.OUTBOX})])


def test_run_rolls_everything_back_when_the_use_case_raises(boundary: Boundary) -> None:
    bell = boundary.waker = _Bell()

    def use_case(tx: Tx) -> None:
        tx.record(Event("thing:made", ("thing", "1")))
        tx.flush_history()
        tx.wake(Drain.OUTBOX)
        raise Conflict

    with pytest.raises(Conflict):
        boundary.run(SYSTEM, use_case)
    assert (_count(boundary), bell.rings) == (0, [])


def test_savepoint_undoes_history_and_wakes(boundary: Boundary) -> None:
    bell = boundary.waker = _Bell()

    def use_case(tx: Tx) -> None:
        tx.record(Event("kept", ("thing", "1")))
        try:
            with tx.savepoint():
                tx.record(Event("undone", ("thing", "1")))
                tx.wake(Drain.TIMERS)
                raise Conflict
        except Conflict:
            tx.wake(Drain.INBOX)

    boundary.run(SYSTEM, use_case)
    with boundary.engine.connect() as connection:
        actions = connection.execute(text("SELECT action FROM history")).scalars().all()
    assert (actions, bell.rings) == (["kept"], [frozenset({Drain.INBOX})])


def test_run_again_after_a_deadlock(boundary: Boundary, owner_url: str) -> None:
    with boundary.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO file_content (sha256, bytes) VALUES ('\\x01', '\\x00'), ('\\x02', '\\x00')")
        )
    meet = threading.Barrier(2, timeout=20)
    runs: list[int] = []

    def crossing(first: str, second: str) -> None:
        tries = 0

        def use_case(tx: Tx) -> None:
            nonlocal tries
            tries += 1
            lock = text("SELECT 1 FROM file_content WHERE sha256 = decode(:key, 'hex') FOR UPDATE")
            tx.execute(lock, {"key": first})
            if tries == 1:
                meet.wait()
            tx.execute(lock, {"key": second})
            tx.record(Event("crossed", ("thing", first)))

        boundary.run(SYSTEM, use_case)
        runs.append(tries)

    threads = [threading.Thread(target=crossing, args=pair) for pair in (("01", "02"), ("02", "01"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(runs), _count(boundary)) == ([1, 2], 2)


def test_lost_connection_is_a_clear_error_and_saves_nothing(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        tx.record(Event("thing:made", ("thing", "1")))
        tx.flush_history()
        pid = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with boundary.engine.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        tx.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        boundary.run(SYSTEM, use_case)
    assert _count(boundary) == 0


def test_lost_connection_that_a_use_case_hides_commits_nothing(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        tx.record(Event("thing:made", ("thing", "1")))
        tx.flush_history()
        ((pid,),) = tx.query("select pg_backend_pid()", {})
        with boundary.engine.begin() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with contextlib.suppress(OperationalError):
            tx.query("select 1", {})
        with pytest.raises(OperationalError, match="the connection is lost"):
            tx.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        boundary.run(SYSTEM, use_case)
    assert _count(boundary) == 0


def test_use_case_that_raises_on_a_closed_connection_tells_its_own_reason(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        driver = tx.connection.connection.driver_connection
        assert driver is not None
        tx.execute(text("SELECT 1"))
        driver.close()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        boundary.run(SYSTEM, use_case)
    assert boundary.run(SYSTEM, lambda tx: tx.query("select 1", {})) == [(1,)]


def test_failed_statement_that_a_use_case_hides_is_no_commit(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        tx.record(Event("thing:made", ("thing", "1")))
        with contextlib.suppress(DataError):
            tx.query("select 1 / %(n)s", {"n": 0})

    with pytest.raises(InvalidRequestError, match="failed statement"):
        boundary.run(SYSTEM, use_case)
    assert _count(boundary) == 0


def test_posted_writes_go_out_before_the_next_query(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        tx.post("create temporary table note (n int) on commit drop", {})
        tx.post("insert into note values (%(n)s)", {"n": 7})
        return tx.query("select n from note", {})

    assert boundary.run(SYSTEM, use_case) == [(7,)]


@pytest.mark.parametrize("is_followed", [True, False])
def test_posted_write_that_fails_tells_its_own_reason(boundary: Boundary, is_followed: bool) -> None:
    def use_case(tx: Tx) -> None:
        tx.record(Event("thing:made", ("thing", "1")))
        tx.query("select 1", {})
        tx.post("select 1 / %(n)s", {"n": 0})
        if is_followed:
            tx.query("select 2", {})

    with pytest.raises(DataError, match="division by zero"):
        boundary.run(SYSTEM, use_case)
    assert _count(boundary) == 0


def test_posted_writes_alone_are_committed(boundary: Boundary) -> None:
    boundary.run(SYSTEM, lambda tx: tx.record(Event("thing:made", ("thing", "1"))))
    assert _count(boundary) == 1


def test_posted_writes_of_a_failed_savepoint_are_forgotten(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> None:
        with contextlib.suppress(KeyError), tx.savepoint():
            tx.record(Event("thing:made", ("thing", "1")))
            tx.flush_history()
            raise KeyError

    boundary.run(SYSTEM, use_case)
    assert _count(boundary) == 0


def test_savepoint_without_statements_leaves_what_was_posted_before(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        tx.post("create temporary table note (n int) on commit drop", {})
        tx.post("insert into note values (1)", {})
        with contextlib.suppress(KeyError), tx.savepoint():
            tx.post("insert into note values (2)", {})
            raise KeyError
        with tx.savepoint():
            pass
        with tx.savepoint():
            tx.post("insert into note values (3)", {})
        return tx.query("select n from note order by n", {})

    assert boundary.run(SYSTEM, use_case) == [(1,), (3,)]


def test_savepoints_inside_savepoints_are_undone_one_by_one(boundary: Boundary) -> None:
    def use_case(tx: Tx) -> list[tuple[object, ...]]:
        tx.query("select 1", {})
        tx.post("create temporary table note (n int) on commit drop", {})
        with tx.savepoint():
            tx.connection.exec_driver_sql("insert into note values (1)")
            with contextlib.suppress(KeyError), tx.savepoint():
                tx.connection.exec_driver_sql("insert into note values (2)")
                raise KeyError
            with contextlib.suppress(DataError), tx.savepoint():
                tx.connection.exec_driver_sql("insert into note values (3)")
                tx.post("select 1 / %(n)s", {"n": 0})
            tx.connection.exec_driver_sql("insert into note values (4)")
        return tx.query("select n from note order by n", {})

    assert boundary.run(SYSTEM, use_case) == [(1,), (4,)]


def test_transaction_that_nobody_ended_does_not_come_back(boundary: Boundary) -> None:
    lease = Lease(boundary.engine)
    lease.send([Command("create temporary table note (n int)")])
    lease.close()
    sql = "select count(*) from pg_class where relname = 'note'"
    assert boundary.run(SYSTEM, lambda tx: tx.query(sql, {})) == [(0,)]
