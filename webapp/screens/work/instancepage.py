"""A case as its page shows it, and the operator's questions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from engine.feel.values import to_json
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot
from engine.workflow import instances
from engine.workflow.instances import InstanceView
from engine.workflow.programs import load
from webapp.i18n import translated
from webapp.links import link
from webapp.screens.audit.trail import action_words
from webapp.screens.work.states import instance_state, task_state


@dataclass(frozen=True)
class Operation:
    """What an operator can do. ``needs``: the inputs asked for beside the reason."""

    label: Text
    icon: str
    text: Text
    needs: tuple[str, ...] = ()
    is_dangerous: bool = False


_PLACE = ("place",)
OPERATIONS: Mapping[str, Operation] = {
    "suspend": Operation(
        Text("挂起", "Suspend"),
        "player-pause",
        Text("挂起期间任务不能处理，定时器停走。", "While it is suspended no task can be done and timers stand still."),
    ),
    "resume": Operation(
        Text("恢复", "Resume"),
        "player-play",
        Text("恢复后到期的定时器立即执行。", "What became due meanwhile is done at once."),
    ),
    "retry": Operation(
        Text("重试", "Retry"), "refresh", Text("重新执行出错的步骤。", "Does the failed step again."), _PLACE
    ),
    "skip": Operation(
        Text("跳过", "Skip"),
        "player-skip-forward",
        Text(
            "视为该步骤已完成，继续往下走。资金流程的审批不能跳过。",
            "Goes on as if the step were done. Approvals about money can't be skipped.",
        ),
        _PLACE,
        True,
    ),
    "move": Operation(
        Text("移动", "Move"),
        "arrows-move",
        Text("结束所选步骤，从目标步骤继续。", "Ends the chosen step and goes on at the target."),
        ("place", "target"),
        True,
    ),
    "variables": Operation(
        Text("修改变量", "Change variables"),
        "variable",
        Text("新值和旧值都会留在历史中。", "Both values stay in the trail."),
        ("variables",),
    ),
    "cancel": Operation(
        Text("撤销", "Cancel"),
        "circle-x",
        Text(
            "结束该流程，撤销全部未完成任务，并冲回已做的账务。",
            "Ends the case, withdraws its open tasks and compensates what was posted.",
        ),
        (),
        True,
    ),
}


@dataclass(frozen=True)
class Line:
    """One line of a list: where it leads, what it says."""

    title: str
    who: str
    state: str
    tone: str
    at: datetime | None
    url: str
    comment: str = ""


@dataclass(frozen=True)
class Case:
    """The page's model."""

    id: UUID
    title: str
    process: str
    state: tuple[str, str]
    branch: str
    starter: str
    started_at: datetime
    ended_at: datetime | None
    record_url: str
    studio_url: str
    parent_url: str
    tokens: tuple[str, ...]
    tasks: tuple[Line, ...]
    children: tuple[Line, ...]
    incidents: tuple[tuple[str, str, datetime, bool], ...]
    variables: tuple[tuple[str, str], ...]
    trail: tuple[Line, ...]
    operations: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Question:
    """What the dialog asks. ``places``, ``targets``: (value, label)."""

    label: str
    text: str
    needs: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]
    variables: str
    is_dangerous: bool
    cancel_url: str


def read(tx: Tx, instance_id: UUID) -> Case:
    """The case for the acting one. Raises: NotFound."""
    view = instances.get(tx, instance_id)
    branches = snapshot.load(tx).branches
    names = {token.node_id: token.name or token.node_id for token in view.tokens}
    return Case(
        id=view.id,
        title=view.title,
        process=f"{view.process_name} v{view.version}",
        state=instance_state(view.status, suspended=view.suspended),
        branch=branches[view.branch_id].name if view.branch_id else "",
        starter=view.starter_name,
        started_at=view.started_at,
        ended_at=view.ended_at,
        record_url=link("records.show", object_key=view.record[0], record_id=view.record[1]) if view.record else "",
        studio_url=link("studio.edit", key=view.process_key),
        parent_url=link("instances.show", instance_id=view.parent_id) if view.parent_id else "",
        tokens=tuple(names.values()),
        tasks=_tasks(tx, view),
        children=tuple(
            Line(str(one)[:8], "", "", "", None, link("instances.show", instance_id=one)) for one in view.children
        ),
        incidents=tuple(
            (names.get(one.node_id, one.node_id), translated(one.message), one.created_at, one.resolved_at is not None)
            for one in view.incidents
        ),
        variables=tuple((name, _shown(value)) for name, value in sorted(view.variables.items())),
        trail=tuple(_event(found) for found in instances.history(tx, instance_id, limit=200)),
        operations=_operations(view),
    )


def question(tx: Tx, instance_id: UUID, name: str) -> Question:
    """What the dialog of an operation asks. Raises: NotFound."""
    view, operation = instances.get(tx, instance_id), OPERATIONS[name]
    places = tuple((str(token.activation), token.name or token.node_id) for token in view.tokens)
    return Question(
        label=translated(operation.label),
        text=translated(operation.text),
        needs=operation.needs,
        places=places,
        targets=_targets(tx, view) if "target" in operation.needs else (),
        variables=json.dumps(
            {key: to_json(value) for key, value in view.variables.items()}, ensure_ascii=False, indent=1
        ),
        is_dangerous=operation.is_dangerous,
        cancel_url=url_for("instances.show", instance_id=instance_id),
    )


def do(tx: Tx, instance_id: UUID, name: str, given: Mapping[str, str]) -> None:
    """Does an operation with what the dialog gave. Raises: UserError."""
    reason = given.get("reason", "").strip()
    actions: Mapping[str, Callable[[], object]] = {
        "suspend": lambda: instances.suspend(tx, instance_id, reason),
        "resume": lambda: instances.resume(tx, instance_id, reason),
        "cancel": lambda: instances.cancel(tx, instance_id, reason),
        "retry": lambda: instances.retry(tx, instance_id, _place(given)),
        "skip": lambda: instances.skip(tx, instance_id, _place(given), reason),
        "move": lambda: instances.move(tx, instance_id, [_place(given)], given.get("target", ""), reason),
        "variables": lambda: instances.set_variables(tx, instance_id, _variables(given), reason),
    }
    actions[name]()


def _place(given: Mapping[str, str]) -> int:
    place = given.get("place", "")
    if not place.isdigit():
        raise UserError("place", Text("请选择步骤", "Choose a step"))
    return int(place)


def _variables(given: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(given.get("variables", ""))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UserError("variables", Text("变量应为 JSON 对象", "Variables must be a JSON object"))
    return found


def _tasks(tx: Tx, view: InstanceView) -> tuple[Line, ...]:
    names = {str(user): name for user, name in _names(tx, view).items()}
    return tuple(
        Line(
            task.name or task.title,
            task.completed_by_name or names.get(task.assignee or "", ""),
            *task_state(task.status, mine=task.assignee == tx.actor.id, claimed=task.claimed_at is not None),
            task.completed_at or task.created_at,
            link("inbox.show", task_id=task.id),
            task.comment or "",
        )
        for task in view.tasks
    )


def _event(found: Mapping[str, Any]) -> Line:
    words, icon, tone = action_words(found["action"])
    data = found["data"]
    note = " ".join(str(data[key]) for key in ("node", "outcome", "reason", "comment") if data.get(key))
    return Line(words, found["actor_name"], icon, tone, found["at"], "", note)


def _names(tx: Tx, view: InstanceView) -> dict[UUID, str]:
    return directory.user_names(tx, frozenset(UUID(task.assignee) for task in view.tasks if task.assignee))


def _targets(tx: Tx, view: InstanceView) -> tuple[tuple[str, str], ...]:
    nodes = load(tx, view.version_id).process.nodes
    return tuple((node.id, node.name or node.id) for node in nodes.values())


def _operations(view: InstanceView) -> tuple[tuple[str, str, str, str], ...]:
    """(url, label, icon, danger) of what the actor may do, in the order of the table."""
    return tuple(
        (
            url_for("instances.operate", instance_id=view.id, operation=name),
            translated(one.label),
            one.icon,
            "danger" if one.is_dangerous else "",
        )
        for name, one in OPERATIONS.items()
        if name in view.operations and (name not in ("retry",) or view.incidents)
    )


def _shown(value: object) -> str:
    plain = to_json(value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False)
