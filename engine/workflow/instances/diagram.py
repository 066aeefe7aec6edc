"""What the diagram of an instance shows: the drawn model, and on each element how far the case has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.instances.access import require_visible
from engine.workflow.interpreter.state import Wait
from engine.workflow.runner import apart
from engine.workflow.runner.row import read


@dataclass(frozen=True, slots=True)
class Mark:
    """One passage of an element (`kind` `taken`: of a flow), for the way through the diagram in time.

    `step`: counts the commands, so that what happened in one has one number; `by`: empty when nobody gave it.
    """

    element_id: str
    kind: str
    at: datetime
    by: str
    step: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """`states`: element id → `active`, `incident`, `done`, `cancelled`. `flows`: flow id → times taken. `tokens`:
    element id → how many stand there now. `called`: call activity → the cases it called, oldest first. `marks`: the
    first 20,000 of them; `is_whole`: whether these are all.
    """

    xml: str
    states: Mapping[str, str]
    flows: Mapping[str, int]
    marks: tuple[Mark, ...]
    tokens: Mapping[str, int]
    called: Mapping[str, tuple[UUID, ...]]
    is_whole: bool = True


_MARKS = 20_000
_STEPS = 5_000
_PASSED = ("completed", "skipped", "caught", "thrown")


def diagram(tx: Tx, instance_id: UUID) -> Diagram:
    """The diagram's data. Raises: NotFound."""
    row = read(tx, instance_id)
    require_visible(tx, row)
    xml = tx.connection.exec_driver_sql(_XML, {"id": row.version_id}).scalar_one()
    trails = tx.connection.exec_driver_sql(_TRAIL, {"id": instance_id}).all()
    marks = [
        Mark(entry[1], entry[0], at, by, step) for step, (at, by, trail) in enumerate(trails, 1) for entry in trail
    ]
    states, tokens = _states(marks), Counter[str]()
    for token in apart.decode(tx, row.id, row.state).tokens.values():
        tokens[token.node] += token.wait != Wait.ITEMS
        if states.get(token.node) != "incident":
            states[token.node] = "incident" if token.wait == Wait.INCIDENT else "active"
    for (node,) in tx.query(_STRANDED, {"id": instance_id}):
        states[node] = "incident"
    flows = Counter(mark.element_id for mark in marks if mark.kind == "taken")
    called = _called(tx, instance_id, [entry for _, _, trail in trails for entry in trail])
    is_whole = len(marks) <= _MARKS and len(trails) < _STEPS
    return Diagram(str(xml), states, flows, tuple(marks[:_MARKS]), tokens, called, is_whole)


def _states(marks: Iterable[Mark]) -> dict[str, str]:
    """Where the case has been."""
    states: dict[str, str] = {}
    for mark in marks:
        if mark.kind in _PASSED:
            states[mark.element_id] = "done"
        elif mark.kind == "cancelled" and states.get(mark.element_id) != "done":
            states[mark.element_id] = "cancelled"
    return states


def _called(tx: Tx, instance_id: UUID, trail: Iterable[list[Any]]) -> dict[str, tuple[UUID, ...]]:
    """By call activity, the cases it called."""
    rows = tx.query(_CALLED, {"id": instance_id})
    if not rows:
        return {}
    nodes = {entry[2]: entry[1] for entry in trail if entry[0] == "entered" and len(entry) > 2}
    found: dict[str, tuple[UUID, ...]] = {}
    for case, activation in rows:
        if activation in nodes:
            found[nodes[activation]] = (*found.get(nodes[activation], ()), case)
    return found


_XML = """select r.content from process_version v join deployment_resource r
 on r.deployment_id = v.deployment_id and r.name = v.resource where v.id = %(id)s"""
_STRANDED = "select node_id from incident where instance_id = %(id)s and kind = 'stranded' and resolved_at is null"
_CALLED = "select id, parent_activation from instance where parent_id = %(id)s order by id limit 200"
_TRAIL = f"""select at, case when actor_kind in ('process', 'system') then '' else actor_name end, data->'trail'
 from history where instance_id = %(id)s and data ? 'trail' order by id limit {_STEPS}"""  # noqa: S608 - a constant of this module only
