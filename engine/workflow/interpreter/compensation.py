"""Compensation and transaction cancel (BPMN 2.0.2 10.7, 13.5.5).

A record is `[node, variables, children]`: a completed activity with what its handler should see, and for a finished
sub-process what was completed inside. Handlers run in reverse order, one at a time; the thrower waits. A fourth part
says that only some of a sub-process is meant, or that it never finished: its own handler has no say then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.workflow.bpmn.model import SCOPE_KINDS
from engine.workflow.bpmn.program import Event, Op
from engine.workflow.interpreter import activities, arms, lookups, operations, records, scopes, throwing, transactions
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.naming import name_of
from engine.workflow.interpreter.run import Move, Run
from engine.workflow.interpreter.state import ROOT, Scope, Token, Wait

RUN, OPEN, INSIDE, HANDLER, CLOSE, CALL = "run", "open", "inside", "esp", "close", "call"
_CALLED, _AGAIN, _INSIDE = "called", "again", "inside"


def remember(run: Run, op: Op, token: Token) -> None:
    """A completed activity with a handler goes on its scope's list (loops have handed theirs over)."""
    if op.loop is None and (record := _record(op, token)) is not None:
        run.scope_of(token).undo.append(record)


def remember_item(run: Run, op: Op, host: Token, item: Token) -> None:
    """Each completed item of a loop is compensated on its own."""
    if host.data is not None and (record := _record(op, item)) is not None:
        host.data.setdefault("undo", []).append(record)


def _record(op: Op, token: Token) -> list[Any] | None:
    """Its own handler comes first; without one a call is undone inside the called process, like a sub-process."""
    if op.undo is not None:
        return [op.id, dict(token.vars) if token.vars else None, (token.data or {}).get(_INSIDE)]
    called = (token.data or {}).get(_CALLED)
    return [op.id, {"variables": called[0], "version": called[2]}, called[1]] if called else None


def is_frame(thrower: Token) -> bool:
    """Whether the token only holds a list of work: it stands at an event that is over, or at a node yet to begin."""
    return bool((thrower.data or {})["then"] != "leave")


def keep_called(token: Token, values: Mapping[str, Any], undo: Sequence[Any], version: str) -> None:
    """What the called instance can compensate later stays with the call activity until it is recorded."""
    if undo:
        token.data = {**(token.data or {}), _CALLED: [dict(values), list(undo), version]}


def is_again(token: Token) -> bool:
    """Whether this call only compensates what an earlier one completed."""
    return _AGAIN in (token.data or {})


def call_again(run: Run, op: Op, token: Token) -> None:
    """Start an instance that does nothing but compensate."""
    facts, undo = (token.data or {})[_AGAIN]
    name = name_of(run, op, token)
    token.wait = Wait.CALLED
    binding = f"version:{facts['version']}" if facts["version"] else op.action or "deployment"
    run.effects.append(fx.StartCalledInstance(token.id, op.id, name, binding, dict(facts["variables"]), tuple(undo)))


def left_to_undo(run: Run, root: Scope) -> tuple[Any, ...]:
    """What a called process that completes can compensate later: its records, or if it has a handler of its own, one
    record of all of it (10.7)."""
    handler = scopes.has_compensation_handler(run, root.node)
    return tuple(root.undo) if handler is None else ([handler, None, list(root.undo)],)


def begin_again(run: Run, variables: dict[str, Any], undo: Sequence[Any]) -> None:
    """The instance only compensates these records of an earlier one, with its variables, and ends."""
    root = Scope(ROOT, run.state.process, 0, live=1, vars=variables)
    run.state.scopes[ROOT] = root
    node, _, inside = undo[-1][:3]
    frame = Token(run.new_id(), node, ROOT, Wait.COMPENSATION)
    if node == scopes.has_compensation_handler(run, root.node):
        root.undo = list(inside)
        frame.data = {"work": [[HANDLER, node, ROOT, None, None]], "then": "drop"}
    else:
        frame.data = {"work": expand(run, undo, ROOT), "then": "drop"}
    run.state.tokens[frame.id] = frame
    advance(run, frame)


def hand_over_items(run: Run, host: Token) -> None:
    """A completed multi-instance activity gives its items' records to the scope."""
    run.scope_of(host).undo.extend((host.data or {}).get("undo", ()))


def hand_over(run: Run, scope: Scope, owner: Token) -> None:
    """A finished sub-process gives its list and a snapshot of its data to the parent, the item's if it is repeated.

    Where a handler of its own undoes all of it, the list is kept for the case that somebody goes back into it.
    """
    op = run.op(owner)
    if owner.undo_of:
        return
    if op.undo is not None:
        if scope.undo:
            inside = [op.id, {**(owner.vars or {}), **scope.vars}, list(scope.undo), records.PART]
            owner.data = {**(owner.data or {}), _INSIDE: [inside]}
        return
    if not scope.undo and scopes.has_compensation_handler(run, scope.node) is None:
        return
    record = [op.id, {**(owner.vars or {}), **scope.vars}, list(scope.undo)]
    host = run.state.tokens.get(owner.parent) if owner.parent else None
    if host is not None and host.data is not None:
        host.data.setdefault("undo", []).append(record)
    else:
        run.scope_of(owner).undo.append(record)


def throw(run: Run, op: Op, event: Event, token: Token) -> None:
    """Compensate one activity, or all of the scope; then the thrower goes on (13.5.5)."""
    work: list[Any] = []
    home = run.scope_of(token)
    for scope in _target_scopes(run, token, event.activity):
        picked, scope.undo = _meant(scope, event.activity)
        work += expand(run, picked, scope.id)
        home = scope if picked else home
    if not event.wait:
        frame = Token(run.new_id(), op.id, home.id, Wait.COMPENSATION, data={"work": work, "then": "drop"})
        run.state.tokens[frame.id] = frame
        home.live += 1
        throwing.end_or_leave(run, op, token)
        advance(run, frame)
        return
    token.wait = Wait.COMPENSATION
    token.data = {"work": work, "then": "leave"}
    advance(run, token)


def _meant(scope: Scope, activity: str | None) -> tuple[list[Any], list[Any]]:
    """(the records a throw event means, the others)."""
    return (list(scope.undo), []) if activity is None else records.of_activity(scope.undo, activity)


def _target_scopes(run: Run, token: Token, activity: str | None) -> list[Scope]:
    """The scope that holds the activity, from the thrower's outwards; without one that of the thrower, and if it is an
    event sub-process the one around it too, which it ends or accompanies. Outer ones first: what is newer comes last.
    """
    scope: Scope | None = run.scope_of(token)
    found: list[Scope] = []
    while scope is not None:
        if activity is None or _meant(scope, activity)[0]:
            found.insert(0, scope)
        op = run.program.ops.get(scope.node)
        if found and (activity is not None or op is None or not op.esp):
            break
        scope = scopes.parent_scope(run, scope)
    return found


def pick(run: Run, base: Scope, leaving: Sequence[Token], nodes: frozenset[str]) -> list[Any]:
    """Take the records of these nodes off the lists of the scope, and of running sub-processes that leave."""
    picked, base.undo = records.split(run, base.undo, nodes)
    for token in leaving:
        for scope in [one for one in lookups.bodies_of(run.state, token.id) if one.undo]:
            picked.append([scope.node, dict(scope.vars), list(scope.undo), records.PART])
            scope.undo = []
    return picked


def reopen(run: Run, base: Scope, path: Sequence[str], nodes: frozenset[str]) -> tuple[list[Any], list[Any]]:
    """Finished sub-processes with handlers of their own go on: these are for the next completion, not for the newest.

    (what is to be undone inside: the records at `nodes`; what goes on with them, as a record each). What was completed
    in the round that is over stays together with the data of that round, with which the next one begins.
    """
    undone: list[Any] = []
    kept: list[Any] = []
    for node in path:
        if run.program.ops[node].undo is None and scopes.has_compensation_handler(run, node) is None:
            continue
        for around in (kept[-1][2], base.undo) if kept else (base.undo,):
            taken, around[:] = records.take(run, around, node, 1)
            if taken:
                ended = _ended_with(run, taken[0])
                inside, outside = records.split(run, taken[0][2] or (), nodes)
                undone += _around(kept, records.part_of(node, ended, inside))
                kept.append([node, ended, records.part_of(node, ended, outside)])
                break
    return undone, kept


def _ended_with(run: Run, record: Sequence[Any]) -> Any:
    """The data a finished sub-process had at its end; beside its own handler's, which sees the data around it."""
    own = run.program.ops[record[0]].undo is not None and record[2] and records.is_part(record[2][-1])
    return record[2][-1][1] if own else record[1]


def _around(kept: Sequence[Any], inside: list[Any]) -> list[Any]:
    """The same within the sub-processes around it, whose data its handlers see too."""
    for node, variables, _ in reversed(kept):
        inside = [[node, variables, inside, records.PART]] if inside else []
    return inside


def before_move(
    run: Run,
    base: Scope,
    target: str,
    undone: list[Any],
    arrived: Sequence[tuple[str, str]],
    resume: Mapping[str, Any] | None,
    kept: Sequence[Any],
) -> None:
    """Undo this; then the token that already counts in the scope begins at the target, or goes on there."""
    frame = Token(run.new_id(), target, base.id, Wait.COMPENSATION)
    frame.data = {"work": expand(run, undone, base.id), "then": "move", "arrived": [list(one) for one in arrived]}
    frame.data["kept"] = list(kept)
    if resume is not None:
        frame.data["resume"] = dict(resume)
    run.state.tokens[frame.id] = frame
    advance(run, frame)


def expand(run: Run, undo: Sequence[Any], scope_id: int) -> list[Any]:
    """Records in reverse order as a work list, the next one last."""
    work: list[Any] = []
    for node, variables, children, *part in undo:
        op = run.program.ops[node]
        if part:
            work.append([INSIDE, node, scope_id, variables, children])
        elif op.undo is not None:
            work.append([RUN, op.undo, scope_id, variables, None])
        elif op.kind in SCOPE_KINDS:
            work.append([OPEN, node, scope_id, variables, children])
        elif children:
            work.append([CALL, node, scope_id, variables, children])
    return work


def advance(run: Run, thrower: Token) -> None:
    """Do the next piece of work of a waiting thrower."""
    facts = thrower.data or {}
    work: list[Any] = facts["work"]
    while work:
        kind, node, scope_id, variables, children = work.pop()
        if kind == RUN and scope_id in run.state.scopes:
            run.state.scopes[scope_id].live += 1
            run.queue.append(Move(node, scope_id, None, 0, thrower.id, variables))
            return
        if kind in {OPEN, INSIDE}:
            _open(run, thrower, node, variables, children or [], own=kind == OPEN)
        elif kind == CALL and scope_id in run.state.scopes:
            _call(run, thrower, node, scope_id, [variables, children])
            return
        elif kind == HANDLER:
            _run_handler(run, thrower, node, run.state.scopes[scope_id])
            return
        elif kind == CLOSE:
            arms.disarm(run, scope=scope_id)
            run.state.scopes.pop(scope_id, None)
    _done(run, thrower, facts["then"])


def _open(
    run: Run, thrower: Token, node: str, variables: dict[str, Any] | None, children: list[Any], *, own: bool
) -> None:
    """Bring a sub-process's data back while its insides are compensated; `own`: by its own handler, as it finished."""
    scope = Scope(run.new_id(), node, thrower.id, live=1, vars=dict(variables or {}))
    run.state.scopes[scope.id] = scope
    work = (thrower.data or {})["work"]
    work.append([CLOSE, node, scope.id, None, None])
    handler = scopes.has_compensation_handler(run, node) if own else None
    if handler is not None:
        scope.undo = list(children)
        work.append([HANDLER, handler, scope.id, None, None])
    else:
        work += expand(run, children, scope.id)


def _call(run: Run, thrower: Token, node: str, scope_id: int, again: list[Any]) -> None:
    token = Token(run.new_id(), node, scope_id, Wait.READY, data={_AGAIN: again}, undo_of=thrower.id)
    run.state.tokens[token.id] = token
    run.state.scopes[scope_id].live += 1
    run.history("entered", node, token.id)
    activities.start(run, run.op(token), token)


def _run_handler(run: Run, thrower: Token, handler: str, scope: Scope) -> None:
    starts = [start for identity, start in run.program.scopes[scope.node].handlers if identity == handler]
    host = Token(run.new_id(), handler, scope.id, Wait.SCOPE, undo_of=thrower.id)
    run.state.tokens[host.id] = host
    scope.live += 1
    run.history("entered", handler, host.id)
    body = scopes.open_scope(run, handler, host, {})
    scopes.begin(run, body, starts[0])


def handler_done(run: Run, handler: Token) -> None:
    """One handler has completed: its place in the scope is free, the thrower goes on with the next."""
    scope = run.state.scopes.get(handler.scope)
    if scope is not None:
        scope.live -= 1
    thrower = run.state.tokens.get(handler.undo_of)
    if thrower is not None and thrower.wait == Wait.COMPENSATION:
        advance(run, thrower)


def stop(run: Run, thrower: Token) -> None:
    """Whoever waits for a compensation has gone, or waits no more: what still undoes for it ends with it."""
    state = run.state
    for handler in [token for token in state.tokens.values() if token.undo_of == thrower.id]:
        scopes.cancel(run, [handler])
        _free_place(run, handler.scope)
    for move in [move for move in run.queue if move.undo_of == thrower.id]:
        run.queue.remove(move)
        _free_place(run, move.scope)
    opened = [scope.id for scope in lookups.bodies_of(state, thrower.id)]
    arms.disarm_all(run, set(), set(opened))
    for identity in opened:
        state.scopes.pop(identity)


def _free_place(run: Run, scope_id: int) -> None:
    scope = run.state.scopes.get(scope_id)
    if scope is not None:
        scope.live -= 1


def pass_over(run: Run, thrower: Token) -> None:
    """Go on as if all were undone."""
    _done(run, thrower, (thrower.data or {})["then"])


def _done(run: Run, thrower: Token, then: str) -> None:
    op = run.op(thrower)
    if then == "drop":
        run.state.tokens.pop(thrower.id, None)
        scope = run.state.scopes[thrower.scope]
        scope.live -= 1
        scopes.check(run, scope)
    elif then == "cancel":
        transactions.leave(run, thrower)
    elif then == "move":
        run.state.tokens.pop(thrower.id, None)
        facts = thrower.data or {}
        base = run.state.scopes[thrower.scope]
        operations.begin_at(run, base, op.id, facts.get("arrived", ()), facts.get("resume"), facts.get("kept", ()))
    else:
        thrower.wait = Wait.EVENT
        throwing.end_or_leave(run, op, thrower)
