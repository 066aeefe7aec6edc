"""From rows to records: field levels applied, masks put on, titles looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.feel import FeelError, from_python
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.access import ObjectRights
from engine.metadata.columns import Columns, is_link
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.feel_sql import actor_context, compile_for, environment
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.formula import FormulaType
from engine.metadata.record import Record, read_value
from engine.metadata.rollups import rollup_sql
from engine.metadata.statement import quoted
from engine.metadata.titles import titles_of

_AS_JSON = frozenset({"uuid", "uuid[]", "tstzrange"})
ALWAYS = ("id", "version", "branch_id", "owner_id", "stage")
IS_WHOLE = "is_seen_whole"
"""Column of a row that says whether the reader sees its limited fields."""


def select_list(columns: Columns, fields: list[str]) -> str:
    """Columns to read: the system ones a record always has, the wanted fields, ingredients of live formulas."""
    definition, alias = columns.definition, columns.alias
    wanted = {*ALWAYS, *fields, *_ingredients(definition, fields)}
    parts = [f"{alias}.custom"]
    for field, name in _read_columns(definition):
        if field.key not in wanted:
            continue
        parts.append(f"{rollup_sql(columns, field)} AS {name}" if field.type == "rollup" else f"{alias}.{name}")
    return ", ".join(parts)


def _read_columns(definition: ObjectDefinition) -> tuple[tuple[FieldDefinition, str], ...]:
    """Fields that a row has a column of, with its quoted name: those of the table, then rollups of custom fields."""
    found: tuple[tuple[FieldDefinition, str], ...] | None = definition.memo.get("read_columns")
    if found is None:
        own = [one for one in catalog.all_fields(definition) if not one.custom]
        rollups = [one for one in definition.fields if one.custom and one.type == "rollup"]
        read = [*(one for one in own if one.type == "rollup" or _has_column(one)), *rollups]
        found = definition.memo["read_columns"] = tuple((one, quoted(one.key)) for one in read)
    return found


def build_records(
    tx: Tx,
    rights: ObjectRights,
    rows: list[dict[str, Any]],
    fields: list[str],
    levels: Mapping[str, str] | None = None,
    *,
    titled: bool = True,
) -> list[Record]:
    """Records of the rows; `levels` (default: the actor's, row by row) decide what is left out, masked or whole."""
    of_row = {is_whole: levels or access.levels_in(rights, is_whole=is_whole) for is_whole in (True, False)}
    levels = levels or rights.levels
    keys = [key for key in dict.fromkeys((*ALWAYS, *fields)) if levels.get(key, "none") != "none"]
    definitions = {key: field for key in keys if (field := catalog.field_of(rights.definition, key)) is not None}
    records = [_record(tx, rights, row, definitions, of_row[row.get(IS_WHOLE, not rights.limited)]) for row in rows]
    if not titled:
        return records
    links = {key: field for key, field in definitions.items() if is_link_like(field)}
    visible = [
        (field, record.values.get(key))
        for record in records
        for key, field in links.items()
        if record.levels[key] != "masked"
    ]
    titles = titles_of(tx, visible) if visible else {}
    return [replace(record, titles=_titles(record, links, titles)) for record in records]


def is_link_like(field: FieldDefinition) -> bool:
    return is_link(field) or field.type in ("links", "actor")


def raw_values(definition: ObjectDefinition, row: Mapping[str, Any]) -> dict[str, Any]:
    """Python values of all stored fields of a whole row, system fields too."""
    custom = row.get("custom") or {}
    values = {}
    for field in catalog.all_fields(definition):
        if field.key in row:
            values[field.key] = row[field.key]
        elif field.custom and field.key in custom:
            values[field.key] = read_value(field, custom[field.key])
    return values


def _record(
    tx: Tx,
    rights: ObjectRights,
    row: dict[str, Any],
    fields: Mapping[str, FieldDefinition],
    levels: Mapping[str, str],
) -> Record:
    live = _live_formulas(rights.definition)
    values = {
        key: formula_value(tx, rights.definition, field, raw_values(rights.definition, row))
        if key in live
        else _value(row, field)
        for key, field in fields.items()
    }
    for key, field in fields.items():
        if levels[key] == "masked" and values[key] is not None:
            values[key] = type_of(field).mask(field, values[key])
    shown = {key: levels[key] for key in fields}
    return Record(rights.definition.key, row["id"], row["version"], values, shown, rights.definition)


def _value(row: dict[str, Any], field: FieldDefinition) -> Any:
    if field.custom and field.type != "rollup":
        return read_value(field, (row.get("custom") or {}).get(field.key))
    return row.get(field.key)


def _live_formulas(definition: ObjectDefinition) -> dict[str, FieldDefinition]:
    """The formulas that are computed whenever somebody reads."""
    found: dict[str, FieldDefinition] | None = definition.memo.get("live_formulas")
    if found is None:
        found = definition.memo["live_formulas"] = {
            field.key: field
            for field in catalog.all_fields(definition)
            if isinstance(kind := type_of(field), FormulaType) and not kind.is_stored(field)
        }
    return found


def formula_value(tx: Tx, definition: ObjectDefinition, field: FieldDefinition, values: Mapping[str, Any]) -> Any:
    """The formula over the record's values; None when it cannot be computed."""
    expression = compile_for(definition, str(field.settings["expression"]))
    context = feel_context(tx, definition, values)
    try:
        result = expression.evaluate(context, environment(tx))
    except FeelError:
        return None
    field_type = type_of(field)
    assert isinstance(field_type, FormulaType)
    return field_type.coerce(field, result)


def feel_context(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The record's values and `actor` as FEEL values; ids become texts."""
    context: dict[str, Any] = {"actor": actor_context(tx)}
    for field in catalog.all_fields(definition):
        value = values.get(field.key)
        if value is not None:
            value = from_python(type_of(field).to_json(field, value) if type_of(field).sql in _AS_JSON else value)
        context[field.key] = value
    return context


def _ingredients(definition: ObjectDefinition, fields: list[str]) -> set[str]:
    found: set[str] = set()
    live = _live_formulas(definition)
    for field in [live[key] for key in fields if key in live]:
        found |= {path[0] for path in compile_for(definition, str(field.settings["expression"])).references}
    return found


def _has_column(field: FieldDefinition) -> bool:
    field_type = type_of(field)
    return field_type.stored and not (isinstance(field_type, FormulaType) and not field_type.is_stored(field))


def _titles(
    record: Record, links: Mapping[str, FieldDefinition], titles: Mapping[tuple[str, Any], str | None]
) -> dict[str, str | list[str | None] | None]:
    found: dict[str, str | list[str | None] | None] = {}
    for key in links:
        value = record.values.get(key)
        if value is None or record.levels.get(key) == "masked":
            continue
        found[key] = [titles.get((key, v)) for v in value] if isinstance(value, list) else titles.get((key, value))
    return found
