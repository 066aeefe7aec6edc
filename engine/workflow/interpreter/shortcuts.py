"""Nodes with nothing special about them, each as one function made once per program.

A user task without boundary events, loop, mappings, data or due time; a gateway without conditions to wait for; a start
and an end without event definitions: most nodes of most models. What they do is said by the general functions
(`activities`, `joins`, `events`, `throwing`, `ways`); a shortcut yields the same state and effects in a third of the
time. Where anything is unusual about the token, the general functions are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import scopes, ways
from engine.workflow.interpreter.effects import CloseTask, HistoryEvent, OpenTask
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import ROOT, Scope, Token, Wait

Enter = Callable[[Run, Scope], bool]
"""A token reaches the node; False when it has to be done the general way (nothing has happened then)."""
Complete = Callable[[Run, Token, Mapping[str, Any]], None]
"""A person completed a task that stands in the process itself."""

KEY = "shortcuts"
_new = tuple.__new__  # a named tuple's own constructor is a Python function: twice the time


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """By node."""

    enter: Mapping[str, Enter]
    complete: Mapping[str, Complete]


def of(program: Program) -> Shortcuts:
    """The program's shortcuts, made at first use."""
    found = program.cache.get(KEY)
    if not isinstance(found, Shortcuts):
        enter = {op.id: step for op in program.ops.values() if (step := _enter(op)) is not None}
        complete = {op.id: _completing(op) for op in program.ops.values() if _is_plain_task(op) and _goes_on(op)}
        found = program.cache[KEY] = Shortcuts(enter, complete)
    return found


def _enter(op: Op) -> Enter | None:
    if op.node.stage or op.node.start_quantity > 1:
        return None
    if op.kind in (NodeKind.USER, NodeKind.MANUAL) and _is_plain_task(op):
        return _opening(op)
    if op.kind is NodeKind.END and not op.events and not op.action:
        return _ending(op)
    if op.kind is NodeKind.EXCLUSIVE and op.ways:
        return _deciding(op) if len(op.ways) > 1 or op.has_conditions else _passing(op)
    if op.kind is NodeKind.START or (op.kind is NodeKind.PARALLEL and len(op.incoming) < 2):
        return _passing(op) if _goes_on(op) else None
    return None


def _goes_on(op: Op) -> bool:
    return bool(op.ways) and (op.kind is NodeKind.PARALLEL or not op.has_conditions)


def _is_plain_task(op: Op) -> bool:
    """Nothing to arm, read, write, repeat, undo or evaluate."""
    node = op.node
    special = (
        op.loop, op.boundary, op.inputs, op.outputs, op.data_inputs, op.data_outputs, op.action_outputs, op.undo,
        op.due, op.title, op.priority, node.properties, node.for_compensation,
    )  # fmt: skip
    is_task = op.kind in (NodeKind.USER, NodeKind.MANUAL)
    return is_task and not any(special) and node.start_quantity == 1 and node.completion_quantity == 1


def _opening(op: Op) -> Enter:
    """As `activities.enter` and the body of a user task."""
    node = op.id

    def enter(run: Run, scope: Scope) -> bool:
        state, effects = run.state, run.effects
        activation = state.next_id
        state.next_id = activation + 1
        state.tokens[activation] = Token(activation, node, scope.id, Wait.USER)
        effects.append(_new(HistoryEvent, ("entered", node, activation, None)))
        effects.append(_new(OpenTask, (activation, node, None, None, {}, None, None, None)))
        return True

    return enter


def _completing(op: Op) -> Complete:
    """As `activities.complete`: results become process variables, every way is taken."""
    node, taken = op.id, tuple((way.id, way.target) for way in op.ways)

    def complete(run: Run, token: Token, values: Mapping[str, Any]) -> None:
        state, effects, activation = run.state, run.effects, token.id
        effects.append(_new(CloseTask, (activation, "completed")))
        root = state.scopes[ROOT]
        root.vars.update(values)
        del state.tokens[activation]
        effects.append(_new(HistoryEvent, ("completed", node, activation, None)))
        _take(run, root, activation, taken)

    return complete


def _passing(op: Op) -> Enter:
    """As `joins.enter` and `events.enter_start` where nothing has to be waited for or chosen."""
    node, taken = op.id, tuple((way.id, way.target) for way in op.ways)

    def enter(run: Run, scope: Scope) -> bool:
        _take(run, scope, _passed(run, node), taken)
        return True

    return enter


def _deciding(op: Op) -> Enter:
    """As `joins.enter` for an exclusive gateway; one that cannot choose is left to it."""
    node = op.id

    def enter(run: Run, scope: Scope) -> bool:
        try:
            chosen = ways.choose(run, op, run.context(None, scope.id))
        except TROUBLES:
            return False
        _take(run, scope, _passed(run, node), tuple((way.id, way.target) for way in chosen))
        return True

    return enter


def _ending(op: Op) -> Enter:
    """As `throwing.enter` for a none end event."""
    node = op.id

    def enter(run: Run, scope: Scope) -> bool:
        _passed(run, node)
        scope.live -= 1
        if scope.live == 0:
            scopes.check(run, scope)
        return True

    return enter


def _passed(run: Run, node: str) -> int:
    """The activation of a node that is entered and left at once."""
    state, effects = run.state, run.effects
    activation = state.next_id
    state.next_id = activation + 1
    effects.append(_new(HistoryEvent, ("entered", node, activation, None)))
    effects.append(_new(HistoryEvent, ("completed", node, activation, None)))
    return activation


def _take(run: Run, scope: Scope, activation: int, taken: tuple[tuple[str, str], ...]) -> None:
    """As `ways.follow`, at least one way."""
    scope.live += len(taken) - 1
    for flow, target in taken:
        run.effects.append(_new(HistoryEvent, ("taken", flow, activation, None)))
        run.queue.append(_new(Move, (target, scope.id, flow, 0, 0, None)))
