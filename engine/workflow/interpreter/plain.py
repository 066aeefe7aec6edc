"""Steps in which nothing but plain nodes takes part: a start or a completed task, then straight paths until all rests.

Nothing of the given state is changed, so where anything else turns up the step is left and done the general way from
its beginning. What it shares with the given state (other tokens and scopes, events) is copied before it changes, there.
"""

from __future__ import annotations

from engine.workflow.bpmn.program import Program
from engine.workflow.interpreter import shortcuts
from engine.workflow.interpreter.commands import Command, CompleteTask, Start
from engine.workflow.interpreter.data import put
from engine.workflow.interpreter.effects import Effect, InstanceEnded
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.paths import LONGEST, Path
from engine.workflow.interpreter.state import ROOT, Scope, State, Status, Token, Wait, bare_copy
from engine.workflow.interpreter.voting import vote_of

Outcome = tuple[State, tuple[Effect, ...]]


def step(program: Program, state: State, command: Command, env: Env) -> Outcome | None:
    """The step, or None when it is not a plain one. Raises: UserError for values that are none."""
    if state.arms or state.throws or state.calls or state.tokens.__class__ is not dict:
        return None
    plain = shortcuts.of(program)
    if plain.looks:
        return None
    if isinstance(command, CompleteTask):
        return _complete(plain, state, command, env)
    return _start(program, plain, state, command, env) if isinstance(command, Start) else None


def _complete(plain: shortcuts.Shortcuts, state: State, command: CompleteTask, env: Env) -> Outcome | None:
    token = state.tokens.get(command.activation)
    if token is None or token.wait != Wait.USER or token.scope != ROOT or token.parent or token.vars or token.undo_of:
        return None
    path = plain.complete[token.node]
    if path is None or state.status != Status.RUNNING:
        return None
    before = state.scopes[ROOT]
    variables = before.vars.copy()
    put(variables, command.variables)
    if not command.as_given or token.node not in command.variables:
        variables[token.node] = vote_of(command, env.now)
    joins = {node: counts.copy() for node, counts in before.joins.items()} if before.joins else {}
    root = Scope(ROOT, before.node, before.owner, before.live, variables, joins, before.undo)
    found = bare_copy(state)
    found.tokens = state.tokens.copy()
    del found.tokens[token.id]
    return _walk(plain, found, root, path, token.id, env)


def _start(program: Program, plain: shortcuts.Shortcuts, state: State, command: Start, env: Env) -> Outcome | None:
    layout = program.scopes[state.process]
    if state.status != Status.NEW or command.node is not None or command.payload is not None or command.undo:
        return None
    if layout.handlers or not layout.start:
        return None
    root = Scope(ROOT, state.process, 0, 1)
    put(root.vars, command.variables)
    choose = plain.enter[layout.start]
    path = choose(root, None, env) if choose is not None else None
    if path is None:
        return None
    found = bare_copy(state)
    found.status, found.called, found.tokens = Status.RUNNING, command.called, {}
    return _walk(plain, found, root, path, 0, env)


def _walk(plain: shortcuts.Shortcuts, state: State, root: Scope, path: Path, left: int, env: Env) -> Outcome | None:
    """Along these paths; `state` is ours, but for its scopes."""
    effects: tuple[Effect, ...] = ()
    for _ in range(LONGEST):
        first = state.next_id
        effects += path.effects(left, first)
        state.next_id = first + path.begun
        for node, offset in path.opens:
            state.tokens[first + offset] = Token(first + offset, node, ROOT, Wait.USER)
        root.live += path.live
        if not path.rest:
            break
        if len(path.rest) > 1 or not root.live:
            return None
        node, flow = path.rest[0]
        choose = plain.enter[node]
        following = choose(root, flow, env) if choose is not None else None
        if following is None:
            return None
        path, left = following, 0
    else:
        return None
    if root.live:
        state.scopes = {**state.scopes, ROOT: root}
        return state, effects
    return _end(state, root, effects)


def _end(state: State, root: Scope, effects: tuple[Effect, ...]) -> Outcome | None:
    """As `scopes.finish`."""
    if state.tokens:
        return None
    state.status, state.scopes = Status.COMPLETED, {}
    undo = tuple(root.undo) if state.called else ()
    return state, (*effects, InstanceEnded("completed", dict(root.vars), None, "", undo))
