"""Accepting everything the doctor offers, round by round: one fix may bring the next (what it cut off, say)."""

from __future__ import annotations

from engine.workflow.bpmn.findings import has_errors
from engine.workflow.doctor.examining import apply, examine

ROUNDS = 8


def mend(source: bytes | str) -> tuple[str, tuple[str, ...]]:
    """The document with the first fix of each element accepted until no error is left, and the fixes in order.

    What has no fix stays; one that is offered again, for it changed nothing, makes way for the next.
    Raises: XmlError.
    """
    accepted: list[str] = []
    found = examine(source)
    for _ in range(ROUNDS):
        if not found.fixes or not has_errors(found.findings):
            break
        fresh = [fix for fix in found.fixes if fix.id not in accepted]
        first = {fix.element_id: fix.id for fix in reversed(fresh)}
        chosen = [fix.id for fix in fresh if first[fix.element_id] == fix.id]
        if not chosen:
            break
        accepted += chosen
        found = examine(apply(found.xml, chosen))
    return found.xml, tuple(accepted)
