"""Tasks whose people somebody names by hand: the starter, or the handler before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.workflow.assignees.rules import RuleError, RuleKind, parse_rule
from engine.workflow.bpmn.model import Node, Process


@dataclass(frozen=True, slots=True)
class Choosable:
    """A task whose people are to be named."""

    node_id: str
    name: str


def by_starter(process: Process) -> tuple[Choosable, ...]:
    """Tasks whose people the starter names, in the order of the model."""
    return _named(process, process.nodes, RuleKind.STARTER_CHOOSES)


def by_handler(process: Process, node_id: str) -> tuple[Choosable, ...]:
    """The tasks right after a task whose people its handler names: the next ones on each path, gateways passed."""
    return _named(process, _next_tasks(process, node_id), RuleKind.PREVIOUS_CHOOSES)


def _named(process: Process, node_ids: Iterable[str], kind: RuleKind) -> tuple[Choosable, ...]:
    found = (process.nodes[one] for one in node_ids)
    return tuple(Choosable(node.id, node.name or node.id) for node in found if kind in _kinds(process, node))


def _kinds(process: Process, node: Node) -> frozenset[RuleKind]:
    if node.task is None:
        return frozenset()
    rules = [one.rule for one in node.task.assignees] + list(node.task.candidates)
    if not rules:
        lane = next((lane for lane in process.lanes if lane.id == node.lane), None)
        rules = [one.rule for one in lane.task.assignees] if lane and lane.task else []
    return frozenset(kind for rule in rules if (kind := _kind(rule)) is not None)


def _kind(rule: str) -> RuleKind | None:
    try:
        return parse_rule(rule).kind
    except RuleError:
        return None


def _next_tasks(process: Process, node_id: str) -> Iterator[str]:
    waiting, seen = list(process.nodes[node_id].outgoing), set[str]()
    while waiting:
        target = process.nodes.get(process.flows[waiting.pop(0)].target)
        if target is None or target.id in seen:
            continue
        seen.add(target.id)
        if target.task is not None:
            yield target.id
        else:
            waiting += target.outgoing
