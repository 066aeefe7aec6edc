"""An example of how a case comes to where it goes wrong: the way through the model, and the choices on it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.kernel.text import Text
from engine.workflow.bpmn.model import Process
from engine.workflow.gate.net import Net
from engine.workflow.gate.structure import name_of, shown

Marking = frozenset[int]
MOST_CHOICES = 4
"""Told in words, the last ones: those near the standstill."""


@dataclass(frozen=True, slots=True)
class Example:
    """`path`: ids of nodes and flows in the order they are passed; `words`: the choices made, and what never comes."""

    path: tuple[str, ...]
    words: Text


def trail(marking: Marking, came_from: Mapping[Marking, Marking | None]) -> list[Marking]:
    """The markings from the first to this one, by where each was come to from."""
    found, at = [marking], came_from[marking]
    while at is not None:
        found.append(at)
        at = came_from[at]
    return found[::-1]


def example_of(process: Process, net: Net, seen: Sequence[Marking], stuck: str = "") -> Example:
    """The example of a trail of markings, from the first; `stuck`: the id of the node that waits at its end."""
    path: dict[str, None] = {}
    choices: list[tuple[str, str]] = []
    for before, after in zip(((), *seen), seen, strict=False):
        given = sorted(after - frozenset(before))
        for edge in given:
            source, _, flow = net.edges[edge]
            path.update(dict.fromkeys(key for key in (source.split(" ")[0], flow) if key))
        choices += _choices(process, net, given)
    path.update(dict.fromkeys(net.edges[edge][1].split(" ")[0] for edge in seen[-1]) if seen else {})
    return Example(tuple(path), _words(choices, *_waiting(net, seen, stuck)))


def _choices(process: Process, net: Net, given: Sequence[int]) -> list[tuple[str, str]]:
    """(node, way) of each exclusive or inclusive choice that these edges were taken in."""
    found = []
    for edge in given:
        source, target, flow = net.edges[edge]
        step = net.steps[source]
        if step.splits in {"x", "o"} and len(step.outs) > 1 and step.node is not None:
            name = shown(process.flows[flow].name) if flow in process.flows else ""
            found.append((name_of(step.node), name or _name(net, target)))
    return found


def _waiting(net: Net, seen: Sequence[Marking], stuck: str) -> tuple[str, list[str]]:
    """The node's name, and from where no token comes."""
    step = net.steps.get(stuck)
    if step is None or step.node is None or not seen:
        return "", []
    return name_of(step.node), [_name(net, net.edges[edge][0]) for edge in step.ins if edge not in seen[-1]]


def _name(net: Net, key: str) -> str:
    node = net.steps[key].node
    return name_of(node) if node is not None else ""


def _words(choices: list[tuple[str, str]], node: str, missing: list[str]) -> Text:
    told, more = choices[-MOST_CHOICES:], max(len(choices) - MOST_CHOICES, 0)
    zh = "，".join(f"“{gateway}”走“{way}”" for gateway, way in told)
    en = ", ".join(f"{gateway} goes to {way}" for gateway, way in told)
    if more:
        zh, en = f"经过 {more} 个分支，最后{zh}", f"past {more} other choices {en}"
    if not missing:
        return Text(zh, en)
    zh_from, en_from = "、".join(f"“{one}”" for one in missing), ", ".join(missing)
    zh_end, en_end = f"“{node}”等不到从{zh_from}来的路径", f"nothing comes from {en_from}"
    return Text(f"{zh}时，{zh_end}" if zh else zh_end, f"when {en}, {en_end}" if en else en_end)
