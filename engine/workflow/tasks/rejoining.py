"""What waits in joins when a case goes back, and what counts there as arrived again: pure, over the model and a scope.

Joins are parallel and complex gateways, and activities that take several tokens (startQuantity). What came there from
behind the target comes again and leaves. What did not, and was used up when the join was passed, will not come again:
it counts as arrived, so that the join does not wait for it for ever. A complex gateway that had fired waits anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import repeat

from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.interpreter.joins import FIRED
from engine.workflow.interpreter.state import Scope, State
from engine.workflow.interpreter.wholeness import lives

Arrival = tuple[int, str, str]
Edges = Mapping[str, list[str]]


def leaving(process: Process, scope: Scope, anchor: str, after: frozenset[str]) -> tuple[Arrival, ...]:
    """What waits in joins of the scope and comes again, and the marks of complex gateways that had fired."""
    return tuple(
        (scope.id, join, flow)
        for join, flows in scope.joins.items()
        for flow in flows
        if (join in after if flow.startswith(FIRED) else source_of(process, flow) in after | {anchor})
    )


def passed(
    process: Process,
    anchor: str,
    after: frozenset[str],
    edges: Edges,
    is_passed: Callable[[str], bool] = lambda join: True,
) -> list[tuple[str, str]]:
    """(join, flow) by which nothing comes again, of the joins behind the anchor that are passed; one for each token."""
    found: list[tuple[str, str]] = []
    for join in (process.nodes[one] for one in sorted(after)):
        beside = [flow for flow in join.incoming if source_of(process, flow) not in after | {anchor}]
        if not is_passed(join.id):
            continue
        if join.start_quantity > 1:
            again = _tokens_again(process, anchor, after, edges, join)
            found += repeat((join.id, (beside or list(join.incoming))[0]), join.start_quantity - again)
        elif join.kind in (NodeKind.PARALLEL, NodeKind.COMPLEX) and len(join.incoming) > 1:
            found += [(join.id, flow) for flow in beside]
    return found


def is_used(scope: Scope, join: str, flow: str) -> bool:
    """Whether what came by the flow is no more in the join."""
    counts = scope.joins.get(join, {})
    return bool(counts.get(f"{FIRED}{flow}")) if FIRED in counts else not counts.get(flow)


def settle(state: State, restored: tuple[Arrival, ...], leaves: tuple[Arrival, ...]) -> None:
    """Put restored arrivals into joins and take out those that leave; the scopes' live counts follow."""
    for scope_id, join, flow in restored:
        scope = state.scopes[scope_id]
        flows = scope.joins.setdefault(join, {})
        flows[flow] = flows.get(flow, 0) + 1
        scope.live += 1
    for scope_id, join, flow in leaves:
        scope = state.scopes[scope_id]
        flows = scope.joins.get(join, {})
        count = flows.pop(flow, 0)
        scope.live -= count if lives(flow) else 0
        if not flows:
            scope.joins.pop(join, None)


def source_of(process: Process, flow: str) -> str | None:
    """The node a flow leaves; None for what is no flow."""
    found = process.flows.get(flow)
    return found.source if found is not None else None


def _tokens_again(process: Process, anchor: str, after: frozenset[str], edges: Edges, join: Node) -> int:
    """How many tokens come to the join when the case goes on from the anchor, by the shortest ways."""
    made = {anchor: process.nodes[anchor].completion_quantity}
    waiting = [anchor]
    for node in waiting:
        for following in edges.get(node, ()):
            if following in after and following not in made and following != join.id:
                op = process.nodes[following]
                made[following] = -(-made[node] // op.start_quantity) * op.completion_quantity
                waiting.append(following)
    return sum(made.get(source_of(process, flow) or "", 0) for flow in join.incoming)
