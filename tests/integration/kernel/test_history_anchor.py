"""Heads kept outside the database show a chain that was rewritten as a whole."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from engine.kernel import history, history_anchor
from engine.kernel.actor import SYSTEM
from engine.kernel.history import Event
from engine.kernel.uow import Boundary

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def test_rewritten_chain_contradicts_the_anchor(boundary: Boundary, owner_url: str, tmp_path: Path) -> None:
    path = history_anchor.file_in(tmp_path)
    with boundary.engine.connect() as connection:
        assert history_anchor.current(connection, NOW) is None
    for number in range(3):
        boundary.run(SYSTEM, lambda tx, number=number: tx.record(Event("tests:happened", ("tests", str(number)))))
    with boundary.engine.begin() as connection:
        assert history.seal(connection) == 3
        anchor = history_anchor.current(connection, NOW)
        assert anchor is not None and anchor.sequence == 3
        history_anchor.keep(path, anchor)
        history_anchor.keep(path, anchor)
        assert history_anchor.read(path) == (anchor,)
        assert history_anchor.contradicted(connection, (anchor,)) == ()
    assert path.stat().st_mode & 0o777 == 0o600
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE history_seal DISABLE TRIGGER history_seal_append_only"))
        connection.execute(text("DELETE FROM history_seal WHERE sequence = 3"))
        assert history_anchor.contradicted(connection, history_anchor.read(path)) == (anchor,)
    engine.dispose()


def test_anchors_of_before_a_restore_are_set_aside(tmp_path: Path) -> None:
    path = history_anchor.file_in(tmp_path)
    history_anchor.keep(path, history_anchor.Anchor(1, b"\x01", NOW))
    path.write_text(path.read_text() + '{"at": "torn')
    assert [one.sequence for one in history_anchor.read(path)] == [1]
    history_anchor.set_aside(path, NOW)
    assert history_anchor.read(path) == ()
    assert (tmp_path / "history-anchors-until-20260901-000000.jsonl").exists()
