"""Optional steps of a case: the open ad-hoc sub-processes as its page offers them, and choosing."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.instances.adhoc import OpenBody
from webapp.i18n import gettext


@dataclass(frozen=True)
class Step:
    """One activity. ``note``: how often it runs and was done; ``may_begin``: its button can be pressed."""

    node: str
    name: str
    note: str
    may_begin: bool


@dataclass(frozen=True)
class Stage:
    """One open stage. ``is_busy``: another step can be chosen only when the running one is done."""

    activation: int
    name: str
    steps: tuple[Step, ...]
    may_finish: bool
    is_busy: bool


def stages(tx: Tx, instance_id: UUID) -> tuple[Stage, ...]:
    """What the actor can choose from; nothing for who may look only. Raises: NotFound."""
    return tuple(_stage(body) for body in instances.adhoc.offers(tx, instance_id))


def begin(tx: Tx, instance_id: UUID, given: Mapping[str, str]) -> str:
    """Begins the chosen step; where to go on: its task when the actor has it, else the case. Raises: UserError."""
    opened = instances.adhoc.begin(tx, instance_id, _activation(given), given.get("node", ""))
    if len(opened) == 1:
        return url_for("inbox.show", task_id=opened[0])
    return url_for("instances.show", instance_id=instance_id)


def finish(tx: Tx, instance_id: UUID, given: Mapping[str, str]) -> None:
    """Ends the stage. Raises: UserError."""
    instances.adhoc.finish(tx, instance_id, _activation(given))


def _stage(body: OpenBody) -> Stage:
    steps = tuple(Step(one.node_id, one.name, _note(one.running, one.done), one.may_begin) for one in body.activities)
    is_busy = not any(one.may_begin for one in body.activities)
    return Stage(body.activation, body.name, steps, body.may_finish, is_busy)


def _note(running: int, done: int) -> str:
    told = (
        gettext("进行中 %(n)s", n=running) if running else "",
        gettext("已完成 %(n)s 次", n=done) if done else "",
    )
    return " · ".join(filter(None, told))


def _activation(given: Mapping[str, str]) -> int:
    activation = given.get("activation", "")
    if not activation.isascii() or not activation.isdigit():
        raise UserError("stage", Text("请选择步骤", "Choose a step"))
    return int(activation)
