"""The attendance rules in force: the deployed decision table, editable without a programmer."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.decisions import decider
from engine.workflow.dmn.model import value_of
from engine.workflow.interpreter.run import Trouble
from processes.places import branch_of
from processes.timetable.api import Decide, EntryType, Facts, Notice, Outcome, decide_default, place_of

TABLE = "attendance_terms"
_NO_DEPLOYMENT = UUID(int=0)


def terms_of(tx: Tx, lesson_id: UUID) -> Decide:
    """How attendance at this lesson is judged; the shipped rules when no table is deployed."""
    where = place_of(tx, lesson_id)
    place = {"branch": branch_of(tx, where.branch_id).key, "course": where.course, "class_group": where.class_group}
    ask = decider(tx, _NO_DEPLOYMENT, where.branch_id)

    def decide(facts: Facts) -> Outcome:
        try:
            found = ask(TABLE, "latest", {**_inputs(facts), **place})
        except Trouble as trouble:
            if trouble.code != "decision.missing":
                raise
            return decide_default(facts)
        return _outcome(value_of(found))

    return decide


def _inputs(facts: Facts) -> dict[str, Any]:
    before = facts.leave_hours_before
    return {
        "status": facts.status.value,
        "late_minutes": Decimal(facts.late_minutes),
        "left_early_minutes": Decimal(facts.left_early_minutes),
        "leave_hours_before": None if before is None else Decimal(before),
        "has_proof": facts.has_proof,
    }


def _outcome(found: Any) -> Outcome:
    return Outcome(
        hours_factor=found["hours_factor"],
        entry=EntryType(found["entry"]),
        make_up=found["make_up"],
        make_up_days=int(found["make_up_days"]),
        pay_factor=found["pay_factor"],
        notices=tuple(Notice(name) for name in found["notices"]),
    )
