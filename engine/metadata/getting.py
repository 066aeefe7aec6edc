"""One record: as its reader may see it, and the revealing of a masked value."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.access import ObjectRights
from engine.metadata.columns import Columns
from engine.metadata.reading import ALWAYS, build_records, raw_values, select_list
from engine.metadata.record import Record
from engine.metadata.statement import Statement, from_clause, own_rows, rows_of
from engine.metadata.writing import locked_row


def get(
    tx: Tx,
    object_key: str,
    record_id: UUID,
    fields: tuple[str, ...] | None = None,
    *,
    written: bool = False,
    titled: bool = True,
) -> Record:
    """The record with its readable fields; one in the bin too. Raises NotFound when out of reach or absent.

    Within reach through a task only: the fields the task lists. `written`: the actor has just written it. `titled`
    False: without the names of what it is linked to.
    """
    rights = access.rights_on(tx, object_key)
    levels, is_reached = _levels(tx, rights, record_id, written=written)
    shown = [field.key for field in catalog.all_fields(rights.definition) if levels.get(field.key, "none") != "none"]
    for key in fields or ():
        if key not in shown:
            raise access.unknown_field(key)
    wanted = list(fields) if fields is not None else shown
    row = _read(tx, rights, record_id, wanted, is_reached=is_reached)
    return build_records(tx, rights, [row], wanted, levels, titled=titled)[0]


def _levels(tx: Tx, rights: ObjectRights, record_id: UUID, *, written: bool) -> tuple[dict[str, str], bool]:
    """Field levels on the record, and whether it is already known to be within reach. Raises NotFound.

    Machinery holds no tasks: for it the statement that reads the record asks for the reach as well.
    """
    if rights.profile.user_id is None and not written:
        return dict(rights.levels), False
    object_key = rights.definition.key
    if access.can(tx, "read", object_key, record_id):
        return access.levels_with_task(tx, rights, record_id), True
    from_tasks = access.task_levels(tx, rights.profile, object_key, record_id)
    if not from_tasks and not written:
        raise NotFound
    return {**from_tasks, **dict.fromkeys(ALWAYS, "read")}, True


def reveal(tx: Tx, object_key: str, record_id: UUID, field_key: str, reason: str) -> Any:
    """The whole value of a masked field, with the reason in the history. Needs `reveal` on the record."""
    rights = access.rights_on(tx, object_key)
    access.require(tx, "read", object_key, record_id)
    field = rights.definition.field(field_key)
    level = access.levels_with_task(tx, rights, record_id).get(field_key, "none")
    if field is None or level == "none":
        raise access.unknown_field(field_key)
    if level == "masked" and not access.can(tx, "reveal", object_key, record_id):
        raise Forbidden
    if len(reason.strip()) < 2:
        message = Text("请填写查看原因", "Give a reason")
        raise UserError("reason_needed", message, fields={"reason": message})
    row = locked_row(tx, rights.definition, record_id)
    data = {"field": field_key, "reason": reason.strip()[:500]}
    tx.record(Event("record:revealed", (object_key, record_id), row["branch_id"], data))
    return raw_values(rights.definition, row).get(field_key)


def _read(tx: Tx, rights: ObjectRights, record_id: UUID, fields: list[str], *, is_reached: bool) -> dict[str, Any]:
    statement = Statement()
    alias = statement.alias()
    columns = Columns(tx, statement, rights.definition, alias)
    reached = "" if is_reached else f" AND {access.predicate_of(tx, statement, rights, 'read', alias)}"
    sql = (
        f"SELECT {select_list(columns, fields)} FROM {from_clause(rights.definition, alias)}"
        f" WHERE {alias}.id = {statement.bind(record_id)} AND {own_rows(statement, rights.definition, alias)}{reached}"
    )
    rows = rows_of(tx, sql, statement.parameters)
    if not rows:
        raise NotFound
    return rows[0]
