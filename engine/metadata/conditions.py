"""A JSON filter as SQL. FEEL filters go through `feel_sql`; both resolve fields with the same `Columns`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.metadata.columns import Columns, SqlValue
from engine.metadata.feel_sql import filter_sql
from engine.metadata.fieldtypes import FieldError, type_of
from engine.metadata.fieldtypes.base import Json
from engine.metadata.fieldtypes.category import below

Filter = str | Mapping[str, Json]
_COMPARE = frozenset({"=", "<", "<=", ">", ">="})
_MAX_DEPTH, _MAX_TERMS = 6, 100


def filter_to_sql(columns: Columns, source: Filter) -> str:
    """SQL condition of a FEEL text or JSON filter. Raises UserError, Forbidden (unknown field), FeelError."""
    if isinstance(source, str):
        return filter_sql(columns, source) if source.strip() else "TRUE"
    return _group(columns, source, 0)


def _group(columns: Columns, source: Json, depth: int) -> str:
    """A group, a term, or a FEEL text standing among them (a saved view narrowed by a person's own filter)."""
    if isinstance(source, str) and depth <= _MAX_DEPTH:
        return f"({filter_to_sql(columns, source)})"
    if not isinstance(source, Mapping) or depth > _MAX_DEPTH:
        raise bad_filter(Text("筛选条件格式不对", "The filter is not well formed"))
    for word, joiner in (("and", " AND "), ("or", " OR ")):
        if word in source:
            parts = source[word]
            if not isinstance(parts, list) or len(parts) > _MAX_TERMS:
                raise bad_filter(Text("条件应为列表", "Conditions must be a list"))
            return f"({joiner.join(_group(columns, part, depth + 1) for part in parts)})" if parts else "TRUE"
    if "not" in source:
        return f"(({_group(columns, source['not'], depth + 1)}) IS NOT TRUE)"
    return _term(columns, source)


def _term(columns: Columns, source: Mapping[str, Json]) -> str:
    field, operator = source.get("field"), source.get("op", "=")
    if not isinstance(field, str) or not isinstance(operator, str):
        raise bad_filter(Text("条件需要 field 和 op", "A condition needs field and op"))
    value = columns.value(tuple(field.split(".")))
    field_type = type_of(value.field)
    if operator not in field_type.operators:
        offered = " ".join(field_type.operators)
        raise bad_filter(
            Text(
                f"字段 {field} 不支持 {operator}，可用：{offered}", f"{field} does not take {operator}; use: {offered}"
            )
        )
    raw = source.get("value")
    if operator == "empty" or (raw is None and operator in ("=", "!=")):
        wanted = raw if operator == "empty" and raw is not None else operator != "!="
        return f"({value.sql} IS {'' if wanted else 'NOT '}NULL)"
    return _compare(columns, value, operator, raw)


def _compare(columns: Columns, value: SqlValue, operator: str, raw: Json) -> str:
    bind = columns.statement.bind
    if operator in _COMPARE:
        return f"({value.sql} {operator} {bind(_parse(columns, value, raw), value.type)})"
    if operator == "!=":
        return f"({value.sql} IS DISTINCT FROM {bind(_parse(columns, value, raw), value.type)})"
    if operator in ("in", "contains_any", "between"):
        return _compare_list(columns, value, operator, raw)
    if operator == "below":
        return f"({value.sql} = ANY({bind(list(below(value.field, str(raw))), 'text[]')}))"
    if operator == "overlaps":
        span = _parse(columns, value, raw)
        return f"({value.sql} && tstzrange({bind(span.lower, 'timestamptz')}, {bind(span.upper, 'timestamptz')}))"
    if value.type.endswith("[]"):
        (item,) = _parse(columns, value, [raw])
        return f"({value.sql} @> ARRAY[{bind(item, value.type[:-2])}])"
    text = like_escaped(str(raw)[:200])
    pattern = f"%{text}%" if operator == "contains" else f"{text}%"
    subject = f"{value.sql}::text" if value.type != "text" else value.sql
    return f"({subject} ILIKE {bind(pattern)})"


def _compare_list(columns: Columns, value: SqlValue, operator: str, raw: Json) -> str:
    bind = columns.statement.bind
    if not isinstance(raw, list) or len(raw) > 1_000 or (operator == "between" and len(raw) != 2):
        raise bad_filter(Text("应为值的列表", "Expected a list of values"))
    if operator == "between":
        low, high = (bind(_parse(columns, value, item), value.type) for item in raw)
        return f"({value.sql} BETWEEN {low} AND {high})"
    if operator == "contains_any":
        return f"({value.sql} && {bind(_parse(columns, value, raw) or [], value.type)})"
    items = [_parse(columns, value, item) for item in raw]
    return f"({value.sql} = ANY({bind(items, value.type + '[]')}))"


def _parse(columns: Columns, value: SqlValue, raw: Json) -> Any:
    if raw == "me" and value.field.type in ("user", "actor"):
        return columns.tx.actor.id
    try:
        return raw if value.field.type == "rollup" else type_of(value.field).from_json(value.field, raw)
    except FieldError as error:
        raise UserError("bad_filter", error.message, fields={value.field.key: error.message}) from None


def like_escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def bad_filter(message: Text) -> UserError:
    return UserError("bad_filter", message)
