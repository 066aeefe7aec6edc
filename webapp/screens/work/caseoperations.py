"""What an operator does with a case: what the dialog asks, and doing it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from engine.feel.values import to_json
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.bpmn.extensions import Variable
from engine.workflow.instances import InstanceView
from engine.workflow.programs import load
from webapp.i18n import translated
from webapp.screens.work.typedvalue import typed


@dataclass(frozen=True)
class Operation:
    """What an operator can do. ``needs``: the inputs asked for beside the reason."""

    label: Text
    icon: str
    text: Text
    needs: tuple[str, ...] = ()
    is_dangerous: bool = False


_PLACE = ("place",)
_SHOWN = 60
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
        Text("修改资料", "Change data"),
        "variable",
        Text("新值和旧值都会留在历史中。", "Both values stay in the trail."),
        ("variable",),
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
class Question:
    """What the dialog asks. ``places``, ``targets``, ``variables``: (value, label)."""

    label: str
    text: str
    needs: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]
    variables: tuple[tuple[str, str], ...]
    is_dangerous: bool
    cancel_url: str


def offered(view: InstanceView) -> tuple[tuple[str, str, str, str], ...]:
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
        variables=_variables(tx, view) if "variable" in operation.needs else (),
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
        "variables": lambda: instances.set_variables(tx, instance_id, _changed(tx, instance_id, given), reason),
    }
    actions[name]()


def _place(given: Mapping[str, str]) -> int:
    place = given.get("place", "")
    if not place.isdigit():
        raise UserError("place", Text("请选择步骤", "Choose a step"))
    return int(place)


def _variables(tx: Tx, view: InstanceView) -> tuple[tuple[str, str], ...]:
    """Names with their labels and present values."""
    labels = {one.name: one.label for one in _declared(tx, view)}
    shown = {name: json.dumps(to_json(value), ensure_ascii=False) for name, value in view.variables.items()}
    return tuple((name, f"{labels.get(name) or name} = {value[:_SHOWN]}") for name, value in sorted(shown.items()))


def _changed(tx: Tx, instance_id: UUID, given: Mapping[str, str]) -> dict[str, Any]:
    """The chosen variable with its new value, of the type it has. Raises: UserError."""
    view, name = instances.get(tx, instance_id), given.get("variable", "")
    if name not in view.variables:
        raise UserError("variable", Text("请选择要修改的资料", "Choose what to change"))
    kind = next((one.type for one in _declared(tx, view) if one.name == name and one.type), "")
    return {name: typed(given.get("value", "").strip(), kind, view.variables[name])}


def _declared(tx: Tx, view: InstanceView) -> tuple[Variable, ...]:
    extension = load(tx, view.version_id).process.extension
    return extension.variables if extension else ()


def _targets(tx: Tx, view: InstanceView) -> tuple[tuple[str, str], ...]:
    nodes = load(tx, view.version_id).process.nodes
    return tuple((node.id, node.name or node.id) for node in nodes.values())
