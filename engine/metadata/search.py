"""Search text of a record, and the condition that finds it. A field the reader may not read never helps to find.

The text has one line per searchable field: `name=张三 zhangsan zs`. The index over its bigrams finds candidates;
a second look at the readable lines decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import type_of
from engine.metadata.pinyin import search_forms, sort_key
from engine.metadata.statement import Statement

_NAMES = frozenset({"text"})
_LIMIT = 500
_SPACE = re.compile(r"\s+")


def search_text(definition: ObjectDefinition, values: Mapping[str, Any]) -> str:
    """The `search` column for these values (field key -> Python value)."""
    lines = []
    for field in definition.fields:
        value = values.get(field.key)
        if field.searchable and value is not None:
            shown = _SPACE.sub(" ", _searched(field, value)).lower()[:_LIMIT]
            forms = search_forms(shown) if field.type in _NAMES and not shown.isascii() else ""
            lines.append(f"{field.key}={shown} {forms}".rstrip())
    return "\n".join(lines)


def sort_name(definition: ObjectDefinition, values: Mapping[str, Any]) -> str:
    """The `sort_name` column: pinyin of the record's name."""
    value = values.get(definition.name_field)
    field = definition.field(definition.name_field)
    return sort_key(_searched(field, value)) if field is not None and value is not None else ""


def search_condition(statement: Statement, alias: str, words: str, readable: list[str]) -> str:
    """SQL true for rows where every word occurs in a line of a readable field."""
    terms = words.lower().replace("\x00", "").split()[:6]
    if not readable or not terms:
        return "FALSE" if terms else "TRUE"
    return " AND ".join(_term(statement, alias, term[:50], readable) for term in terms)


def _term(statement: Statement, alias: str, term: str, readable: list[str]) -> str:
    line = f"(^|\\n)({'|'.join(readable)})=[^\\n]*{re.escape(term)}"
    condition = f"{alias}.search ~ {statement.bind(line)}"
    if len(term) > 1 or not term.isascii():
        condition = f"(search_grams({alias}.search) @> search_grams({statement.bind(term)}) AND {condition})"
    return condition


def _searched(field: FieldDefinition, value: Any) -> str:
    return type_of(field).display(field, value, "zh")
