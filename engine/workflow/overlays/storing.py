"""Overlays in the database: which one a new case takes, and reading them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.overlays.overlay import Overlay, OverlayRow, parse_tasks

_NEAREST = """with recursive up (id, parent_id, distance) as (
 select %(branch)s::uuid, (select parent_id from branch where id = %(branch)s::uuid), 0
 union all select b.id, b.parent_id, up.distance + 1 from branch b join up on b.id = up.parent_id)
 select o.id from up join process_overlay o on o.branch_id = up.id and o.process_key = %(key)s
 and o.status = 'active' order by up.distance limit 1"""
_ROWS = """select o.id, o.process_key, o.branch_id, o.number, o.status, o.tasks, o.files, o.saved_by_name, o.saved_at,
 o.decided_by_name, o.decided_at, (select count(*) from instance i where i.process_key = o.process_key
 and i.ended_at is null and i.pinned->>'overlay' = o.id::text) from process_overlay o"""
PINNED = "overlay"


def pin(tx: Tx, process_key: str, branch_id: UUID | None) -> dict[str, Any]:
    """What a new case keeps for its life: the overlay in force in its branch, else of the nearest branch above."""
    if branch_id is None:
        return {}
    found = tx.query(_NEAREST, {"branch": branch_id, "key": process_key})
    return {PINNED: str(found[0][0])} if found else {}


def read(tx: Tx, overlay_id: UUID) -> Overlay:
    """One revision. Raises: NotFound."""
    rows = tx.query("select tasks, files from process_overlay where id = %(id)s", {"id": overlay_id})
    if not rows:
        raise NotFound("overlay_not_found", Text("未找到该校区的流程设置", "There is no such overlay of a process"))
    return Overlay(overlay_id, parse_tasks(rows[0][0]), rows[0][1])


def overlays(tx: Tx, process_key: str, branch_id: UUID | None = None) -> tuple[OverlayRow, ...]:
    """Revisions of all branches or of one, newest first."""
    sql = f"""{_ROWS} where o.process_key = %(key)s and (%(branch)s::uuid is null or o.branch_id = %(branch)s)
 order by o.saved_at desc, o.id desc limit 500"""
    return tuple(OverlayRow(*row) for row in tx.query(sql, {"key": process_key, "branch": branch_id}))


def one(tx: Tx, overlay_id: UUID) -> OverlayRow:
    """One revision as lists show it. Raises: NotFound."""
    rows = tx.query(f"{_ROWS} where o.id = %(id)s", {"id": overlay_id})
    if not rows:
        raise NotFound("overlay_not_found", Text("未找到该校区的流程设置", "There is no such overlay of a process"))
    return OverlayRow(*rows[0])
