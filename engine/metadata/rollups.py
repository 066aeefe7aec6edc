"""Roll-ups as SQL: computed over the linked rows that the reader may see."""

from __future__ import annotations

from engine.metadata import access, catalog
from engine.metadata.columns import Columns
from engine.metadata.definition import FieldDefinition
from engine.metadata.feel_sql import condition_sql
from engine.metadata.statement import from_clause, own_rows, stored_value

_FUNCTIONS = {"sum": "sum({0})", "min": "min({0})", "max": "max({0})"}


def rollup_sql(columns: Columns, field: FieldDefinition) -> str:
    """A scalar sub-query over the rows of `field.target` whose link `via` points at this row."""
    tx, statement = columns.tx, columns.statement
    target = catalog.load(tx).object(field.target or "")
    alias = statement.alias()
    inner = Columns(tx, statement, target, alias, checked=columns.checked)
    via = catalog.field_of(target, str(field.settings["via"]))
    if via is None:
        raise access.unknown_field(field.key)
    link = stored_value(via, alias)
    points_here = f"{columns.alias}.id = ANY({link})" if via.type == "links" else f"{link} = {columns.alias}.id"
    reach = "TRUE"
    if columns.checked:
        reach = access.predicate_of(tx, statement, access.rights_on(tx, target.key), "read", alias)
    where = field.settings.get("where")
    rule = condition_sql(tx, statement, target, str(where), alias) if where else "TRUE"
    source = (
        f"FROM {from_clause(target, alias)} WHERE {points_here} AND {alias}.deleted_at IS NULL"
        f" AND {own_rows(statement, target, alias)} AND {reach} AND ({rule})"
    )
    function = str(field.settings["function"])
    if function == "count":
        return f"(SELECT count(*)::numeric {source})"
    of = inner.value((str(field.settings["of"]),)).sql
    if function == "latest":
        return f"(SELECT {of} {source} ORDER BY {alias}.id DESC LIMIT 1)"
    return f"(SELECT {_FUNCTIONS[function].format(of)} {source})"
