"""What going back, passing over or ending means for a case, in words, before anybody does it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import Process
from engine.workflow.instances import MovePreview
from engine.workflow.programs import Loaded
from engine.workflow.rehearsing import Rehearsal, Told
from engine.workflow.runtime import PASS_APPROVAL, runtime_of
from engine.workflow.tasks import Preview, TaskRow
from engine.workflow.tasks.consequences import Done, already_done
from engine.workflow.tasks.returning import reachable
from webapp import formats
from webapp.i18n import gettext, translated
from webapp.modelwords import named, titled
from webapp.screens.work.caseahead import ahead
from webapp.screens.work.holders import holders

_CHANNELS = {"sms": Text("短信", "SMS"), "email": Text("邮件", "E-mail")}


_MOST_TOLD = 20
_TITLES: dict[str, tuple[Text, str, str]] = {
    "ends": (Text("流程结束", "The case ends"), "flag", "red"),
    "goes_on": (Text("从这里继续", "Goes on here"), "arrow-right", "accent"),
    "may_follow": (Text("接下来可能到", "What may follow"), "arrow-right", "accent"),
    "told": (Text("谁会收到", "Who hears of it"), "users", "accent"),
    "cancels": (
        Text("将撤销的任务", "Tasks that are cancelled"),
        "circle-x",
        "red",
    ),
    "approvals": (Text("越过的审批（无人决定）", "Approvals passed undecided"), "alert-triangle", "red"),
    "repeats": (Text("已经做过，会再做一次", "Done already, done again"), "refresh", "amber"),
    "runs": (Text("会自动执行", "Done by itself"), "bolt", "accent"),
    "undone": (Text("会自动归还或冲回", "Given back or reversed"), "arrow-back-up", "green"),
    "sends": (Text("会发出的消息", "Messages that go out"), "send", "amber"),
    "stays": (Text("已经发生，不会撤回", "Has left the house and stays"), "mail", "amber"),
    "fails": (
        Text("会停在出错的步骤", "Will stop at a failure"),
        "alert-triangle",
        "red",
    ),
    "strands": (Text("会一直等下去，走不过去", "Would wait here for ever"), "hourglass", "red"),
}


@dataclass(frozen=True)
class Section:
    """One heading with its lines; `kind` is its name for programs."""

    kind: str
    title: str
    items: tuple[str, ...]
    icon: str
    tone: str


@dataclass(frozen=True)
class Consequences:
    """The preview as pages and the API say it: lists of words, empty ones are not shown.

    cancels: open tasks that end, with who has them. goes_on: where the case goes on; may_follow: what can come next.
    told: who gets a task, or hears that his case is over. approvals: passed over undecided. undone: what was done and
    is given back, with how. repeats: done before, will be done again; runs: done at once. sends: goes out by it; stays:
    has left the house. fails: steps it ends at; strands: joins it never gets past. blocked: why it can't be done at
    all; empty when it can.
    """

    goes_on: tuple[str, ...] = ()
    may_follow: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    blocked: str = ""
    is_end: bool = False

    @property
    def is_light(self) -> bool:
        """Nothing is lost by it."""
        lost = (self.cancels, self.approvals, self.undone, self.repeats, self.sends, self.stays, self.fails)
        return not any((*lost, self.strands, self.is_end))

    @property
    def sections(self) -> tuple[Section, ...]:
        """All there is to say, in order."""
        ends = (gettext("到此为止，不再往下走。"),) if self.is_end else ()
        lists: dict[str, tuple[str, ...]] = {"ends": ends} | {
            kind: getattr(self, kind) for kind in _TITLES if kind != "ends"
        }
        return tuple(
            Section(kind, translated(_TITLES[kind][0]), items, *_TITLES[kind][1:])
            for kind, items in lists.items()
            if items
        )


def refused(found: Consequences, why: str) -> Consequences:
    """What it would have meant, and why it can't be done."""
    return replace(found, blocked=why)


def with_rehearsal(tx: Tx, found: Consequences, seen: Rehearsal) -> Consequences:
    """With what doing it showed: whom it reaches, what runs, goes out or fails at once."""
    said_already = {one.rpartition(" → ")[2] for one in found.undone}
    opens = any(one.why == "opened" for one in seen.told)
    return replace(
        found,
        told=tuple(_told(tx, seen.told)),
        may_follow=() if opens or seen.ends else found.may_follow,
        runs=tuple(one for one in map(named, seen.runs) if one not in said_already),
        sends=tuple(_sending(one.channel, one.step, one.count) for one in seen.sends),
        fails=tuple(map(named, seen.fails)),
        strands=tuple(map(named, seen.strands)),
        is_end=found.is_end or seen.ends,
    )


def of_return(tx: Tx, process: Process, preview: Preview) -> Consequences:
    """Of a return, a withdrawal or a rejection."""
    return Consequences(
        cancels=_tasks(tx, preview.cancels),
        goes_on=tuple(named(one) for one in preview.reopened),
        undone=_undone(preview.already_done),
        stays=_stays(process, preview.already_done),
        is_end=preview.ends,
    )


def of_cancel(tx: Tx, loaded: Loaded, preview: Preview, called: Sequence[str]) -> Consequences:
    """Of ending a case. called: titles of running cases it has called, which end with it."""
    extension = loaded.process.extension
    handler = runtime_of(tx).handlers.get(extension.cancel.name) if extension and extension.cancel else None
    cases = tuple(gettext("调用的流程：%(title)s", title=titled(title)) for title in called)
    found = tuple(one for one in preview.already_done if handler is None or one.kind == "sent")
    posted = dict.fromkeys(named(one.name) for one in preview.already_done if one not in found)
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
        repeats=tuple(dict.fromkeys(named(one.name) for one in done if named(one.name) in names)),
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


def of_pass_join(tx: Tx, branch_id: UUID | None, loaded: Loaded, preview: MovePreview) -> Consequences:
    """Of going on behind a join without what has not come."""
    following = tuple(dict.fromkeys(one.node.name or one.node.id for one in ahead(loaded.process, preview.target)))
    return Consequences(
        may_follow=following,
        approvals=_names(loaded.process, preview.approvals),
        blocked=_blocked(tx, branch_id, loaded) if preview.passes_approval else "",
    )


def _blocked(tx: Tx, branch_id: UUID | None, loaded: Loaded) -> str:
    """Why the actor may not pass an approval over, as the engine will say it."""
    if loaded.money:
        return gettext("涉及资金的流程，审批不能越过。")
    if not runtime_of(tx).access.may(tx, PASS_APPROVAL, branch_id):
        return gettext("您没有“越过审批”的权限。")
    return ""


def _tasks(tx: Tx, rows: Sequence[TaskRow]) -> tuple[str, ...]:
    who = holders(tx, rows)
    return tuple(formats.beside(named(row.name), who.get(str(row.id), "")) for row in rows)


def _names(process: Process, nodes: Iterable[str]) -> tuple[str, ...]:
    return tuple(process.nodes[one].name or one for one in nodes)


def _undone(found: Iterable[Done]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{named(one.name)} → {one.undone_by}" for one in found if one.undone_by))


def _stays(process: Process, found: Iterable[Done]) -> tuple[str, ...]:
    return tuple(formats.beside(_said(process, one), formats.short_time(one.at)) for one in found if not one.undone_by)


def _said(process: Process, one: Done) -> str:
    """A message by its channel and its step; the engine names it `sms notify_parent`."""
    channel, _, node_id = one.name.partition(" ")
    if one.kind != "sent":
        return named(one.name)
    node = process.nodes.get(node_id)
    words = translated(_CHANNELS[channel]) if channel in _CHANNELS else channel
    return gettext("%(channel)s：%(step)s", channel=words, step=node.name or node_id) if node else words


def _told(tx: Tx, reached: Sequence[Told]) -> Iterator[str]:
    """Who gets a task or hears of the end; whose task is taken back stands beside that task."""
    heard = [one for one in reached if one.why != "closed"]
    for one in heard[:_MOST_TOLD]:
        name = gettext("您") if one.user == tx.actor.id else one.name
        if one.why == "opened":
            yield gettext("%(name)s：收到任务“%(task)s”", name=name, task=named(one.task))
        else:
            yield gettext("%(name)s（发起人）：在“我发起的”里看到流程已结束", name=name)
    if len(heard) > _MOST_TOLD:
        yield gettext("还有 %(n)s 人", n=len(heard) - _MOST_TOLD)


def _sending(channel: str, step: str, count: int) -> str:
    words = translated(_CHANNELS[channel]) if channel in _CHANNELS else channel
    text = gettext("%(channel)s：%(step)s", channel=words, step=named(step)) if step else words
    return gettext("%(text)s（%(n)s 条）", text=text, n=count)
