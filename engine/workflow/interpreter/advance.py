"""The interpreter's one entry: `advance(program, state, command, env) -> (state, effects)`.

Pure and deterministic: the given state is never changed, so an exception leaves it whole. A step ends when every token
rests. Joins, held-back throws and conditional events are decided only when no local handler is pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn.model import ACTIVITY_KINDS, NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import activities, arms, events, inputs, joins, loops, scopes, throwing
from engine.workflow.interpreter.codec import StateError
from engine.workflow.interpreter.commands import Command, Refit
from engine.workflow.interpreter.dispatch import dispatch
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.fitting import may_stand
from engine.workflow.interpreter.paths import LONGEST, Path
from engine.workflow.interpreter.plain import BEGIN, Outcome, walk
from engine.workflow.interpreter.run import BUDGET, Move, Run, Trouble
from engine.workflow.interpreter.shortcuts import Enter, Shortcuts, of
from engine.workflow.interpreter.state import ROOT, Scope, State, Status, Token, Wait, fork
from engine.workflow.interpreter.table import awake

__all__ = ["advance"]

_FOREIGN = (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError)
"""What a damaged or foreign state leads to."""


def advance(program: Program, state: State, command: Command, env: Env) -> Outcome:
    """One step. Raises: Conflict or NotFound for a command that does not fit, StateError for a foreign state."""
    plain = state.fits
    if plain is None or plain.program is not program:
        if state.process != program.process:
            raise StateError()
        _check_fits(program, state)
        plain = of(program)
    begin = BEGIN.get(command.__class__)
    try:
        found = begin(plain, state, command, env) if begin is not None else None
        if not isinstance(found, tuple):
            found = _general(plain, state, command, env, found)
    except _FOREIGN as error:
        raise StateError(hint=Text(f"{type(error).__name__}: {error}", f"{type(error).__name__}: {error}")) from error
    found[0].fits = plain
    return found


def _general(plain: Shortcuts, state: State, command: Command, env: Env, begun: Run | None) -> Outcome:
    """The general way, from the beginning or from where a step has come to."""
    run = begun
    if run is None:
        run = Run(plain, fork(state), env, owned=True)
        run.look_from(state, everywhere=bool(state.calls) or isinstance(command, Refit))
        dispatch(run, command)
    else:
        run.look_from(state, everywhere=bool(state.calls))
    settle(run)
    return run.state, tuple(run.effects)


def _check_fits(program: Program, state: State) -> None:
    ops, tokens, scopes = program.ops, state.tokens, state.scopes
    if state.status != Status.RUNNING and not (tokens or scopes or state.arms):
        return
    known = (
        (state.status != Status.RUNNING or ROOT in scopes)
        and all(_stands(ops, t) and t.scope in scopes and (not t.parent or t.parent in tokens) for t in awake(tokens))
        and all(one.node in program.scopes and (not one.owner or one.owner in tokens) for one in awake(scopes))
        and all(arm.node in ops and arm.index < max(1, len(ops[arm.node].events)) for arm in awake(state.arms))
    )
    if not known:
        raise StateError()


def _stands(ops: Mapping[str, Op], token: Token) -> bool:
    op = ops.get(token.node)
    return op is not None and may_stand(token, op)


def settle(run: Run) -> None:
    """Move until everything rests."""
    state, plain = run.state, run.plain
    if plain.is_watching(state):
        run.own()
        arms.note_edges(run)
    while True:
        while run.queue:
            _go(run, run.queue.popleft(), plain.enter)
        if state.calls or not plain.may_look(state):
            return
        run.own()
        if (plain.lacking and inputs.settle(run)) or joins.settle_inclusive(run):
            continue
        if state.throws:
            node, scope, flow = state.throws.pop(0)
            throwing.enter(run, run.program.ops[node], Move(node, scope, flow), held=True)
            continue
        if state.arms and arms.test_rising(run):
            continue
        if not run.queue:
            return


def _go(run: Run, move: Move, plain: Mapping[str, Enter | None]) -> None:
    node, scope_id, flow, item_id, undo_of, _ = move
    scope = run.state.scopes.get(scope_id)
    if scope is None:
        return
    if not item_id and not undo_of and run.visits < BUDGET - 2 * LONGEST:
        choose = plain[node]
        path = choose(scope, flow, run.env) if choose is not None else None
        if path is not None:
            _follow(run, scope, path)
            return
    run.own()
    _move(run, move)
    if run.plain.watching:
        arms.note_edges(run)


def _follow(run: Run, scope: Scope, path: Path) -> None:
    """Go this way, all of it when nobody else moves."""
    first, most = (path.turn, 0) if run.queue else (path, LONGEST)
    run.go_on(scope.id, *walk(run.plain, run.state, scope, first, 0, run.env, most))
    if not scope.live:
        run.own()
        scopes.check(run, scope)


def _move(run: Run, move: Move) -> None:
    run.visits += 1
    if move.token:
        item = run.state.tokens.get(move.token)
        if item is not None:
            loops.begin_item(run, item)
        return
    op = run.program.ops[move.node]
    if run.visits > BUDGET:
        _exhausted(run, op, move)
        return
    _ENTER[op.kind](run, op, move)


def _exhausted(run: Run, op: Op, move: Move) -> None:
    error = Trouble(
        "step.budget",
        "流程在一步之内走了太多节点，可能存在死循环",
        f"More than {BUDGET} nodes were visited in one step: probably an endless loop",
    )
    stopped = Token(run.new_id(), op.id, move.scope, Wait.INCIDENT, undo_of=move.undo_of)
    run.history("entered", op.id, stopped.id)
    run.park(stopped, "enter", error)


_ENTER: dict[NodeKind, Callable[[Run, Op, Move], None]] = {
    NodeKind.START: events.enter_start,
    NodeKind.CATCH: events.enter_catch,
    NodeKind.BOUNDARY: events.enter_start,
    NodeKind.THROW: throwing.enter,
    NodeKind.END: throwing.enter,
    NodeKind.EVENT_BASED: events.enter_gateway,
    NodeKind.EXCLUSIVE: joins.enter,
    NodeKind.PARALLEL: joins.enter,
    NodeKind.INCLUSIVE: joins.enter,
    NodeKind.COMPLEX: joins.enter,
    **dict.fromkeys(ACTIVITY_KINDS, activities.enter),
}
