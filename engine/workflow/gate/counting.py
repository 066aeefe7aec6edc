"""The search where steps count tokens: quantities of activities, complex gateways (BPMN 2.0.2 13.3.2, 13.4.5).

A marking says how many tokens lie on each edge, and of each complex gateway that has fired which of its flows have
arrived since. A complex gateway whose condition asks for nothing but arrivals fires when that holds for some of what
has arrived; where data have a say too, it may fire at any arrival, and does once nothing else moves. A step that ends
the scope may come at any time. Nothing is folded, for what is one step for a single token is not for several.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.workflow.bpmn.model import NodeKind, Process
from engine.workflow.gate.arrivals import Arrivals
from engine.workflow.gate.net import BEGIN, Step
from engine.workflow.gate.searching import MARKINGS, Search, choices, in_turn, is_inclusive, leading_to, subsets

MOST_TOKENS = 100
"""On one edge; more look like an endless source."""

Key = int | tuple[str, int]
Marking = frozenset[tuple[Key, int]]
"""(edge, tokens), and ((gateway, edge), 1) for what a fired gateway has seen; edge 0 is the mark of having fired."""


def explore(search: Search, process: Process) -> None:
    """All markings, up to the cap; what was found goes into the search."""
    _Counting(search, process).explore()


class _Counting:
    def __init__(self, search: Search, process: Process) -> None:
        self.search = search
        self.net = search.net
        nodes = process.nodes.values()
        self.gives = {flow: node.completion_quantity for node in nodes for flow in node.outgoing}
        self.late = {flow.id for flow in process.flows.values() if _asks_reset(flow.condition)}
        self.seen: set[Marking] = set()
        self.asked: dict[str, Arrivals] = {}

    def explore(self) -> None:
        waiting = list(self._give(self.net.steps[BEGIN], {}))
        came_from: dict[Marking, list[Marking]] = {}
        ends: list[Marking] = []
        while waiting:
            marking = waiting.pop()
            if marking in self.seen:
                continue
            self.seen.add(marking)
            if len(self.seen) > MARKINGS or any(number > MOST_TOKENS for _, number in marking):
                self.search.is_complete = False
                return
            following = self._following(dict(marking)) if marking else []
            if not following:
                ends.append(marking)
                self._note_stuck(marking)
            for one in following:
                came_from.setdefault(one, []).append(marking)
                waiting.append(one)
        self._note_endless(came_from, ends)

    def _following(self, tokens: dict[Key, int]) -> list[Marking]:
        """After one step: one that no circle leads back to alone, else each; joins that wait come last."""
        edges = (key for key in tokens if isinstance(key, int))
        steps = [self.net.steps[key] for key in sorted({self.net.edges[edge][1] for edge in edges})]
        ended = [marking for step in steps if step.flushes for marking in self._flush(step)]
        in_time = {step.key for step in in_turn(self.search, steps, tokens)}
        at_rest: list[Marking] = []
        early: list[Marking] = []
        moving: list[tuple[Step, list[Marking]]] = []
        for step in steps:
            if not step.flushes and (step.key in in_time or not is_inclusive(step)):
                is_late, markings = self._move(step, tokens)
                at_rest += markings if is_late else []
                early += markings if is_late and not is_inclusive(step) else []
                moving += [] if is_late or not markings else [(step, markings)]
        alone = [markings for step, markings in moving if step.key not in self.search.circling][:1]
        chosen = alone or [markings for _, markings in moving]
        following = [one for markings in chosen for one in markings]
        return (following + early if following else at_rest or self._resets(tokens)) + ended

    def _flush(self, step: Step) -> list[Marking]:
        self.search.fired.add(step.key)
        return [frozenset()]

    def _move(self, step: Step, tokens: dict[Key, int]) -> tuple[bool, list[Marking]]:
        """(whether it waits for everything else, the markings after it)."""
        filled = [edge for edge in step.ins if tokens.get(edge)]
        if step.node is not None and step.node.kind is NodeKind.COMPLEX and step.node.id == step.key:
            return self._complex(step, tokens, filled)
        if step.joins == "+":
            return False, list(self._fire(step, tokens, filled)) if len(filled) == len(step.ins) else []
        if is_inclusive(step):
            return True, list(self._fire(step, tokens, filled))
        needed = step.node.start_quantity if step.node is not None and step.node.id == step.key else 1
        taken = [edge for edge in filled for _ in range(tokens[edge])][:needed]
        return False, list(self._fire(step, tokens, taken)) if len(taken) == needed else []

    def _complex(self, step: Step, tokens: dict[Key, int], filled: list[int]) -> tuple[bool, list[Marking]]:
        mark: Key = (step.key, 0)
        if mark in tokens:
            return False, self._absorb(step, tokens, filled)
        holds = self._holds(step, filled)
        if holds is False:
            return False, []
        seen: dict[Key, int] = {(step.key, edge): 1 for edge in filled}
        after = {**tokens, **seen, mark: 1}
        markings = list(self._fire(step, after, filled, empty=self._resets_of(step) != []))
        return holds is None, markings

    def _absorb(self, step: Step, tokens: dict[Key, int], filled: list[int]) -> list[Marking]:
        """It has fired: it swallows what comes on flows that had not come, and begins anew once all have."""
        fresh = [edge for edge in filled if (step.key, edge) not in tokens]
        if not fresh:
            return []
        after = _without(tokens, fresh[:1]) | {(step.key, fresh[0]): 1}
        if all((step.key, edge) in after for edge in step.ins):
            return list(self._reset(step, after))
        return [frozenset(after.items())]

    def _resets(self, tokens: dict[Key, int]) -> list[Marking]:
        """At rest, what a fired gateway still waits for does not come: it begins anew."""
        fired = [key[0] for key in tokens if isinstance(key, tuple) and not key[1]]
        return [one for key in sorted(fired)[:1] for one in self._reset(self.net.steps[key], tokens)]

    def _reset(self, step: Step, tokens: dict[Key, int]) -> Iterator[Marking]:
        rest = {key: number for key, number in tokens.items() if isinstance(key, int) or key[0] != step.key}
        yield frozenset(rest.items())
        for group in subsets(tuple(self._resets_of(step))):
            yield frozenset(self._added(rest, group).items())

    def _resets_of(self, step: Step) -> list[int]:
        """Ways whose condition asks for the reset: they may get a token of it."""
        return [edge for edge in step.outs if self.net.edges[edge][2] in self.late]

    def _holds(self, step: Step, filled: list[int]) -> bool | None:
        """Whether the activation condition holds for some of what has arrived; None when that depends on data."""
        condition = step.node.activation_condition if step.node is not None else None
        if condition is None:
            return len(filled) == len(step.ins)
        names = {edge: self.net.edges[edge][2] for edge in step.ins}
        if step.key not in self.asked:
            self.asked[step.key] = Arrivals(condition.text, tuple(names.values()))
        found = [self.asked[step.key].holds(_facts(names, group)) for group in subsets(tuple(filled))]
        return True if True in found else None if None in found else False

    def _fire(self, step: Step, tokens: dict[Key, int], taken: list[int], *, empty: bool = False) -> Iterator[Marking]:
        self.search.fired.add(step.key)
        rest = _without(tokens, taken)
        if empty:
            yield frozenset(rest.items())
        yield from self._give(step, rest)

    def _give(self, step: Step, tokens: dict[Key, int]) -> Iterator[Marking]:
        for chosen in choices(step):
            yield frozenset(self._added(tokens, chosen).items())

    def _added(self, tokens: dict[Key, int], edges: tuple[int, ...]) -> dict[Key, int]:
        found = dict(tokens)
        for edge in edges:
            found[edge] = found.get(edge, 0) + self.gives.get(self.net.edges[edge][2], 1)
        return found

    def _note_stuck(self, marking: Marking) -> None:
        for key, _ in marking:
            node = self.net.steps[self.net.edges[key][1]].node if isinstance(key, int) else None
            if node is not None:
                self.search.stuck.setdefault(node.id, node)

    def _note_endless(self, came_from: dict[Marking, list[Marking]], ends: list[Marking]) -> None:
        finite = leading_to(ends, came_from)
        turning = {self.net.edges[key][1] for one in self.seen - finite for key, _ in one if isinstance(key, int)}
        self.search.endless += [step.node for step in self.net.steps.values() if step.key in turning and step.node][:1]


def _facts(names: dict[int, str], arrived: tuple[int, ...]) -> dict[str, Any]:
    """What the condition of a complex gateway sees when one token has come on each of these edges (10.6.5)."""
    counts: dict[str, Any] = {name: Decimal(edge in arrived) for edge, name in names.items()}
    return counts | {"activationCount": Decimal(len(arrived)), "waitingForStart": True}


def _without(tokens: dict[Key, int], edges: list[int]) -> dict[Key, int]:
    found = dict(tokens)
    for edge in edges:
        found[edge] -= 1
        if not found[edge]:
            del found[edge]
    return found


def _asks_reset(condition: object) -> bool:
    return "waitingForStart" in str(getattr(condition, "text", ""))
