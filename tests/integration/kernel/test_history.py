"""The trail: appended in the step's commit, chained, verified."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from engine.kernel import history
from engine.kernel.actor import SYSTEM
from engine.kernel.history import Change, Event
from engine.kernel.uow import Boundary, Tx


def _record(boundary: Boundary, count: int) -> None:
    def use_case(tx: Tx) -> None:
        for number in range(count):
            tx.record(
                Event(
                    "record:updated",
                    ("lead", str(number)),
                    changes=[Change("stage", "new", "won"), Change("phone", None, "13800138000", personal=True)],
                )
            )

    boundary.run(SYSTEM, use_case)


def test_verify_accepts_an_untouched_trail(boundary: Boundary) -> None:
    _record(boundary, 5)
    _record(boundary, 3)
    with boundary.engine.begin() as connection:
        sealed = history.seal(connection)
        result = history.verify(connection)
    assert (sealed, result.rows, result.unsealed, result.is_intact) == (8, 8, 0, True)


def test_seal_continues_where_it_stopped(boundary: Boundary) -> None:
    counts = []
    for size in (4, 2):
        _record(boundary, size)
        with boundary.engine.begin() as connection:
            counts.append(history.seal(connection, limit=3))
    with boundary.engine.begin() as connection:
        counts.append(history.seal(connection))
        assert counts == [3, 3, 0]
        assert history.verify(connection).is_intact


def test_verify_reports_the_unsealed_tail(boundary: Boundary) -> None:
    _record(boundary, 2)
    with boundary.engine.connect() as connection:
        result = history.verify(connection)
    assert (result.rows, result.unsealed, result.is_intact) == (2, 2, True)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE history SET actor_name = 'x' WHERE subject_id = '1'", "the row was changed"),
        ("DELETE FROM history WHERE subject_id = '1'", "the row is missing"),
        (
            "UPDATE history_value SET value = jsonb_build_object('old', 0) FROM history h"
            " WHERE h.id = history_id AND h.subject_id = '1'",
            "the value of phone was changed",
        ),
    ],
)
def test_verify_finds_one_changed_row(boundary: Boundary, owner_url: str, statement: str, fault: str) -> None:
    _record(boundary, 3)
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        history.seal(connection)
        connection.execute(text("ALTER TABLE history DISABLE TRIGGER history_append_only"))
        connection.execute(text(statement))
    with owner.connect() as connection:
        result = history.verify(connection)
    owner.dispose()
    assert fault in [found for _, found in result.broken]
    assert not result.is_intact


def test_application_cannot_change_history(boundary: Boundary) -> None:
    _record(boundary, 1)
    with boundary.engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("UPDATE history SET actor_name = 'x'"))


def test_owner_is_refused_by_the_trigger(boundary: Boundary, owner_url: str) -> None:
    _record(boundary, 1)
    owner = create_engine(owner_url)
    with owner.connect() as connection, pytest.raises(DBAPIError, match="written once"):
        connection.execute(text("DELETE FROM history"))
    owner.dispose()


def test_erase_personal_keeps_the_chain(boundary: Boundary) -> None:
    _record(boundary, 2)
    with boundary.engine.begin() as connection:
        history.seal(connection)
        erased = history.erase_personal(connection, ("lead", "1"))
        left = connection.execute(text("SELECT count(*) FROM history_value WHERE value IS NOT NULL")).scalar_one()
        assert (erased, left) == (1, 1)
        assert history.verify(connection).is_intact


def test_rebase_lets_a_restored_trail_go_on(boundary: Boundary, owner_url: str) -> None:
    _record(boundary, 2)
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        history.rebase(connection)
    _record(boundary, 1)
    with owner.begin() as connection:
        history.seal(connection)
        result = history.verify(connection)
    owner.dispose()
    assert (result.rows, result.unsealed, result.is_intact) == (3, 0, True)
