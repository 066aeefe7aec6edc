"""Where a case stands: what it waits for, who has it since when, what happens by itself, what follows."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.workflow.assignees import RuleError, parse_rule
from engine.workflow.assignees.rules import RuleKind
from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.instances import InstanceView
from engine.workflow.instances.reading import TokenView
from engine.workflow.tasks import TaskRow
from webapp import formats
from webapp.i18n import gettext, translated
from webapp.links import link
from webapp.modelwords import named, titled
from webapp.screens.work.caseahead import ahead
from webapp.screens.work.holders import holders

WAITS = {
    "j": Text("等待外部系统处理", "waiting for another system"),
    "o": Text("等待消息发出", "waiting for a message to leave"),
    "e": Text("等待事件", "waiting for an event"),
    "c": Text("等待调用的流程", "waiting for the called process"),
    "d": Text("等待其他步骤给出数据", "waiting for data that another step gives"),
    "h": Text("系统正在处理", "the system is at it"),
    "r": Text("出错后等待重试", "will be tried again after a failure"),
    "i": Text("出错，需要处理", "failed; somebody has to settle it"),
    "s": Text("等待参与的人选择步骤", "waiting for somebody who takes part to choose a step"),
}
"""By the letter of `interpreter.state.Wait`; of tasks, items and compensations others tell."""
_BODY = "s"
_CARDS, _LINES, _NAMES = 8, 50, 5
"""So many tasks of one step have a card each; of more the first are listed, and who has most of them is told."""
_RULES = {
    RuleKind.BRANCH_HEAD: Text("校区负责人", "the head of the branch"),
    RuleKind.OWNER: Text("记录负责人", "the record's owner"),
    RuleKind.STARTER_CHOOSES: Text("发起人选定的人", "whom the starter chose"),
    RuleKind.SUPERIOR: Text("发起人的上级", "the starter's superior"),
}


@dataclass(frozen=True)
class Next:
    """What may follow. ``by``: the answers that lead there; ``who``: who would have it, as far as it is known."""

    by: str
    name: str
    who: str
    is_end: bool


@dataclass(frozen=True)
class Line:
    """One of many tasks of a step."""

    title: str
    who: str
    due_at: datetime | None
    url: str


@dataclass(frozen=True)
class Standing:
    """One place where the case stands. ``alone``: what happens by itself and when, soonest first.

    Of a step with many open tasks: ``count`` of them, ``lines`` the first, ``who`` has most of them.
    """

    name: str
    who: str
    is_claimed: bool
    wait: str
    since: datetime | None
    due_at: datetime | None
    urged: bool
    url: str
    urge_url: str
    count: int
    lines: tuple[Line, ...]
    alone: tuple[tuple[str, datetime], ...]
    next: tuple[Next, ...]


@dataclass(frozen=True)
class _Scene:
    tx: Tx
    view: InstanceView
    process: Process
    people: Mapping[str, str]
    timers: Mapping[str, tuple[tuple[str, datetime], ...]]


def standing(tx: Tx, view: InstanceView, process: Process) -> tuple[Standing, ...]:
    """Open tasks first, then what waits for something else; nothing when the case has ended."""
    if view.status != "active":
        return ()
    tasks = [task for task in view.tasks if task.status == "open"]
    scene = _Scene(tx, view, process, holders(tx, tasks), _timers(tx, view.id, process))
    covered = {task.activation for task in tasks} | {task.host for task in view.tasks if task.status == "open"}
    inside = {process.nodes[token.node_id].scope for token in view.tokens if token.node_id in process.nodes}
    rest = (
        token
        for token in view.tokens
        if token.activation not in covered and token.wait in WAITS and _is_idle(process, token, inside)
    )
    return (*_of_tasks(scene, tasks), *(_of_token(scene, token) for token in rest))


def _of_tasks(scene: _Scene, tasks: Sequence[TaskRow]) -> Iterator[Standing]:
    """A card each; one for a step that has many."""
    by_node: dict[str, list[TaskRow]] = {}
    for task in tasks:
        by_node.setdefault(task.node_id, []).append(task)
    for found in by_node.values():
        if len(found) > _CARDS:
            yield _of_many(scene, found)
        else:
            yield from (_of_task(scene, task) for task in found)


def _of_many(scene: _Scene, tasks: Sequence[TaskRow]) -> Standing:
    having = Counter(scene.people.get(str(task.id), "") for task in tasks).most_common(_NAMES + 1)
    names = [gettext("%(who)s %(n)s 个", who=who, n=count) for who, count in having[:_NAMES] if who]
    lines = (
        Line(titled(one.title), scene.people.get(str(one.id), ""), one.due_at, link("inbox.show", task_id=one.id))
        for one in tasks[:_LINES]
    )
    return replace(
        _of_task(scene, tasks[0]),
        who=formats.listed([*names, "…"] if len(having) > _NAMES else names),
        since=min(task.created_at for task in tasks),
        due_at=min((task.due_at for task in tasks if task.due_at), default=None),
        urged=any(task.urged_at for task in tasks),
        url="",
        urge_url="",
        count=len(tasks),
        lines=tuple(lines),
    )


def _is_idle(process: Process, token: TokenView, inside: Container[str]) -> bool:
    """A sub-process waits by what is inside it; only an ad-hoc one can be empty, until somebody chooses."""
    node = process.nodes.get(token.node_id)
    is_empty = node is not None and node.kind is NodeKind.ADHOC and node.id not in inside
    return token.wait != _BODY or is_empty


def _of_task(scene: _Scene, task: TaskRow) -> Standing:
    may_urge = scene.tx.actor.id != task.assignee and _may_urge(scene, task)
    return Standing(
        name=named(task.name) or titled(task.title),
        who=scene.people.get(str(task.id), ""),
        is_claimed=task.assignee is not None,
        wait="",
        since=task.created_at,
        due_at=task.due_at,
        urged=task.urged_at is not None,
        url=link("inbox.show", task_id=task.id),
        urge_url=link("inbox.operate", task_id=task.id, operation="urge") if may_urge else "",
        count=1,
        lines=(),
        alone=scene.timers.get(task.node_id, ()),
        next=following(scene.tx, scene.process, task.node_id, scene.view.starter_name),
    )


def _of_token(scene: _Scene, token: TokenView) -> Standing:
    return Standing(
        name=named(token.name) or token.node_id,
        who="",
        is_claimed=False,
        wait=translated(WAITS[token.wait]),
        since=None,
        due_at=None,
        urged=False,
        url="",
        urge_url="",
        count=1,
        lines=(),
        alone=scene.timers.get(token.node_id, ()),
        next=following(scene.tx, scene.process, token.node_id, scene.view.starter_name),
    )


def _may_urge(scene: _Scene, task: TaskRow) -> bool:
    """Whoever started the case or handled it may urge, where the model allows it."""
    node = scene.process.nodes.get(task.node_id)
    me = scene.tx.actor.id
    took_part = scene.view.starter == me or any(me == one.completed_by for one in scene.view.tasks)
    return took_part and node is not None and node.task is not None and "urge" in node.task.operations


def following(tx: Tx, process: Process, node_id: str, starter: str) -> tuple[Next, ...]:
    """What may come after the node. starter: the name of who started the case."""
    return tuple(
        Next(
            " · ".join(one.by),
            one.node.name or (gettext("流程结束") if one.node.kind is NodeKind.END else one.node.id),
            _holder(tx, one.node, starter),
            one.node.kind is NodeKind.END,
        )
        for one in ahead(process, node_id)
    )


def _holder(tx: Tx, node: Node, starter: str) -> str:
    """Who would get a task of the node, where its rule says it for all cases alike."""
    if node.task is None or not node.task.assignees:
        return ""
    try:
        rule = parse_rule(node.task.assignees[0].rule)
    except RuleError:
        return ""
    if rule.kind is RuleKind.STARTER:
        return starter
    if rule.kind is RuleKind.ROLE:
        role = snapshot.load(tx).roles.get(rule.argument)
        return translated(role.label) if role else ""
    return translated(_RULES[rule.kind]) if rule.kind in _RULES else ""


def _timers(tx: Tx, instance_id: UUID, process: Process) -> dict[str, tuple[tuple[str, datetime], ...]]:
    """By node: the names of its deadlines, soonest first."""
    sql = """select reference, due_at from timer where instance_id = %(id)s and kind = 'event'
 and not is_paused order by due_at limit 50"""
    found: dict[str, tuple[tuple[str, datetime], ...]] = {}
    rows: Any = tx.connection.exec_driver_sql(sql, {"id": instance_id})
    for reference, due_at in rows:
        node = process.nodes.get(reference)
        if node is not None and node.name:
            place = node.attached_to or node.id
            found[place] = (*found.get(place, ()), (node.name, due_at))
    return found
