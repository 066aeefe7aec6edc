"""A case's diagram for the viewer: how far each element is, and the steps that led there, to be gone through again."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.instances import InstanceQuery
from engine.workflow.instances.diagram import Mark
from webapp import formats
from webapp.modelwords import drawn


def read(tx: Tx, instance_id: UUID) -> dict[str, Any]:
    """``{xml, states, flows, tokens, called, steps, is_whole}``. Raises: NotFound.

    tokens: where more than one stands; called: call activity to the address of the case it called last, as far as the
    actor sees it; steps: ``{at, by, marks: [[kind, element], ...]}`` in the order they happened, only the first
    of a very long case (``is_whole`` false).
    """
    found = instances.diagram(tx, instance_id)
    return {
        "xml": drawn(found.xml),
        "states": dict(found.states),
        "flows": dict(found.flows),
        "tokens": {node: count for node, count in found.tokens.items() if count > 1},
        "called": _called(tx, found.called),
        "is_whole": found.is_whole,
        "steps": [_step(tuple(marks)) for _, marks in groupby(found.marks, key=lambda mark: mark.step)],
    }


def _called(tx: Tx, called: Mapping[str, tuple[UUID, ...]]) -> dict[str, str]:
    last = {node: cases[-1] for node, cases in called.items()}
    if not last:
        return {}
    seen = {row.id for row in instances.search(tx, InstanceQuery(ids=tuple(last.values()), limit=len(last))).items}
    return {node: url_for("instances.show", instance_id=case) for node, case in last.items() if case in seen}


def _step(marks: tuple[Mark, ...]) -> dict[str, Any]:
    passed = [[mark.kind, mark.element_id] for mark in marks]
    return {"at": formats.full_time(marks[0].at), "by": marks[0].by, "marks": passed}
