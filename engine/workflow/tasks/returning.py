"""Where a case can go back to, and which tokens must leave for that: pure planning over the model and the state.

A token is in the way when its node can be reached from the target *going forward* (flows that lead back are not
followed), or when it stands at the target itself, as the host of a non-interrupting event does whose branch goes back
to it: only what came after the target is undone, parallel branches that do not depend on it stay. What already
waits in a join leaves with the branch it came by; and where a join is already behind the case, the branches that are
not done again count as arrived (`rejoining`). All is planned in the scope of the target; a sub-process or countersign
that began after the target leaves as a whole. A target inside a sub-process that is over opens it again: then all is
planned around that sub-process (`anchor`), and inside it the branches beside the target count as arrived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.interpreter.state import ROOT, Scope, State, Token
from engine.workflow.tasks.rejoining import Arrival, is_used, leaving, passed, settle, source_of


@dataclass(frozen=True, slots=True)
class Plan:
    """`cancel`: activations that leave. `arrivals`: (scope id, gateway, flow) of tokens in joins that leave;
    `restored`: of tokens in joins that count as arrived again. `anchor`: the target, or the closed sub-process
    around it that stands in the scope; `inside`: (join, flow) that count as arrived in what is opened anew."""

    scope_id: int
    cancel: tuple[int, ...]
    arrivals: tuple[Arrival, ...]
    restored: tuple[Arrival, ...] = ()
    anchor: str = ""
    inside: tuple[tuple[str, str], ...] = ()


def plan(process: Process, state: State, activation: int, target: str) -> Plan | None:
    """What leaves when the case goes back from `activation` to `target`; None when it cannot begin there again."""
    found = scope_for(process, state, activation, target)
    if found is None:
        return None
    scope, anchor = found
    after = reachable(process, anchor)
    own = _ancestor_in(state, activation, scope.id)
    cancel = [
        token.id
        for token in state.tokens.values()
        if token.scope == scope.id
        and not token.parent
        and (token.id == own or token.node in after or token.node == anchor)
    ]
    arrivals = leaving(process, scope, anchor, after)
    came_from = {source for _, _, flow in arrivals if (source := source_of(process, flow)) is not None}
    left = {state.tokens[one].node for one in cancel} | came_from
    restored = _restored(process, scope, anchor, after, left)
    inside = _arrived_inside(process, target, anchor)
    return Plan(scope.id, tuple(sorted(cancel)), arrivals, restored, anchor, inside)


def scope_for(process: Process, state: State, activation: int, target: str) -> tuple[Scope, str] | None:
    """The innermost open scope around the activation that holds the target, and the target's place in it.

    None when the target lies in a repeated, event or ad-hoc sub-process that is over: those cannot be entered midway.
    """
    found = _place_of(process, state, activation, target)
    return None if found is None or _over_for_good(process, found[2]) is not None else found[:2]


def over_for_good(process: Process, state: State, activation: int, target: str) -> Node | None:
    """The sub-process that is over and keeps the case from going back to the target: repeated, event or ad-hoc."""
    found = _place_of(process, state, activation, target)
    return _over_for_good(process, found[2]) if found is not None else None


def _over_for_good(process: Process, closed: tuple[str, ...]) -> Node | None:
    return next((process.nodes[one] for one in closed if _cannot_be_entered(process.nodes[one])), None)


def _place_of(
    process: Process, state: State, activation: int, target: str
) -> tuple[Scope, str, tuple[str, ...]] | None:
    """(scope, place in it, sub-processes from the target to that place, which are over)."""
    if target not in process.nodes:
        return None
    entered = around(process, target)
    places = {process.nodes[one].scope: one for one in (target, *entered)}
    for scope in scopes_around(state, activation):
        anchor = places.get(scope.node, "")
        if anchor:
            return scope, anchor, entered[: entered.index(anchor) + 1] if anchor in entered else ()
    return None


def around(process: Process, node_id: str) -> tuple[str, ...]:
    """The sub-processes around a node, innermost first."""
    found: list[str] = []
    scope = process.nodes[node_id].scope
    while scope in process.nodes:
        found.append(scope)
        scope = process.nodes[scope].scope
    return tuple(found)


def _cannot_be_entered(node: Node) -> bool:
    return node.multi is not None or node.loop is not None or node.triggered_by_event or node.kind is NodeKind.ADHOC


def _arrived_inside(process: Process, target: str, anchor: str) -> tuple[tuple[str, str], ...]:
    """(join, flow) in the sub-processes opened anew: branches beside the target do not come again."""
    found: list[tuple[str, str]] = []
    inner = target
    while inner != anchor:
        edges = _edges(process, process.nodes[inner].scope)
        found += passed(process, inner, reachable(process, inner), edges)
        inner = process.nodes[inner].scope
    return tuple(found)


def scopes_around(state: State, activation: int) -> Iterator[Scope]:
    """The scopes an activation stands in, innermost first; those of the process when it has gone."""
    token = state.tokens.get(activation)
    scope_id = token.scope if token is not None else ROOT
    while (scope := state.scopes.get(scope_id)) is not None:
        yield scope
        owner = state.tokens.get(scope.owner) if scope.owner else None
        if owner is None:
            return
        scope_id = owner.scope


def reachable(process: Process, target: str) -> frozenset[str]:
    """Nodes after the target in its scope, going forward: back edges of a depth-first walk are not followed."""
    edges = _edges(process, process.nodes[target].scope)
    backward = _back_edges(edges, _roots(process, edges, process.nodes[target].scope))
    found: set[str] = set()
    waiting = [target]
    while waiting:
        node = waiting.pop()
        for following in edges.get(node, ()):
            if (node, following) not in backward and following not in found and following != target:
                found.add(following)
                waiting.append(following)
    return frozenset(found)


def settle_joins(state: State, found: Plan) -> None:
    """Take arrivals out of joins and put restored ones in; the scope's live count follows."""
    settle(state, found.restored, found.arrivals)


def _restored(
    process: Process, scope: Scope, target: str, after: frozenset[str], left: set[str]
) -> tuple[Arrival, ...]:
    """Flows of passed joins by which nothing will come again.

    A join is passed when something leaves from behind it; `left`: where tokens stand, or came from into a later join.
    """
    edges = _edges(process, process.nodes[target].scope)
    found = passed(process, target, after, edges, lambda join: bool(left & (reachable(process, join) | {join})))
    return tuple((scope.id, join, flow) for join, flow in found if is_used(scope, join, flow))


def _ancestor_in(state: State, activation: int, scope_id: int) -> int | None:
    """The activation in that scope which the given one belongs to: itself, its loop, or its sub-process."""
    token: Token | None = state.tokens.get(activation)
    while token is not None:
        if token.parent:
            token = state.tokens.get(token.parent)
        elif token.scope == scope_id:
            return token.id
        else:
            scope = state.scopes.get(token.scope)
            token = state.tokens.get(scope.owner) if scope is not None and scope.owner else None
    return None


def _edges(process: Process, scope: str) -> dict[str, list[str]]:
    """Flows, boundary events and links of one scope, in document order."""
    found: dict[str, list[str]] = {}
    for flow in process.flows.values():
        if flow.scope == scope or (flow.source in process.nodes and process.nodes[flow.source].scope == scope):
            found.setdefault(flow.source, []).append(flow.target)
    links = {
        event.name: node.id
        for node in process.nodes.values()
        for event in node.events
        if event.kind == "link" and node.kind is NodeKind.CATCH
    }
    for node in process.nodes.values():
        if node.scope != scope:
            continue
        if node.attached_to:
            found.setdefault(node.attached_to, []).append(node.id)
        for event in node.events:
            if event.kind == "link" and node.kind is NodeKind.THROW and event.name in links:
                found.setdefault(node.id, []).append(links[event.name])
    return found


def _roots(process: Process, edges: Mapping[str, list[str]], scope: str) -> list[str]:
    entered = {target for targets in edges.values() for target in targets}
    inside = [node.id for node in process.nodes.values() if node.scope == scope]
    return [node for node in inside if node not in entered] or inside[:1]


def _back_edges(edges: Mapping[str, list[str]], roots: list[str]) -> set[tuple[str, str]]:
    """Edges that lead to a node still on the walk's path."""
    state: dict[str, int] = {}
    found: set[tuple[str, str]] = set()
    for root in roots:
        if root in state:
            continue
        state[root] = 1
        path = [(root, iter(edges.get(root, ())))]
        while path:
            node, following = path[-1]
            target = next(following, None)
            if target is None:
                state[node] = 2
                path.pop()
            elif state.get(target) == 1:
                found.add((node, target))
            elif target not in state:
                state[target] = 1
                path.append((target, iter(edges.get(target, ()))))
    return found
