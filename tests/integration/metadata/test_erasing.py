"""Erasing a person's values from the history: gone everywhere, the chain whole, and written down."""

import pytest
from sqlalchemy import text

from engine.kernel import history
from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.metadata import erasing, records

PHONE = "13866660001"


@pytest.fixture
def enquiry(school):
    body = {"name": "清除一", "phone": PHONE}
    made = school.run("east_sales1", lambda tx: records.create(tx, "enquiry", body))
    school.run("east_sales1", lambda tx: records.update(tx, "enquiry", made.id, made.version, {"phone": "13866660002"}))
    return made.id


def _values(tx):
    return str(tx.execute(text("SELECT value FROM history_value WHERE value IS NOT NULL")).scalars().all())


def test_erased_values_are_gone_and_the_chain_is_whole(school, enquiry):
    assert PHONE in school.run("boss", _values)
    kept = school.run("boss", lambda tx: erasing.kept(tx, "enquiry", enquiry))
    assert school.run("boss", lambda tx: erasing.erase(tx, "enquiry", enquiry, "家长要求")) == kept
    assert kept >= 2
    assert "1386666000" not in school.run("boss", _values)
    assert school.run("boss", lambda tx: erasing.kept(tx, "enquiry", enquiry)) == 0
    assert school.run("system", lambda tx: history.verify(tx.connection)).is_intact
    done = school.run(
        "boss", lambda tx: tx.execute(text("SELECT data FROM history WHERE action = 'history:erased'")).scalar_one()
    )
    assert done == {"values": kept, "reason": "家长要求"}


def test_what_others_keep_of_the_record_is_erased_too(school, enquiry, monkeypatch):
    monkeypatch.setattr(erasing, "_keepers", [])
    beside = {enquiry: 3}
    erasing.register_keeper(
        lambda tx, key, record: beside.get(record, 0), lambda tx, key, record: beside.pop(record, 0)
    )
    own = school.run("boss", lambda tx: erasing.kept(tx, "enquiry", enquiry)) - 3
    assert school.run("boss", lambda tx: erasing.erase(tx, "enquiry", enquiry, "家长要求")) == own + 3
    assert (beside, school.run("boss", lambda tx: erasing.kept(tx, "enquiry", enquiry))) == ({}, 0)


def test_erasing_needs_the_right_a_reason_and_a_trail(school, enquiry):
    for who in ("east_principal", "auditor", "east_sales1"):
        with pytest.raises(Forbidden):
            school.run(who, lambda tx: erasing.erase(tx, "enquiry", enquiry, "x"))
    with pytest.raises(UserError) as caught:
        school.run("boss", lambda tx: erasing.erase(tx, "enquiry", enquiry, " "))
    assert caught.value.code == "reason_needed"
    with pytest.raises(NotFound):
        school.run("boss", lambda tx: erasing.erase(tx, "enquiry", school.branches["east"], "x"))
    assert PHONE in school.run("boss", _values)
