"""How far the case of a task has come: who decided what so far, with which words, and who has it now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow.bpmn.model import Process
from engine.workflow.tasks import TaskRow, TaskView
from webapp.formats import listed
from webapp.i18n import gettext
from webapp.modelwords import load, named
from webapp.screens.work.casestory import outcome_label, outcome_tone, waited

_NAMES = 4


@dataclass(frozen=True)
class CaseOf:
    """What the task's page needs of its case. ``starter``: empty when no person started it."""

    starter: str
    process: Process


@dataclass(frozen=True)
class Step:
    """One line of the approval's timeline. ``took``: how long it had waited."""

    name: str
    who: str
    state: str
    tone: str
    icon: str
    at: datetime | None
    comment: str = ""
    took: str = ""


def case_of(tx: Tx, row: TaskRow) -> CaseOf:
    """The case's starter and model."""
    sql = "select starter_kind, starter_name, version_id from instance where id = %(id)s"
    kind, name, version_id = tx.connection.exec_driver_sql(sql, {"id": row.instance_id}).one()
    return CaseOf(name if kind == "user" else "", load(tx, version_id).process)


def steps(tx: Tx, view: TaskView, case: CaseOf) -> Iterator[Step]:
    """What was decided, oldest first, then the task itself."""
    for row in view.previous:
        yield _decided(case.process, row)
    row = view.row
    if row.status == "done":
        yield _decided(case.process, row)
    elif row.status == "open":
        who = [row.assignee] if row.assignee else list(view.candidates[:_NAMES])
        label = gettext("处理中") if row.assignee else gettext("待认领")
        yield Step(named(row.name), listed(_names(tx, who)), label, "amber", "clock", None)
    elif row.status == "waiting":
        yield from (_signer(tx, one) for one in view.signers if one.status == "open")


@dataclass(frozen=True)
class Receipt:
    """One person a copy went to; ``read_at`` None: not opened yet."""

    name: str
    by: str
    at: datetime
    read_at: datetime | None


def receipts(tx: Tx, view: TaskView) -> tuple[Receipt, ...]:
    """Who was sent a copy of the task, and who has opened it."""
    people = sorted({user for one in view.copies for user in (one.user, one.by)})
    known = dict(zip(people, _names(tx, people), strict=True))
    return tuple(Receipt(known[one.user], known[one.by], one.at, one.read_at) for one in view.copies)


def _decided(process: Process, row: TaskRow) -> Step:
    tone = outcome_tone(process, row.node_id, row.outcome)
    words = outcome_label(process, row.node_id, row.outcome or "done")
    took = waited(row, row.completed_at) if row.completed_at else ""
    icon = "x" if tone == "red" else "check"
    name, who = named(row.name), row.completed_by_name or ""
    return Step(name, who, words, tone, icon, row.completed_at, row.comment or "", took)


def _signer(tx: Tx, row: TaskRow) -> Step:
    who = _names(tx, [row.assignee] if row.assignee else [])
    return Step(named(row.name), listed(who), gettext("等待加签"), "amber", "clock", None)


def _names(tx: Tx, ids: list[str]) -> list[str]:
    known = directory.user_names(tx, frozenset(UUID(one) for one in ids)) if ids else {}
    return [known.get(UUID(one), one) for one in ids]
