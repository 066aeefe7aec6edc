"""What going back, passing over or ending means for a case, in words, before anybody does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.instances import MovePreview
from engine.workflow.programs import Loaded
from engine.workflow.runtime import PASS_APPROVAL, runtime_of
from engine.workflow.tasks import Preview, TaskRow
from engine.workflow.tasks.consequences import Done, already_done
from engine.workflow.tasks.returning import reachable
from webapp.formats import short_time
from webapp.i18n import gettext, translated
from webapp.screens.work.caseahead import ahead
from webapp.screens.work.holders import holders

_CHANNELS = {"sms": Text("短信", "SMS"), "email": Text("邮件", "E-mail")}


@dataclass(frozen=True)
class Consequences:
    """The preview as pages show it: lists of words, empty ones are not shown.

    cancels: open tasks that end, with who has them. goes_on: where the case goes on; may_follow: what can come next.
    approvals: passed over undecided. undone: what was done and is given back, with how. repeats: done before, will be
    done again. stays: has left the house. blocked: why it can't be done at all; empty when it can.
    """

    cancels: tuple[str, ...] = ()
    goes_on: tuple[str, ...] = ()
    may_follow: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    blocked: str = ""
    is_end: bool = False

    @property
    def is_light(self) -> bool:
        """Nothing is lost by it."""
        return not any((self.cancels, self.approvals, self.undone, self.repeats, self.stays, self.is_end))


def of_return(tx: Tx, process: Process, preview: Preview) -> Consequences:
    """Of a return, a withdrawal or a rejection."""
    return Consequences(
        cancels=_tasks(tx, preview.cancels),
        goes_on=preview.reopened,
        undone=_undone(preview.already_done),
        stays=_stays(process, preview.already_done),
        is_end=preview.ends,
    )


def of_cancel(tx: Tx, loaded: Loaded, preview: Preview, called: Sequence[str]) -> Consequences:
    """Of ending a case. called: titles of running cases it has called, which end with it."""
    extension = loaded.process.extension
    handler = runtime_of(tx).handlers.get(extension.cancel.name) if extension and extension.cancel else None
    cases = tuple(gettext("调用的流程：%(title)s", title=title) for title in called)
    found = tuple(one for one in preview.already_done if handler is None or one.kind == "sent")
    posted = dict.fromkeys(one.name for one in preview.already_done if one not in found)
    return Consequences(
        cancels=_tasks(tx, preview.cancels) + cases,
        undone=tuple(f"{name} → {translated(handler.label)}" for name in posted) if handler else (),
        stays=_stays(loaded.process, found),
        is_end=True,
    )


def of_move(tx: Tx, instance_id: UUID, branch_id: UUID | None, loaded: Loaded, preview: MovePreview) -> Consequences:
    """Of a move: also which automatic steps, done already, lie ahead again."""
    process = loaded.process
    target = process.nodes[preview.target]
    ahead_again = {target.id} | reachable(process, target.id)
    done = [one for one in already_done(tx, instance_id, loaded, None, ahead_again) if one.kind == "posted"]
    names = {node.name or node.id for node in process.nodes.values() if node.id in ahead_again}
    return Consequences(
        cancels=_tasks(tx, preview.cancels),
        goes_on=(target.name or target.id,),
        approvals=_names(process, preview.approvals),
        repeats=tuple(dict.fromkeys(one.name for one in done if one.name in names)),
        blocked=_blocked(tx, branch_id, loaded) if preview.passes_approval else "",
    )


def of_skip(tx: Tx, branch_id: UUID | None, loaded: Loaded, preview: MovePreview, node_id: str) -> Consequences:
    """Of going on behind a step as if it were done."""
    following = tuple(dict.fromkeys(one.node.name or one.node.id for one in ahead(loaded.process, node_id)))
    return Consequences(
        cancels=_tasks(tx, preview.cancels),
        may_follow=following,
        approvals=_names(loaded.process, preview.approvals),
        blocked=_blocked(tx, branch_id, loaded) if preview.passes_approval else "",
    )


def _blocked(tx: Tx, branch_id: UUID | None, loaded: Loaded) -> str:
    """Why the actor may not pass an approval over, as the engine will say it (JOINTS 22)."""
    if loaded.money:
        return gettext("涉及资金的流程，审批不能越过。")
    if not runtime_of(tx).access.may(tx, PASS_APPROVAL, branch_id):
        return gettext("您没有“越过审批”的权限。")
    return ""


def _tasks(tx: Tx, rows: Sequence[TaskRow]) -> tuple[str, ...]:
    who = holders(tx, rows)
    return tuple(f"{row.name}（{who[str(row.id)]}）" if who.get(str(row.id)) else row.name for row in rows)


def _names(process: Process, nodes: Iterable[str]) -> tuple[str, ...]:
    return tuple(process.nodes[one].name or one for one in nodes)


def _undone(found: Iterable[Done]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.name} → {one.undone_by}" for one in found if one.undone_by))


def _stays(process: Process, found: Iterable[Done]) -> tuple[str, ...]:
    return tuple(f"{_said(process, one)}（{short_time(one.at)}）" for one in found if not one.undone_by)


def _said(process: Process, one: Done) -> str:
    """A message by its channel and its step; the engine names it `sms notify_parent`."""
    channel, _, node_id = one.name.partition(" ")
    if one.kind != "sent":
        return one.name
    node = process.nodes.get(node_id)
    words = translated(_CHANNELS[channel]) if channel in _CHANNELS else channel
    return gettext("%(channel)s：%(step)s", channel=words, step=node.name or node_id) if node else words
