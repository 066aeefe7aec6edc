"""What a search over the markings of one scope knows and finds, and which ways out a step can take."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from engine.workflow.bpmn.model import Node
from engine.workflow.gate.net import Net, Step

M = TypeVar("M")
MARKINGS = 5_000
_SUBSETS = 4


@dataclass(slots=True)
class Search:
    """One net, and what was seen. `before`: per inclusive join and way into it, the steps that lead there."""

    net: Net
    stuck: dict[str, Node] = field(default_factory=dict)
    doubled: dict[str, Node] = field(default_factory=dict)
    endless: list[Node] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    circling: frozenset[str] = frozenset()
    is_complete: bool = True
    before: dict[str, dict[int, frozenset[str]]] = field(default_factory=dict)


def in_turn(search: Search, steps: Sequence[Step], filled: Container[object]) -> list[Step]:
    """The inclusive joins among the steps with tokens that no other of them can still fill (BPMN 2.0.2 13.4.3).

    All of them where they wait for each other. filled: the edges with tokens.
    """
    joins = [step for step in steps if is_inclusive(step)]
    ready = [join for join in joins if not any(_can_fill(search, one, join, filled) for one in steps if one != join)]
    return ready or joins


def is_inclusive(step: Step) -> bool:
    """A join that waits for what can still come."""
    return step.joins == "o" and len(step.ins) > 1


def _can_fill(search: Search, step: Step, join: Step, filled: Container[object]) -> bool:
    """A token at the step can come to an empty way into the join, and to no filled one."""
    reach = search.before.get(join.key)
    if reach is None:
        reach = {edge: _before(search.net, edge, join.key) for edge in join.ins}
        search.before[join.key] = reach
    ways = [edge for edge in join.ins if step.key in reach[edge]]
    return bool(ways) and not any(edge in filled for edge in ways)


def _before(net: Net, edge: int, join: str) -> frozenset[str]:
    """The steps from which an edge can be reached without passing the join."""
    found: set[str] = set()
    waiting = [net.edges[edge][0]]
    while waiting:
        key = waiting.pop()
        if key not in found and key != join:
            found.add(key)
            waiting += [net.edges[one][0] for one in net.steps[key].ins]
    return frozenset(found)


def choices(step: Step) -> list[tuple[int, ...]]:
    """The edges that get tokens, in each case."""
    flows = tuple(step.outs)
    if not flows:
        return [()]
    if step.splits == "x":
        return [(flow,) for flow in flows]
    if step.splits == "+":
        return [flows]
    first, rest = (flows[:1], flows[1:]) if step.splits == "?" else ((), flows)
    return [first + group for group in subsets(rest)] + ([first] if first else [])


def subsets(flows: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every choice of some of them; of many, each alone and all together."""
    if len(flows) > _SUBSETS:
        return [*((flow,) for flow in flows), flows]
    return [group for size in range(1, len(flows) + 1) for group in combinations(flows, size)]


def leading_to(ends: Iterable[M], came_from: Mapping[M, Sequence[M]]) -> set[M]:
    """The markings from which one of the ends can be reached, by where each was come to from."""
    found: set[M] = set()
    waiting = list(ends)
    while waiting:
        marking = waiting.pop()
        if marking not in found:
            found.add(marking)
            waiting += came_from.get(marking, ())
    return found
