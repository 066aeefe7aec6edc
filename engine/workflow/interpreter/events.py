"""Start events, catching events and event gateways as tokens reach them (BPMN 2.0.2 13.4.4, 13.5.1, 13.5.2)."""

from __future__ import annotations

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import arms, triggers, ways
from engine.workflow.interpreter.run import TROUBLES, Move, Run, Trouble
from engine.workflow.interpreter.state import Token, Wait


def enter_start(run: Run, op: Op, move: Move) -> None:
    """A start event has happened: it only passes on."""
    activation = run.new_id()
    run.history("entered", op.id, activation)
    ways.leave(run, op, move.scope, activation)


def enter_catch(run: Run, op: Op, move: Move) -> None:
    """Wait for the event; a link target and an event without definition pass on."""
    token = Token(run.new_id(), op.id, move.scope, Wait.EVENT)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id)
    waiting = [event for event in op.events if event.kind is not EventKind.LINK]
    if not waiting:
        ways.leave(run, op, move.scope, token.id, token)
        return
    try:
        arms.arm_all(run, op, owner=token.id, scope=token.scope)
    except TROUBLES as error:
        arms.disarm(run, owner=token.id)
        run.park(token, "enter", error)
        return
    arms.test_conditions(run, owner=token.id)


def enter_gateway(run: Run, op: Op, move: Move) -> None:
    """Arm the events behind the gateway; the first one that happens decides."""
    token = Token(run.new_id(), op.id, move.scope, Wait.EVENT)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id)
    try:
        if not op.ways:
            raise Trouble("gateway.empty", "事件网关后面没有事件", "There is no event behind the event gateway")
        for way in op.ways:
            arms.arm_all(run, run.program.ops[way.target], owner=token.id, scope=token.scope)
    except TROUBLES as error:
        arms.disarm(run, owner=token.id)
        run.park(token, "enter", error)
        return
    arms.test_conditions(run, owner=token.id)


def start_at_gateway(run: Run, op: Op, index: int, payload: object) -> None:
    """The instance begins because event number `index` behind an instantiating gateway happened (13.4.4).

    Behind a parallel gateway the other events are waited for too.
    """
    scope = run.state.scopes[0]
    scope.live += 1
    token = Token(run.new_id(), op.id, scope.id, Wait.EVENT)
    run.history("entered", op.id, token.id)
    target = run.program.ops[op.ways[index].target]
    rest = [way for number, way in enumerate(op.ways) if number != index]
    if op.node.event_gateway_parallel and rest:
        run.state.tokens[token.id] = token
        scope.live += 1
        for way in rest:
            arms.arm_all(run, run.program.ops[way.target], owner=token.id, scope=scope.id)
    else:
        run.history("completed", op.id, token.id)
    triggers.branch_taken(run, op, target, token, payload)


def start_at_parallel_event(run: Run, op: Op, index: int) -> None:
    """A parallel multiple start event: the instance waits in it for the definitions still missing (10.5.2)."""
    scope = run.state.scopes[0]
    scope.live += 1
    token = Token(run.new_id(), op.id, scope.id, Wait.EVENT)
    run.state.tokens[token.id] = token
    run.history("entered", op.id, token.id)
    for number in range(len(op.events)):
        if number != index:
            arms.arm(run, op, number, owner=token.id, scope=scope.id)


INSTANTIATING = frozenset({NodeKind.RECEIVE, NodeKind.EVENT_BASED, NodeKind.START})
