"""Saving an overlay: checked by the gate, in force for new cases of the branch; for money a second person agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.deployments.deploying import DeployRefused
from engine.workflow.overlays.checking import findings_of
from engine.workflow.overlays.overlay import FILES, OverlayRow, parse_tasks
from engine.workflow.overlays.storing import one, overlays
from engine.workflow.programs import Loaded, load
from engine.workflow.runtime import DEPLOY, VIEW, runtime_of

_INSERT = """insert into process_overlay (id, process_key, branch_id, number, version_id, status, tasks, files,
 saved_by, saved_by_name, saved_at) select %(id)s, %(key)s, %(branch)s, coalesce(max(number), 0) + 1, %(version)s,
 'waiting', %(tasks)s::jsonb, %(files)s::jsonb, %(by)s, %(name)s, %(now)s from process_overlay
 where process_key = %(key)s and branch_id = %(branch)s"""
_REPLACE = """update process_overlay set status = 'replaced'
 where process_key = %(key)s and branch_id = %(branch)s and status = 'active'"""
_DECIDE = """update process_overlay set status = %(status)s, decided_by = %(by)s, decided_by_name = %(name)s,
 decided_at = %(now)s where id = %(id)s"""


@dataclass(frozen=True, slots=True)
class Saved:
    """A new revision: `active`, or `waiting` for a second person; with what the gate remarked."""

    overlay: OverlayRow
    findings: tuple[Finding, ...]


def check(
    tx: Tx, process_key: str, branch_id: UUID, tasks: Mapping[str, Any], files: Mapping[str, str]
) -> tuple[Finding, ...]:
    """What speaks against the overlay on the live version. Raises: Forbidden; NotFound; UserError."""
    _require_right(tx, branch_id)
    _only_files(files)
    return findings_of(tx, _live(tx, process_key), branch_id, parse_tasks(tasks), files)


def save(tx: Tx, process_key: str, branch_id: UUID, tasks: Mapping[str, Any], files: Mapping[str, str]) -> Saved:
    """The branch's next revision, for cases that start from now on; running ones keep theirs.

    tasks: see `parse_tasks`. files: `.dmn` and form `.json`. Raises: Forbidden; NotFound; UserError; DeployRefused.
    """
    found = check(tx, process_key, branch_id, tasks, files)
    if has_errors(found):
        raise DeployRefused(found)
    loaded = _live(tx, process_key)
    _lock(tx, process_key, branch_id)
    overlay_id = new_id()
    parameters = {
        "id": overlay_id, "key": process_key, "branch": branch_id, "version": loaded.version_id,
        "tasks": dumps(dict(tasks)), "files": dumps(dict(files)), "by": tx.actor.id, "name": tx.actor.name,
        "now": tx.now,
    }  # fmt: skip
    tx.query(f"{_INSERT} returning id", parameters)
    _record(tx, "process:overlay_saved", overlay_id, process_key, branch_id)
    if not loaded.money:
        _activate(tx, process_key, branch_id, overlay_id)
    return Saved(one(tx, overlay_id), found)


def revisions(tx: Tx, process_key: str, branch_id: UUID | None = None) -> tuple[OverlayRow, ...]:
    """Revisions of the branches tx.actor may change processes or look at cases of, newest first."""
    access = runtime_of(tx).access
    found = overlays(tx, process_key, branch_id)
    return tuple(row for row in found if access.may(tx, DEPLOY, row.branch_id) or access.may(tx, VIEW, row.branch_id))


def approve(tx: Tx, overlay_id: UUID) -> OverlayRow:
    """The second person's yes to an overlay of a money process. Raises: Forbidden; NotFound; Conflict."""
    row, author = _waiting(tx, overlay_id)
    if runtime_of(tx).directory(tx).person(tx.actor.id) == runtime_of(tx).directory(tx).person(author):
        raise Forbidden("same_person", Text("须由另一人批准", "Another person has to approve"))
    found = findings_of(tx, _live(tx, row.process_key), row.branch_id, parse_tasks(row.tasks), row.files)
    if has_errors(found):
        raise DeployRefused(found)
    _activate(tx, row.process_key, row.branch_id, overlay_id)
    _record(tx, "process:overlay_approved", overlay_id, row.process_key, row.branch_id)
    return one(tx, overlay_id)


def refuse(tx: Tx, overlay_id: UUID) -> OverlayRow:
    """The second person's no. Raises: Forbidden; NotFound; Conflict."""
    row, _ = _waiting(tx, overlay_id)
    _decide(tx, overlay_id, "refused")
    _record(tx, "process:overlay_refused", overlay_id, row.process_key, row.branch_id)
    return one(tx, overlay_id)


def withdraw(tx: Tx, overlay_id: UUID) -> OverlayRow:
    """New cases of the branch run as headquarters has it again. Raises: Forbidden; NotFound; Conflict."""
    row = one(tx, overlay_id)
    _require_right(tx, row.branch_id)
    _lock(tx, row.process_key, row.branch_id)
    if one(tx, overlay_id).status not in ("active", "waiting"):
        raise Conflict("overlay_over", Text("该设置已不在使用", "The overlay is not in force any more"))
    _decide(tx, overlay_id, "withdrawn")
    _record(tx, "process:overlay_withdrawn", overlay_id, row.process_key, row.branch_id)
    return one(tx, overlay_id)


def _live(tx: Tx, process_key: str) -> Loaded:
    rows = tx.query("select latest_version_id from process where key = %(key)s", {"key": process_key})
    if not rows or rows[0][0] is None:
        raise NotFound("process_not_found", Text("未找到已部署的流程", "There is no such deployed process"))
    return load(tx, rows[0][0])


def _only_files(files: Mapping[str, str]) -> None:
    wrong = [name for name in files if not name.endswith(FILES)]
    if wrong:
        text = Text("只能覆盖决策表和表单", "Only decision tables and forms can be overlaid")
        raise UserError("bad_overlay", fields={f"files.{wrong[0]}": text})


def _waiting(tx: Tx, overlay_id: UUID) -> tuple[OverlayRow, str]:
    row = one(tx, overlay_id)
    _require_right(tx, row.branch_id)
    _lock(tx, row.process_key, row.branch_id)
    status, author = tx.query("select status, saved_by from process_overlay where id = %(id)s", {"id": overlay_id})[0]
    if status != "waiting":
        raise Conflict("overlay_decided", Text("该设置已处理", "The overlay was decided already"))
    return row, author


def _activate(tx: Tx, process_key: str, branch_id: UUID, overlay_id: UUID) -> None:
    tx.post(_REPLACE, {"key": process_key, "branch": branch_id})
    _decide(tx, overlay_id, "active")


def _decide(tx: Tx, overlay_id: UUID, status: str) -> None:
    who = {"by": tx.actor.id, "name": tx.actor.name, "now": tx.now}
    tx.post(_DECIDE, {"id": overlay_id, "status": status, **who})


def _lock(tx: Tx, process_key: str, branch_id: UUID) -> None:
    lock = "select pg_advisory_xact_lock(hashtextextended('overlay:' || %(key)s || ':' || %(branch)s::text, 0))"
    tx.query(lock, {"key": process_key, "branch": branch_id})


def _record(tx: Tx, action: str, overlay_id: UUID, process_key: str, branch_id: UUID) -> None:
    tx.record(Event(action, ("process_overlay", overlay_id), branch_id, {"process": process_key}))


def _require_right(tx: Tx, branch_id: UUID) -> None:
    if not runtime_of(tx).access.may(tx, DEPLOY, branch_id):
        raise Forbidden(
            "no_deploy_right", Text("您没有修改该校区流程的权限", "You may not change the branch's processes")
        )
