"""Records of what was completed and can be undone: taken off their lists, whole or in part (BPMN 2.0.2 10.7).

`[node, variables, children]`: a completed activity; `[node, variables, children, "part"]`: what was completed inside a
sub-process that somebody went back into, or left, with the data it had then: no completion of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.workflow.bpmn.model import SCOPE_KINDS
from engine.workflow.interpreter.run import Run

PART = "part"


def is_part(record: Sequence[Any]) -> bool:
    """Only some of a sub-process is meant, or one that never finished."""
    return len(record) > len(("node", "variables", "children"))


def part_of(node: str, variables: Any, inside: list[Any]) -> list[Any]:
    """What was completed in one round of a sub-process, with the data of that round; nothing of nothing."""
    return inside if all(map(is_part, inside)) else [[node, variables, inside, PART]]


def split(run: Run, records: Sequence[Any], nodes: frozenset[str]) -> tuple[list[Any], list[Any]]:
    """(records at these nodes, the rest); of a sub-process that holds some of them, both have their part."""
    picked: list[Any] = []
    kept: list[Any] = []
    for record in records:
        node, variables, children = record[:3]
        if not is_part(record) and (node in nodes or not children or run.program.ops[node].kind not in SCOPE_KINDS):
            (picked if node in nodes else kept).append([node, variables, children])
            continue
        inside, outside = split(run, children, nodes)
        picked += [[node, variables, inside, PART]] if inside else []
        if is_part(record):
            kept += [[node, variables, outside, PART]] if outside else []
        else:
            kept += [[node, variables, outside]] if outside or not inside else []
    return picked, kept


def of_activity(records: Sequence[Any], activity: str) -> tuple[list[Any], list[Any]]:
    """(what the activity completed in this sub-process, in earlier rounds of it too; the rest)."""
    picked: list[Any] = []
    kept: list[Any] = []
    for record in records:
        if not is_part(record):
            (picked if record[0] == activity else kept).append(record)
            continue
        inside, outside = of_activity(record[2], activity)
        picked += [[record[0], record[1], inside, PART]] if inside else []
        kept += [[record[0], record[1], outside, PART]] if outside else []
    return picked, kept


def take(run: Run, records: Sequence[Any], node: str, number: int) -> tuple[list[Any], list[Any]]:
    """(the newest records of that node, which is not completed any more, in finished sub-processes too; the rest)."""
    taken: list[Any] = []
    kept: list[Any] = []
    for record in reversed(records):
        identity, variables, children = record[:3]
        if len(taken) < number and identity == node and not is_part(record):
            taken.append([identity, variables, children])
            continue
        inside = children
        if len(taken) < number and children and run.program.ops[identity].kind in SCOPE_KINDS:
            found, inside = take(run, children, node, number - len(taken))
            taken += found
        kept.append([identity, variables, inside, *record[3:]])
    return taken, kept[::-1]
