"""Starting an instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.assignees.choosing import Choosable, by_starter
from engine.workflow.programs import load
from engine.workflow.runner.step import Beginning, begin
from engine.workflow.runtime import START, runtime_of


def start(
    tx: Tx,
    process_key: str,
    variables: Mapping[str, Any] | None = None,
    record: tuple[str, UUID] | None = None,
    branch_id: UUID | None = None,
    version: int | None = None,
    choose: Mapping[str, Sequence[str]] | None = None,
) -> UUID:
    """Begin a case of the process's live version (or of `version`); its id.

    The branch is the record's, else `branch_id`. choose: user-task node → users, where the starter names them.
    Raises: NotFound; Forbidden; Conflict when the process is paused or the record has a running lifecycle.
    """
    version_id = _version(tx, process_key, version)
    loaded = load(tx, version_id)
    if loaded.record_object and record is None:
        raise UserError(
            "record_missing",
            Text(f"请从一条“{loaded.record_object}”记录发起该流程", f"Start it from a {loaded.record_object} record"),
        )
    branch = _branch(tx, record) or branch_id
    if tx.actor.kind is ActorKind.USER and not runtime_of(tx).access.may(tx, f"{START}:{process_key}", branch):
        raise Forbidden("may_not_start", Text("您没有权限发起该流程", "You may not start this process"))
    people = runtime_of(tx).directory(tx)
    chosen = {node: list(people.existing(list(users))) for node, users in (choose or {}).items()}
    origin = Beginning(version_id, tx.actor, branch, record, None, chosen)
    return begin(tx, origin, variables or {}).row.id


def choices(tx: Tx, process_key: str) -> tuple[Choosable, ...]:
    """The tasks whose people the starter names. Raises: NotFound; Conflict when the process is paused."""
    return by_starter(load(tx, _version(tx, process_key, None)).process)


def _version(tx: Tx, process_key: str, number: int | None) -> UUID:
    sql = """select p.is_paused, case when %(number)s::int is null then p.latest_version_id else (
 select v.id from process_version v join deployment d on d.id = v.deployment_id and d.status = 'active'
 where v.process_key = p.key and v.number = %(number)s) end from process p where p.key = %(key)s"""
    rows = tx.query(sql, {"key": process_key, "number": number})
    if not rows or rows[0][1] is None:
        raise NotFound("process_not_found", Text("未找到已部署的流程", "There is no such deployed process"))
    if rows[0][0]:
        raise Conflict("process_paused", Text("该流程已暂停发起", "New cases of this process are paused"))
    return UUID(str(rows[0][1]))


def _branch(tx: Tx, record: tuple[str, UUID] | None) -> UUID | None:
    """The record's branch. Raises: NotFound when the record does not exist or tx.actor may not see it."""
    if record is None:
        return None
    values = runtime_of(tx).records.read(tx, *record)
    if not values:
        raise NotFound("record_not_found", Text("未找到该记录，或您无权查看", "No such record, or not visible to you"))
    branch = values.get("branch_id")
    return UUID(str(branch)) if branch else None
