"""Steps along straight paths: a start or a completed task, then path after path for as long as nobody else moves.

Nothing of the given state is changed: the process scope and the table of tokens are copies, all else is shared with it.
Where something turns up that no path tells, the step goes on the general way from there, after `Run.own`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from engine.workflow.interpreter import scopes
from engine.workflow.interpreter.commands import CompleteTask, Start
from engine.workflow.interpreter.data import put
from engine.workflow.interpreter.effects import Effect, InstanceEnded
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.paths import LONGEST, Path
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.shortcuts import Shortcuts
from engine.workflow.interpreter.state import ROOT, Scope, State, Status, Wait, bare_copy, copy_scope
from engine.workflow.interpreter.voting import vote_of

Outcome = tuple[State, tuple[Effect, ...]]
Walked = tuple[tuple[Effect, ...], Collection[tuple[str, str | None]], int]


def _complete(plain: Shortcuts, state: State, command: CompleteTask, env: Env) -> Outcome | Run | None:
    tokens = state.tokens
    token = tokens.get(command.activation) if tokens.__class__ is dict else None
    if token is None or token.scope != ROOT or token.parent or token.vars or token.undo_of or token.wait != Wait.USER:
        return None
    path = plain.complete[token.node]
    if path is None or state.status != Status.RUNNING:
        return None
    root = copy_scope(state.scopes[ROOT])
    put(root.vars, command.variables)
    if not command.as_given or token.node not in command.variables:
        root.vars[token.node] = vote_of(command, env.now)
    found = bare_copy(state)
    found.scopes = {**state.scopes, ROOT: root} if len(state.scopes) > 1 else {ROOT: root}
    found.tokens = tokens.copy()
    del found.tokens[token.id]
    return _rest(plain, found, walk(plain, found, root, path, token.id, env, LONGEST), env)


def _start(plain: Shortcuts, state: State, command: Start, env: Env) -> Outcome | Run | None:
    layout = plain.program.scopes[state.process]
    if state.status != Status.NEW or command.node is not None or command.payload is not None or command.undo:
        return None
    if layout.handlers or not layout.start:
        return None
    choose = plain.enter[layout.start]
    if choose is None:
        return None
    root = Scope(ROOT, state.process, 0, 1)
    put(root.vars, command.variables)
    path = choose(root, None, env)
    if path is None:
        return None
    found = bare_copy(state)
    found.status, found.called, found.tokens, found.scopes = Status.RUNNING, command.called, {}, {ROOT: root}
    return _rest(plain, found, walk(plain, found, root, path, 0, env, LONGEST), env)


def walk(plain: Shortcuts, state: State, scope: Scope, path: Path, left: int, env: Env, most: int) -> Walked:
    """Along this path, and along those after it when nobody else moves and fewer than `most` nodes are visited.

    What it yields, where tokens go on another way, and how many nodes were visited.
    """
    effects: tuple[Effect, ...] = ()
    visits = 0
    while True:
        first = state.next_id
        taken = path.kept.get((scope.id, left, first)) or path.take(scope.id, left, first)
        effects += taken[0]
        if path.opens:
            state.tokens.update(taken[1])
        state.next_id = first + path.begun
        scope.live += path.live
        visits += path.visits
        rest = path.rest
        if len(rest) != 1 or visits >= most:
            return effects, rest, visits
        node, flow = rest[0]
        choose = plain.enter[node]
        following = choose(scope, flow, env) if choose is not None else None
        if following is None:
            return effects, rest, visits
        path, left = following, 0


def _rest(plain: Shortcuts, state: State, walked: Walked, env: Env) -> Outcome | Run:
    """The outcome when all rests now, else the step as far as it has come."""
    effects, moving, visits = walked
    root = state.scopes[ROOT]
    if not moving:
        if root.live and not ((plain.looks or state.throws) and plain.may_look(state)):
            return state, effects
        is_undone_by_itself = state.called and plain.program.scopes[root.node].handlers
        if not (root.live or state.tokens or state.arms or state.throws or is_undone_by_itself):
            return _end(state, root, effects)
    run = Run(plain, state, env, owned=False)
    run.go_on(ROOT, effects, moving, visits)
    if not root.live:
        run.own()
        scopes.check(run, root)
    return run


def _end(state: State, root: Scope, effects: tuple[Effect, ...]) -> Outcome:
    """As `scopes.finish`."""
    state.status, state.scopes = Status.COMPLETED, {}
    undo = tuple(root.undo) if state.called else ()
    return state, (*effects, InstanceEnded("completed", dict(root.vars), None, "", undo))


BEGIN: dict[type, Callable[[Shortcuts, State, Any, Env], Outcome | Run | None]] = {
    CompleteTask: _complete,
    Start: _start,
}
"""The step by its command, or as far as paths tell it; None when they tell nothing. Raises: UserError as `put`."""
