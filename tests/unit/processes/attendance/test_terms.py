"""The shipped decision table says the same as the shipped rules."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from engine.feel import FeelEnv
from engine.workflow.dmn import DecisionModel, load_decisions
from processes.attendance.terms import _inputs, _outcome
from processes.registry import discover
from processes.timetable.api import Facts, Status, decide_default


@pytest.fixture(scope="module")
def table() -> DecisionModel:
    folder = discover().process("attendance_exception")
    assert folder is not None
    return load_decisions(folder.dmn["attendance_terms.dmn"].encode())


@pytest.mark.parametrize("status", list(Status))
def test_table_agrees_with_the_rules(table: DecisionModel, status: Status) -> None:
    env = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC)
    place: dict[str, Any] = {"branch": "east", "course": "少儿英语"}
    for before, proof in product((None, 0, 1, 2, 23, 24, 100), (False, True)):
        facts = Facts(status, leave_hours_before=before, has_proof=proof)
        found = table.evaluate("attendance_terms", {**_inputs(facts), **place}, env).value
        assert _outcome(found) == decide_default(facts), (before, proof)
