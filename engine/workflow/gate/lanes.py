"""Lanes: what they hold exists, and nothing stands in two of them (BPMN 2.0.2 10.8)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Lane, Model, Process
from engine.workflow.gate.surroundings import Surroundings


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """A nested lane repeats what its parent lists; anything else listed twice is a slip."""
    holders: dict[str, list[Lane]] = {}
    for lane in process.lanes:
        for node in dict.fromkeys(lane.nodes):
            if node in process.nodes:
                holders.setdefault(node, []).append(lane)
            else:
                text = Text(f"泳道“{_name(lane)}”里的 {node} 不存在", f"The lane {_name(lane)} lists {node}: unknown")
                yield Finding(lane.id, "lanes.unknown", "warning", text)
    for node, lanes in holders.items():
        pair = next(((a, b) for a in lanes for b in lanes if a is not b and not _nested(a, b)), None)
        if pair is not None:
            yield Finding(
                node,
                "lanes.twice",
                "warning",
                Text(
                    f"“{node}”同时在泳道“{_name(pair[0])}”和“{_name(pair[1])}”里",
                    f"{node} stands in two lanes, {_name(pair[0])} and {_name(pair[1])}",
                ),
                Text("只保留一个泳道", "Keep it in one of them"),
            )


def _nested(one: Lane, other: Lane) -> bool:
    return one.id in other.around or other.id in one.around


def _name(lane: Lane) -> str:
    return lane.name or lane.id
