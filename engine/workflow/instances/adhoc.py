"""Ad-hoc sub-processes (BPMN 2.0.2 13.3.5) for people: which activities they can begin, beginning one, ending the body.

A body with tasks for people is chosen from; one without begins its activities by itself and is offered only when it
stands still. A completion condition alone ends the body it belongs to; without one a person ends it when nothing in it
runs. What the model calls an approval stays undone only where no money is concerned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.errors import Conflict, Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.instances.access import require_participant, takes_part
from engine.workflow.instances.passing import passed_by_skip
from engine.workflow.interpreter.adhoc import available
from engine.workflow.interpreter.commands import ActivateAdHoc, FinishAdHoc
from engine.workflow.interpreter.state import Scope, State, Token
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import apart
from engine.workflow.runner.choosing import open_bodies
from engine.workflow.runner.row import lock, read
from engine.workflow.runner.session import Session
from engine.workflow.runner.step import ensure_running
from engine.workflow.tasks.returning import around


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of an open body. `done`, `running`: how often; `may_begin`: now."""

    node_id: str
    name: str
    done: int
    running: int
    may_begin: bool


@dataclass(frozen=True, slots=True)
class OpenBody:
    """An open ad-hoc sub-process. `activation`: its name for `begin` and `finish`; `may_finish`: now, by a person."""

    activation: int
    node_id: str
    name: str
    activities: tuple[Activity, ...]
    may_finish: bool


@dataclass(frozen=True, slots=True)
class _Open:
    """An open body with its scope."""

    loaded: Loaded
    state: State
    host: Token
    scope: Scope

    @property
    def done(self) -> dict[str, int]:
        """How often each activity has been completed."""
        found: dict[str, int] = (self.host.data or {}).get("done", {})
        return found


def offers(tx: Tx, instance_id: UUID) -> tuple[OpenBody, ...]:
    """The open bodies, oldest first; none for who may look only, or while the case does not move. Raises: NotFound."""
    row = read(tx, instance_id)
    if not takes_part(tx, row) or row.status != "active" or row.suspended:
        return ()
    loaded = load(tx, row.version_id, row.overlay_id)
    return tuple(_body(one) for one in _open(loaded, apart.decode(tx, row.id, row.state)))


def begin(tx: Tx, instance_id: UUID, activation: int, node: str) -> tuple[UUID, ...]:
    """Begin an activity; ids of the tasks that this opened for tx.actor.

    Raises: NotFound; Forbidden; Conflict when the case does not move, the body has gone, the activity is not one of
    its own, or another one runs in a sequential body.
    """
    session = _session(tx, instance_id)
    _find(session, activation)
    session.cause = ("instance:activity_begun", ("instance", instance_id))
    session.told = {"activation": activation, "node": node}
    session.run(ActivateAdHoc(activation, node))
    opened = session.tasks_for(tx.actor.id)
    session.save()
    return opened


def finish(tx: Tx, instance_id: UUID, activation: int) -> None:
    """End a body in which nothing runs. Raises: NotFound; Forbidden; Conflict, also when its own condition ends it."""
    session = _session(tx, instance_id)
    body = _find(session, activation)
    _require_finishable(body)
    session.cause = ("instance:stage_finished", ("instance", instance_id))
    session.told = {"activation": activation, "node": body.host.node}
    session.run(FinishAdHoc(activation))
    session.save()


def _session(tx: Tx, instance_id: UUID) -> Session:
    row = lock(tx, instance_id)
    require_participant(tx, row)
    ensure_running(row)
    return Session(tx, row)


def _find(session: Session, activation: int) -> _Open:
    found = [one for one in _open(session.loaded, session.state) if one.host.id == activation]
    if not found:
        raise Conflict(
            "adhoc.gone",
            Text("该阶段已结束", "This stage is over"),
            hint=Text("请刷新页面", "Reload the page"),
        )
    return found[0]


def _open(loaded: Loaded, state: State) -> Iterator[_Open]:
    return (_Open(loaded, state, host, scope) for host, scope in open_bodies(loaded, state))


def _body(one: _Open) -> OpenBody:
    program, host = one.loaded.program, one.host
    now = available(program, one.state, host)
    running = [token.node for token in one.state.tokens.values() if token.scope == one.scope.id and not token.parent]
    activities = tuple(
        Activity(node, _name(one.loaded, node), one.done.get(node, 0), running.count(node), node in now)
        for node in program.scopes[host.node].implicit
    )
    return OpenBody(host.id, host.node, _name(one.loaded, host.node), activities, _obstacle(one) is None)


def _name(loaded: Loaded, node_id: str) -> str:
    node = loaded.process.nodes.get(node_id)
    return (node.name if node is not None else "") or node_id


def _require_finishable(one: _Open) -> None:
    obstacle = _obstacle(one)
    if obstacle is not None:
        raise obstacle


def _obstacle(one: _Open) -> Conflict | Forbidden | None:
    """Why nobody can end the body now."""
    if one.loaded.program.ops[one.host.node].completion is not None:
        return Conflict(
            "adhoc.condition",
            Text("该阶段达到设定的条件后自动结束", "This stage ends by itself when its condition holds"),
        )
    if one.scope.live > 0:
        return Conflict("adhoc.running", Text("请先完成正在进行的活动", "Finish the running activity first"))
    if one.loaded.money and _undecided(one):
        return Forbidden(
            "money_approval", Text("资金流程的审批不能跳过", "Approvals about money cannot be passed over")
        )
    return None


def _undecided(one: _Open) -> bool:
    """Whether an approval inside has never been done."""
    process, host = one.loaded.process, one.host.node
    return any(
        not any(one.done.get(level) for level in (approval, *around(process, approval)))
        for approval in passed_by_skip(process, host)
    )
