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
from engine.metadata.predicates import EVERYBODY, NOBODY
from engine.metadata.reading import ALWAYS, IS_WHOLE, build_records, raw_values, select_list
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
    access.foresee(tx, object_key, record_id)
    rights = access.rights_on(tx, object_key)
    row, levels = _within_reach(tx, rights, record_id, fields)
    if row is None:
        from_tasks = access.task_levels(tx, rights.profile, object_key, record_id)
        if not from_tasks and not written:
            raise NotFound
        levels = {**from_tasks, **dict.fromkeys(ALWAYS, "read")}
        statement = Statement()
        row = _row(tx, rights, record_id, _shown(rights, levels, fields), statement, statement.alias())
    if row is None:
        raise NotFound
    wanted = _shown(rights, levels, fields)
    for key in fields or ():
        if key not in wanted:
            raise access.unknown_field(key)
    return build_records(tx, rights, [row], wanted, levels, titled=titled)[0]


def _within_reach(
    tx: Tx, rights: ObjectRights, record_id: UUID, fields: tuple[str, ...] | None
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """The row, None when it is out of reach, and the field levels on it, widened by tasks: in one statement."""
    statement = Statement()
    alias = statement.alias()
    reach = access.predicate_of(tx, statement, rights, "read", alias)
    from_tasks = access.task_levels(tx, rights.profile, rights.definition.key, record_id)
    levels = access.widened(access.levels_in(rights, is_whole=True), from_tasks)
    if reach == NOBODY:
        return None, levels
    extra = ""
    if rights.limited and rights.profile.user_id is not None:
        whole = access.predicate_of(tx, statement, rights, "read", alias, whole=True)
        extra = f", ({whole}) IS TRUE AS {IS_WHOLE}"
    row = _row(tx, rights, record_id, _shown(rights, levels, fields), statement, alias, extra=extra, reach=reach)
    if row is not None and not row.get(IS_WHOLE, True):
        levels = access.widened(access.levels_in(rights, is_whole=False), from_tasks)
    return row, levels


def _shown(rights: ObjectRights, levels: dict[str, str], fields: tuple[str, ...] | None) -> list[str]:
    """The fields wanted, as far as the levels show them."""
    keys = fields if fields is not None else [field.key for field in catalog.all_fields(rights.definition)]
    return [key for key in keys if levels.get(key, "none") != "none"]


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


def _row(
    tx: Tx,
    rights: ObjectRights,
    record_id: UUID,
    fields: list[str],
    statement: Statement,
    alias: str,
    *,
    extra: str = "",
    reach: str = EVERYBODY,
) -> dict[str, Any] | None:
    columns = Columns(tx, statement, rights.definition, alias)
    sql = (
        f"SELECT {select_list(columns, fields)}{extra} FROM {from_clause(rights.definition, alias)}"
        f" WHERE {alias}.id = {statement.bind(record_id)} AND {own_rows(statement, rights.definition, alias)}"
        f" AND {reach}"
    )
    rows = rows_of(tx, sql, statement.parameters)
    return rows[0] if rows else None
