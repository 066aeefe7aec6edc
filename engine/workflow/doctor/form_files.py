"""A form as read from another tool, written as a file of ours.

Source: `forms/form.schema.json`. What the forms of other tools show comes from and goes to process variables, and so
do fields without a binding here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from engine.workflow.doctor.fields import Field, Read

_KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_FORMATS = {name: name for name in ("date", "date-time", "time", "user", "file", "email", "phone")}
_PLAIN = {"integer": "integer", "number": "number", "boolean": "boolean", "choices": "array", "table": "array"}


def written(key: str, title: str, read: Read) -> str:
    """The form as JSON."""
    sections: dict[str, list[str]] = {}
    for one in read.fields:
        sections.setdefault(one.section, []).append(one.name)
    layout = [
        {**({"title": _both(name)} if name else {}), "columns": 1 if len(names) < 4 else 2, "fields": names}
        for name, names in sections.items()
    ]
    schema: dict[str, Any] = {"type": "object", "properties": {one.name: _schema(one) for one in read.fields}}
    if needed := [one.name for one in read.fields if one.required and not one.read_only]:
        schema["required"] = needed
    form: dict[str, Any] = {"key": key, "title": _both(title), "schema": schema, "layout": layout}
    if rules := [rule for one in read.fields for rule in _rules(one)]:
        form["rules"] = rules
    return json.dumps(form, ensure_ascii=False, indent=2) + "\n"


def key_of(text: str) -> str:
    """The key a form's file says; empty for another file."""
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else {}
    except (ValueError, RecursionError):
        return ""
    return str(document.get("key", "")) if isinstance(document, dict) else ""


def is_ours(name: str) -> bool:
    """It is the key of a form of ours, as `leave.request` is; other tools name files, ids and addresses."""
    return _KEY.fullmatch(name) is not None


def word(text: str, otherwise: str) -> str:
    """An id or a name as one half of a form's key: small letters, digits and `_`."""
    found = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return found if found and found[0].isalpha() else f"{otherwise}_{found}".rstrip("_")


def free(wish: str, taken: Collection[str]) -> str:
    """A name nothing else has: `a`, `a_2` …, of a file `a_2.json`."""
    stem, dot, ending = wish.partition(".json")
    number, found = 2, wish
    while found in taken:
        found, number = f"{stem}_{number}{dot}{ending}", number + 1
    return found


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _schema(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _PLAIN.get(field.kind, "string")}
    if field.kind in _FORMATS:
        found["format"] = _FORMATS[field.kind]
    if field.kind == "textarea":
        found["x-widget"] = "textarea"
    if field.kind == "choices":
        found["items"] = {"type": "string"}
    if field.kind == "choice" and field.is_radio:
        found["x-widget"] = "radio"
    if field.kind == "table":
        found["items"] = _row(field.columns)
    if field.kind in {"choice", "choices"}:
        found["x-options"] = [{"value": value, **_both(label)} for value, label in field.options]
    found |= dict(field.checks)
    if field.default is not None:
        found["default"] = field.default
    if field.read_only:
        found["x-read-only"] = True
    found["x-label"] = _both(field.label or field.name)
    if field.pattern:
        found["pattern"] = field.pattern
    if field.help:
        found["x-help"] = _both(field.help)
    if field.placeholder:
        found["x-placeholder"] = _both(field.placeholder)
    return found


def _row(columns: tuple[Field, ...]) -> dict[str, Any]:
    needed = [one.name for one in columns if one.required]
    return {
        "type": "object",
        "properties": {one.name: _schema(one) for one in columns},
        **({"required": needed} if needed else {}),
    }


def _rules(field: Field) -> list[dict[str, str]]:
    hidden = [{"field": field.name, "visible": f"({field.hidden}) != true"}] if field.hidden else []
    return [*hidden, *([{"field": field.name, "read_only": field.locked}] if field.locked else [])]
