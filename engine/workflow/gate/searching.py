"""What a search over the markings of one scope knows and finds, and which ways out a step can take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """One net, and what was seen."""

    net: Net
    stuck: dict[str, Node] = field(default_factory=dict)
    doubled: dict[str, Node] = field(default_factory=dict)
    endless: list[Node] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    circling: frozenset[str] = frozenset()
    is_complete: bool = True


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
