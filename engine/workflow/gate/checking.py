"""All checks over one document."""

from __future__ import annotations

from engine.workflow.bpmn.compiler import Library
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.labels import Labels
from engine.workflow.bpmn.model import Process
from engine.workflow.gate import (
    calls,
    conversations,
    doubted,
    events,
    inputs,
    lanes,
    loops,
    people,
    positions,
    references,
    repeats,
    shape,
    soundness,
    starts,
    structure,
    thrown,
    timings,
    types,
    undo,
    variables,
    wording,
    work,
)
from engine.workflow.gate.surroundings import Surroundings

_CHECKS = (
    structure.check,
    loops.check,
    events.check,
    positions.check,
    starts.check,
    undo.check,
    calls.check,
    shape.check,
    conversations.check,
    work.check,
    people.check,
    lanes.check,
    references.check,
    thrown.check,
    repeats.check,
    inputs.check,
    timings.check,
    wording.check,
    types.check,
    doubted.check,
    variables.check,
)


def check(library: Library, surroundings: Surroundings) -> tuple[Finding, ...]:
    """What the gate says beside reading and compiling, per executable process; soundness only of a whole graph."""
    found: list[Finding] = []
    for process in _executable(library):
        mine = [finding for one in _CHECKS for finding in one(process, library.model, surroundings)]
        if not any(
            finding.severity == "error" for finding in mine if finding.rule.startswith(("structure.", "loops."))
        ):
            mine += soundness.check(process)
        found += Labels((process,)).findings(mine)
    return tuple(dict.fromkeys(found))


def _executable(library: Library) -> list[Process]:
    whole = [process for process in library.model.processes if not process.global_task]
    return [process for process in whole if process.executable] or whole[:1]
