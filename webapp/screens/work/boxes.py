"""Boxes of the inbox and their lines."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import tasks
from engine.workflow.instances.waiting import WaitingChoice, waiting_choices
from engine.workflow.tasks import StartedRow, TaskRow
from engine.workflow.tasks.inbox import BOXES, Box
from webapp import formats
from webapp.i18n import gettext
from webapp.links import link
from webapp.modelwords import named, titled
from webapp.screens.states import instance_state
from webapp.screens.work.taskpage import process_name

_WORDS = {
    "todo": (Text("待处理", "To do"), "inbox"),
    "candidate": (Text("可认领", "To claim"), "users"),
    "done": (Text("已处理", "Done"), "circle-check"),
    "cc": (Text("抄送我的", "Copied to me"), "mail"),
    "started": (Text("我发起的", "My requests"), "send"),
}


_RETURNED = "select 1 from task_event where task_id = %(parent)s and kind = 'returned' and at = %(at)s limit 1"


@dataclass(frozen=True)
class BoxLink:
    """A box with how many wait in it; ``is_counted`` where waiting means something."""

    key: str
    label: Text
    icon: str
    url: str
    count: int
    is_counted: bool


@dataclass(frozen=True)
class Line:
    """A task or a started instance in a list."""

    id: str
    title: str
    subtitle: str
    at: datetime
    due_at: datetime | None
    urged: bool
    state: str
    tone: str
    is_task: bool

    def url(self, box: str) -> str:
        """Where the line leads."""
        if self.is_task:
            return url_for("inbox.show", task_id=self.id, box=box)
        return link("instances.show", instance_id=self.id) or url_for("inbox.started")


def known(name: str) -> Box:
    """The box of that name, else the first."""
    return next((box for box in BOXES if box == name), "todo")


def counted(tx: Tx) -> dict[str, int]:
    """How many wait in each box; to do includes the cases in which a step has to be chosen."""
    found = tasks.counts(tx)
    return found | {"todo": found["todo"] + len(waiting_choices(tx))}


def links(counts: dict[str, int]) -> tuple[BoxLink, ...]:
    """All boxes."""
    return tuple(
        BoxLink(box, *_WORDS[box], url_for("inbox.index", box=box), counts.get(box, 0), box in counts) for box in BOXES
    )


def line(tx: Tx, row: TaskRow | StartedRow | WaitingChoice) -> Line:
    """A row as a line."""
    if isinstance(row, WaitingChoice):
        process = process_name(tx, row.process_key)
        what = gettext("请选择下一步：%(stages)s", stages=formats.listed(named(one) for one in row.stages))
        title = titled(row.title) or process
        return Line(str(row.instance_id), title, f"{process} · {what}", row.since, None, False, "", "", False)
    if isinstance(row, StartedRow):
        state, tone = instance_state(row.status, suspended=row.suspended)
        waiting = (
            gettext("等待：%(tasks)s", tasks=formats.listed(named(one) for one in row.open_tasks))
            if row.open_tasks
            else ""
        )
        subtitle = " · ".join(filter(None, (process_name(tx, row.process_key), waiting)))
        return Line(str(row.instance_id), titled(row.title), subtitle, row.started_at, None, False, state, tone, False)
    subtitle = f"{process_name(tx, row.process_key)} · {named(row.name)}"
    at = row.completed_at or row.created_at
    is_open = row.status == "open"
    due = row.due_at if is_open else None
    urged = is_open and row.urged_at is not None
    mark, tone = _mark(tx, row) if is_open else ("", "")
    return Line(str(row.id), titled(row.title), subtitle, at, due, urged, mark, tone, True)


def _mark(tx: Tx, row: TaskRow) -> tuple[str, str]:
    """How it came here, when not by the process itself; and the colour."""
    if row.delegated_by:
        return gettext("委派"), "blue"
    if row.parent_id is None:
        return "", ""
    returned = tx.query(_RETURNED, {"parent": row.parent_id, "at": row.created_at})
    return (gettext("退回"), "amber") if returned else (gettext("加签"), "blue")
