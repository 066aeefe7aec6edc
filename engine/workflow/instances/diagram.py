"""What the diagram of an instance shows: the drawn model, and on each element how far the case has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.instances.access import require_visible
from engine.workflow.interpreter import codec
from engine.workflow.runner.row import read


@dataclass(frozen=True, slots=True)
class Mark:
    """One passage of an element, for the timeline beside the diagram."""

    element_id: str
    kind: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """`states`: element id → `active`, `incident`, `done`, `cancelled`. `flows`: flow id → times taken."""

    xml: str
    states: Mapping[str, str]
    flows: Mapping[str, int]
    marks: tuple[Mark, ...]


def diagram(tx: Tx, instance_id: UUID) -> Diagram:
    """The diagram's data. Raises: NotFound."""
    row = read(tx, instance_id)
    require_visible(tx, row)
    xml = tx.connection.exec_driver_sql(_XML, {"id": row.version_id}).scalar_one()
    states: dict[str, str] = {}
    flows: dict[str, int] = {}
    marks: list[Mark] = []
    for at, by, trail in tx.connection.exec_driver_sql(_TRAIL, {"id": instance_id}):
        for entry in trail:
            kind, element = entry[0], entry[1]
            if kind == "taken":
                flows[element] = flows.get(element, 0) + 1
                continue
            if kind in ("completed", "skipped", "caught", "thrown"):
                states[element] = "done"
            elif kind == "cancelled" and states.get(element) != "done":
                states[element] = "cancelled"
            marks.append(Mark(element, kind, at, by))
    for token in codec.decode(row.state).tokens.values():
        if states.get(token.node) != "incident":
            states[token.node] = "incident" if token.wait == "i" else "active"
    return Diagram(str(xml), states, flows, tuple(marks))


_XML = """select r.content from process_version v join deployment_resource r
 on r.deployment_id = v.deployment_id and r.name = v.resource where v.id = %(id)s"""
_TRAIL = """select at, actor_name, data->'trail' from history where instance_id = %(id)s and data ? 'trail'
 order by id limit 5000"""
