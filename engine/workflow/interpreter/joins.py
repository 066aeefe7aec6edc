"""Gateways that wait (BPMN 2.0.2 13.4.1 parallel, 13.4.3 inclusive, 13.4.5 complex)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import lookups, scopes, watching, ways
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import Scope, Token, Wait

FIRED = "!"
Reach = dict[str, frozenset[str]]


def enter(run: Run, op: Op, move: Move) -> None:
    """A token reaches a gateway."""
    scope = run.state.scopes[move.scope]
    single = len(op.incoming) < 2 and op.kind is not NodeKind.COMPLEX
    if single or op.kind is NodeKind.EXCLUSIVE or move.flow is None:
        _pass(run, op, scope)
        return
    if op.kind is NodeKind.PARALLEL:
        if arrive(op, scope, move.flow):
            _pass(run, op, scope)
        return
    counts = scope.joins.setdefault(op.id, {})
    counts[move.flow] = counts.get(move.flow, 0) + 1
    if op.kind is NodeKind.COMPLEX:
        _complex(run, op, scope, counts)


def arrive(op: Op, scope: Scope, flow: str) -> bool:
    """A token reaches a parallel join; True when it was the last one missing, and all of them have become one."""
    counts = scope.joins.setdefault(op.id, {})
    counts[flow] = counts.get(flow, 0) + 1
    for one in op.incoming:
        if not counts.get(one):
            return False
    scope.live -= _consume(scope, op, counts) - 1
    return True


def _pass(run: Run, op: Op, scope: Scope, facts: Mapping[str, Any] | None = None) -> None:
    activation = run.new_id()
    run.history("entered", op.id, activation)
    ways.leave(run, op, scope.id, activation, facts=facts)


def _consume(scope: Scope, op: Op, counts: dict[str, int]) -> int:
    """Take one token from each flow that has one; the number taken."""
    taken = 0
    for flow in op.incoming:
        if counts.get(flow):
            counts[flow] -= 1
            taken += 1
            if not counts[flow]:
                del counts[flow]
    if not counts:
        scope.joins.pop(op.id, None)
    return taken


def _fire(run: Run, op: Op, scope: Scope, counts: dict[str, int]) -> None:
    scope.live -= _consume(scope, op, counts) - 1
    _pass(run, op, scope)


def settle_inclusive(run: Run) -> bool:
    """At rest: fire inclusive joins that no token on its way can still fill (13.4.3); True when one fired.

    Also complex joins waiting for their reset.
    """
    for scope in watching.gatherings(run):
        for node in list(scope.joins):
            op = run.program.ops[node]
            counts = scope.joins.get(node, {})
            if op.kind is NodeKind.INCLUSIVE and _is_ready(run, op, scope, counts):
                _fire(run, op, scope, counts)
                return True
            if op.kind is NodeKind.COMPLEX and counts.get(FIRED) and _is_ready(run, op, scope, counts):
                _reset(run, op, scope, counts)
                return True
    return False


def _is_ready(run: Run, op: Op, scope: Scope, counts: dict[str, int]) -> bool:
    """13.4.3: every token with a path to an empty incoming flow has one of sequence flows to a filled flow too."""
    filled = [flow for flow in op.incoming if counts.get(flow) or counts.get(f"{FIRED}{flow}")]
    empty = [flow for flow in op.incoming if flow not in filled]
    if not empty:
        return True
    if not filled:
        return False
    reach, sure = _reach(run.program, op)
    for node in _positions(run, scope, op.id):
        if any(node in reach[flow] for flow in empty) and not any(node in sure[flow] for flow in filled):
            return False
    return True


def _positions(run: Run, scope: Scope, gateway: str) -> set[str]:
    """Nodes of this scope where tokens stand, other joins and held-back throws included."""
    found = {token.node for token in lookups.inside(run.state, scope.id)}
    found |= {node for node in scope.joins if node != gateway}
    found |= {item[0] for item in run.state.throws if item[1] == scope.id}
    found.discard(gateway)
    return found


def _reach(program: Program, op: Op) -> tuple[Reach, Reach]:
    """Per incoming flow: the nodes from which it can be reached without passing the gateway; and those from which it
    can be without a boundary event, which need never happen: a token at its activity is not yet where it leads.
    """
    key = f"reach:{op.id}"
    known = program.cache.get(key)
    if isinstance(known, tuple):
        return known
    links = _link_sources(program)
    sources = {flow: program.flows[flow][0] for flow in op.incoming}
    result = (
        {flow: _backwards(program, op.id, node, links, events=True) for flow, node in sources.items()},
        {flow: _backwards(program, op.id, node, links, events=False) for flow, node in sources.items()},
    )
    program.cache[key] = result
    return result


def _backwards(
    program: Program, gateway: str, start: str, links: dict[str, list[str]], *, events: bool
) -> frozenset[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node in seen or node == gateway:
            continue
        seen.add(node)
        op = program.ops[node]
        waiting += [program.flows[flow][0] for flow in op.incoming]
        waiting += links.get(node, [])
        if events and op.node.attached_to and not any(event.kind is EventKind.COMPENSATE for event in op.events):
            waiting.append(op.node.attached_to)
    return frozenset(seen)


def upstream(program: Program, node: str) -> frozenset[str]:
    """The nodes of its scope from which a token can reach this one, and itself."""
    key = f"upstream:{node}"
    known = program.cache.get(key)
    if not isinstance(known, frozenset):
        known = program.cache[key] = _backwards(program, "", node, _link_sources(program), events=True)
    return known


def _link_sources(program: Program) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for op in program.ops.values():
        if op.link is not None:
            found.setdefault(op.link, []).append(op.id)
    return found


def _complex(run: Run, op: Op, scope: Scope, counts: dict[str, int]) -> None:
    """Fire once when the activation condition holds; then absorb what still comes until the reset (13.4.5)."""
    if counts.get(FIRED):
        return
    total = sum(counts.values())
    facts = _facts(op, {flow: counts.get(flow, 0) for flow in op.incoming}, is_start=True)
    try:
        ready = (
            op.activation.evaluate(run.context(None, scope.id, facts), run.feel_env) is True
            if op.activation is not None
            else all(counts.get(flow) for flow in op.incoming)
        )
    except TROUBLES as error:
        _absorb(scope, op, counts, total)
        stopped = Token(run.new_id(), op.id, scope.id, Wait.INCIDENT)
        run.history("entered", op.id, stopped.id)
        run.park(stopped, "leave", error)
        return
    if not ready:
        return
    taken = [flow for flow in op.incoming if counts.get(flow)]
    for flow in taken:
        counts[flow] -= 1
    counts[FIRED] = 1
    for flow in taken:
        counts[f"{FIRED}{flow}"] = 1
    scope.live -= len(taken) - 1
    scope.live += 1
    _pass(run, op, scope, facts)
    if scope.id in run.state.scopes and _all_arrived(op, counts):
        _reset(run, op, scope, counts)


def _facts(op: Op, counts: Mapping[str, int], *, is_start: bool) -> dict[str, Any]:
    """What conditions of the gateway see: its attributes, and per incoming flow the tokens there (10.6.5)."""
    facts: dict[str, Any] = {flow: Decimal(number) for flow, number in counts.items()}
    return facts | {"activationCount": Decimal(sum(counts.values())), "waitingForStart": is_start}


def _all_arrived(op: Op, counts: dict[str, int]) -> bool:
    return all(counts.get(f"{FIRED}{flow}") or counts.get(flow) for flow in op.incoming)


def _absorb(scope: Scope, op: Op, counts: dict[str, int], total: int) -> None:
    counts.clear()
    scope.joins.pop(op.id, None)
    scope.live -= total - 1


def _reset(run: Run, op: Op, scope: Scope, counts: dict[str, int]) -> None:
    """All expected tokens are in: swallow one per flow not yet counted, wait for the next start.

    A flow whose condition asks for `waitingForStart` gets a token of the reset when it holds then; others had theirs.
    """
    swallowed = dict.fromkeys(op.incoming, 0)
    for flow in op.incoming:
        if not counts.pop(f"{FIRED}{flow}", 0) and counts.get(flow):
            counts[flow] -= 1
            swallowed[flow] = 1
    late = sum(swallowed.values())
    counts.pop(FIRED, None)
    for flow in [name for name, number in counts.items() if not number]:
        del counts[flow]
    if not counts:
        scope.joins.pop(op.id, None)
    scope.live -= late
    _leave_reset(run, op, scope, _facts(op, swallowed, is_start=False))
    if scope.live == 0:
        scopes.check(run, scope)
    elif counts and scope.id in run.state.scopes:
        _complex(run, op, scope, counts)


def _leave_reset(run: Run, op: Op, scope: Scope, facts: Mapping[str, Any]) -> None:
    """The mark of the gateway goes; with it the flows that ask for the reset, if any, get a token."""
    activation = run.new_id()
    try:
        taken = ways.taken_at_reset(run, op, run.context(None, scope.id, facts))
    except TROUBLES as error:
        run.history("entered", op.id, activation)
        run.park(Token(activation, op.id, scope.id, Wait.INCIDENT), "leave", error)
        return
    if taken:
        run.history("entered", op.id, activation)
        run.history("completed", op.id, activation)
    scope.live += len(taken) - 1
    for way in taken:
        run.history("taken", way.id, activation)
        run.push(way.target, scope.id, way.id)
