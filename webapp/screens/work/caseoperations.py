"""What an operator does with a case: what the dialog asks, what it would mean, and doing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.instances import InstanceView
from engine.workflow.instances.reading import IncidentView, TokenView
from engine.workflow.runner.stranded import KIND as STRANDED
from webapp.i18n import translated
from webapp.modelwords import named
from webapp.screens.work import foreseeing
from webapp.screens.work.consequences import Consequences


@dataclass(frozen=True)
class Operation:
    """What an operator can do. ``at_place``: with one of the steps where the case stands; ``own_page``: too much for
    a dialog; ``is_previewed``: what it means is shown first."""

    label: Text
    icon: str
    text: Text
    at_place: bool = False
    own_page: bool = False
    is_previewed: bool = False
    is_dangerous: bool = False
    needs_reason: bool = True


_WHERE_STOPPED = ("retry", "pass_join")
"""Offered only where something has stopped."""
OPERATIONS: Mapping[str, Operation] = {
    "suspend": Operation(
        Text("挂起", "Suspend"),
        "player-pause",
        Text("挂起期间任务不能处理，定时器停走。", "While it is suspended no task can be done and timers stand still."),
        needs_reason=False,
    ),
    "resume": Operation(
        Text("恢复", "Resume"),
        "player-play",
        Text("恢复后到期的定时器立即执行。", "What became due meanwhile is done at once."),
        needs_reason=False,
    ),
    "retry": Operation(
        Text("重试", "Retry"),
        "refresh",
        Text("重新执行出错的步骤。", "Does the failed step again."),
        at_place=True,
        needs_reason=False,
    ),
    "skip": Operation(
        Text("跳过", "Skip"),
        "player-skip-forward",
        Text("视为该步骤已完成，继续往下走。", "Goes on as if the step were done."),
        at_place=True,
        is_previewed=True,
        is_dangerous=True,
    ),
    "pass_join": Operation(
        Text("不再等，继续", "Go on without"),
        "player-skip-forward",
        Text("用已到的令牌继续往下走，没有来的不再等。", "Goes on with what has come, without what has not."),
        at_place=True,
        is_previewed=True,
        is_dangerous=True,
    ),
    "move": Operation(
        Text("移动", "Move"),
        "arrows-move",
        Text("结束所选环节，从您选的节点继续。", "Ends the chosen steps and goes on at the node you choose."),
        own_page=True,
        is_previewed=True,
        is_dangerous=True,
    ),
    "variables": Operation(
        Text("修改资料", "Change data"),
        "variable",
        Text("新值和旧值都会留在历史中。", "Both values stay in the trail."),
        own_page=True,
    ),
    "cancel": Operation(
        Text("撤销流程", "Cancel the case"),
        "circle-x",
        Text("整个流程到此结束。", "The whole case ends here."),
        is_previewed=True,
        is_dangerous=True,
        needs_reason=False,
    ),
}


@dataclass(frozen=True)
class Question:
    """What the dialog asks. ``places``: (activation, label); ``place``: the chosen one; ``found``: what it means, once
    everything is chosen."""

    name: str
    operation: Operation
    label: str
    text: str
    places: tuple[tuple[str, str], ...]
    place: str
    found: Consequences | None
    case_url: str


def offered(view: InstanceView) -> tuple[tuple[str, str, str, str, bool], ...]:
    """(url, label, icon, danger, own page) of what the actor may do, in the order of the table."""
    return tuple(
        (
            url_for("instances.operate", instance_id=view.id, operation=name),
            translated(one.label),
            one.icon,
            "danger" if one.is_dangerous else "",
            one.own_page,
        )
        for name, one in OPERATIONS.items()
        if name in view.operations and (name not in _WHERE_STOPPED or _places(view, name))
    )


def ways_out(view: InstanceView, activation: int | None) -> tuple[tuple[str, str, str, bool], ...]:
    """(url, label, icon, opens a dialog) of what settles an incident at that place, besides trying again."""
    names = (name for name in ("skip", "variables", "move") if name in view.operations)
    return tuple(
        (
            url_for("instances.operate", instance_id=view.id, operation=name, place=activation),
            translated(OPERATIONS[name].label),
            OPERATIONS[name].icon,
            not OPERATIONS[name].own_page,
        )
        for name in names
        if activation is not None
    )


def ways_past(view: InstanceView, node_id: str) -> tuple[tuple[str, str, str, bool], ...]:
    """The same for a join that waits for ever: go on without, or begin what it lacks."""
    return tuple(
        (
            url_for("instances.operate", instance_id=view.id, operation=name, place=node_id),
            translated(OPERATIONS[name].label),
            OPERATIONS[name].icon,
            not OPERATIONS[name].own_page,
        )
        for name in ("pass_join", "move")
        if name in view.operations
    )


def question(tx: Tx, instance_id: UUID, name: str, given: Mapping[str, str]) -> Question:
    """What the dialog of an operation asks; with its consequences as soon as nothing is left to choose.

    Raises: NotFound; UserError when it can't be done.
    """
    view, operation = instances.get(tx, instance_id), OPERATIONS[name]
    places = _places(view, name) if operation.at_place else ()
    asked = given.get("place", "")
    place = asked if asked in dict(places) else places[0][0] if len(places) == 1 else ""
    is_chosen = bool(place) or not operation.at_place
    return Question(
        name=name,
        operation=operation,
        label=translated(operation.label),
        text=translated(operation.text),
        places=places,
        place=place,
        found=_consequences(tx, view, name, place) if operation.is_previewed and is_chosen else None,
        case_url=url_for("instances.show", instance_id=instance_id),
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
        "pass_join": lambda: instances.pass_join(tx, instance_id, given.get("place", ""), reason),
    }
    actions[name]()


def step_name(token: TokenView) -> str:
    """How a place is called."""
    return named(token.name) or token.node_id


def stranded(view: InstanceView) -> tuple[IncidentView, ...]:
    """Joins that wait for ever."""
    return tuple(one for one in view.incidents if one.kind == STRANDED and one.resolved_at is None)


def _places(view: InstanceView, name: str) -> tuple[tuple[str, str], ...]:
    """Where the case stands; for a retry only where it failed; the joins that wait for ever to be passed."""
    if name == "pass_join":
        return tuple((one.node_id, named(one.name) or one.node_id) for one in stranded(view))
    tokens = (one for one in view.tokens if name != "retry" or one.wait == "i")
    return tuple((str(one.activation), step_name(one)) for one in tokens)


def _consequences(tx: Tx, view: InstanceView, name: str, place: str) -> Consequences:
    if name == "cancel":
        return foreseeing.cancelling(tx, view.id).found
    if name == "pass_join":
        return foreseeing.passing_join(tx, view.id, place).found
    return foreseeing.skipping(tx, view.id, int(place)).found


def _place(given: Mapping[str, str]) -> int:
    place = given.get("place", "")
    if not (place.isascii() and place.isdigit()):
        raise UserError("place", Text("请选择步骤", "Choose a step"))
    return int(place)
