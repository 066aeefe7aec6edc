"""Why a task is here and what was said when it was passed on: who handed it over, asked to sign, returned it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow.tasks import TaskView
from webapp.formats import listed
from webapp.i18n import gettext, translated

_MOST = 4
_SAID: Mapping[str, tuple[str, Text]] = {
    "transferred": ("info", Text("%(by)s 转办给 %(to)s", "%(by)s handed it over to %(to)s")),
    "delegated": ("info", Text("%(by)s 委派给 %(to)s，办完会交回", "%(by)s delegated it to %(to)s; it comes back")),
    "resolved": ("info", Text("%(by)s 已办理，交回给 %(to)s", "%(by)s is done and handed it back to %(to)s")),
    "signers_added": ("info", Text("%(by)s 请 %(to)s 加签", "%(by)s asked %(to)s to sign as well")),
    "copied": ("info", Text("%(by)s 抄送给 %(to)s", "%(by)s sent %(to)s a copy")),
    "urged": ("warning", Text("%(by)s 催办", "%(by)s urged")),
    "returned": ("warning", Text("%(by)s 退回", "%(by)s returned it")),
    "withdrawn": ("warning", Text("%(by)s 撤回重办", "%(by)s took it back to do it again")),
}
_EVENTS = """select kind, by_name, comment, data from (select id, kind, by_name, comment, data from task_event
 where instance_id = %(instance)s and kind = any(%(kinds)s) and (task_id = %(task)s
 or (task_id = %(parent)s and kind in ('signers_added', 'returned')) or (at = %(at)s and kind in ('returned',
 'withdrawn'))) order by id desc limit %(most)s) e order by id"""


def notes(tx: Tx, view: TaskView) -> Iterator[tuple[str, str]]:
    """(tone, sentence) of the last few, oldest first; nothing once the task is closed, except for copies."""
    row = view.row
    kinds = list(_SAID) if row.status in ("open", "waiting") else ["copied"]
    parameters = {
        "instance": row.instance_id, "task": row.id, "parent": row.parent_id, "at": row.created_at, "kinds": kinds,
        "most": _MOST,
    }  # fmt: skip
    found = tx.query(_EVENTS, parameters)
    people = frozenset(UUID(one) for _, _, _, data in found for one in _people(data))
    known = directory.user_names(tx, people) if people else {}
    for kind, by, comment, data in found:
        tone, text = _SAID[kind]
        names = (gettext("您") if one == tx.actor.id else known.get(UUID(one), one) for one in _people(data))
        said = translated(text) % {"by": by, "to": listed(names)}
        yield tone, gettext("%(said)s：%(comment)s", said=said, comment=comment) if comment else said


def _people(data: Mapping[str, Any]) -> list[str]:
    found = data.get("users") or data.get("to")
    return [str(one) for one in (found if isinstance(found, list) else [found]) if one]
