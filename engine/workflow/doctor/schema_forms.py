"""Forms that are a JSON Schema, with the hints of a UI schema beside it: SpiffArena, react-jsonschema-form.

Source: JSON Schema 2020-12; the names of `ui:` hints as SpiffArena's pages read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.workflow.doctor.fields import (
    MOST_FIELDS,
    Field,
    Read,
    limits,
    named,
    pattern,
    preset,
    told,
)

Json = Mapping[str, Any]
_FORMATS = {"date": "date", "date-time": "date-time", "time": "time", "email": "email"}
_WIDGETS = {"textarea": "textarea", "date": "date", "datetime": "date-time", "alt-date": "date", "file": "file"}
_LIMITS = {
    "text": {"minLength": "minLength", "maxLength": "maxLength"},
    "textarea": {"minLength": "minLength", "maxLength": "maxLength"},
    "integer": {"minimum": "minimum", "maximum": "maximum"},
    "number": {"minimum": "minimum", "maximum": "maximum"},
    "choices": {"minItems": "minItems", "maxItems": "maxItems"},
    "table": {"minItems": "minItems", "maxItems": "maxItems"},
}
_CONDITIONS = ("if", "allOf", "anyOf", "oneOf", "dependencies", "dependentSchemas", "dependentRequired")
_COMPUTED = "options_from_task_data_var:"
_DEEPEST = 8
_MOST_PARTS = 2000


def is_form(document: Json) -> bool:
    """It is a schema of an object with properties."""
    return isinstance(document.get("properties"), dict) and document.get("type", "object") == "object"


def read_schema(document: Json, hints: Json) -> Read:
    """Its fields in the order asked for; objects in it become sections, lists of objects tables."""
    found = _Reading(document)
    found.properties(document, hints, "", "", 0)
    return Read(tuple(found.fields.values())[:MOST_FIELDS], tuple(found.left), told(document.get("title")))


class _Reading:
    """One schema while it is read. `is_row`: of a table, in which tables have no place."""

    def __init__(self, document: Json, *, is_row: bool = False) -> None:
        self.document = document
        self.is_row = is_row
        self.fields: dict[str, Field] = {}
        self.left: dict[str, None] = {}
        self.parts = 0

    def properties(self, schema: Json, hints: Json, path: str, section: str, depth: int) -> None:
        """Each property; conditions between them are told."""
        for word in _CONDITIONS:
            if word in schema:
                self.left[f"{word} {path.rstrip('.')}".strip()] = None
        needed = schema.get("required")
        required = {one for one in needed if isinstance(one, str)} if isinstance(needed, list) else set()
        for name, given in _ordered(schema, hints):
            part, hint = self.resolved(given), _inner(hints, name)
            self.parts += 1
            if len(self.fields) >= MOST_FIELDS or self.parts > _MOST_PARTS or _widget(hint) == "hidden":
                continue
            if isinstance(part.get("properties"), dict) and depth < _DEEPEST:
                title = told(hint.get("ui:title")) or told(part.get("title")) or name
                self.properties(part, hint, f"{path}{name}.", title, depth + 1)
            else:
                field = self.field(f"{path}{name}", part, hint, name in required, section)
                if field is not None and field.name:
                    self.fields.setdefault(field.name, field)

    def resolved(self, given: object) -> Json:
        """The schema itself, or what its `$ref` names in this document."""
        for _ in range(_DEEPEST):
            reference = given.get("$ref") if isinstance(given, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            given = self.document
            for step in reference[2:].split("/"):
                given = given.get(step) if isinstance(given, dict) else None
        return given if isinstance(given, dict) else {}

    def field(self, path: str, part: Json, hint: Json, is_needed: bool, section: str) -> Field | None:
        kind = self.kind(path, part, hint)
        columns = self.columns(path, part, hint) if kind == "table" and not self.is_row else ()
        if kind == "" or (kind == "table" and not columns):
            self.left[f"{part.get('type', '?')} {path}"] = None
            return None
        default = part.get("default")
        if part.get("pattern") and not pattern(part["pattern"]):
            self.left[f"pattern of {path}"] = None
        return Field(
            name=named(path),
            origin=path,
            label=told(hint.get("ui:title")) or told(part.get("title")),
            kind=kind,
            required=is_needed,
            read_only=True in (hint.get("ui:readonly"), hint.get("ui:disabled"), part.get("readOnly")),
            default=preset(kind, json.dumps(default) if isinstance(default, bool) else _text(default)),
            options=self.options(part, hint) if kind in {"choice", "choices"} else (),
            checks=limits(part, _LIMITS.get(kind, {})),
            help=told(hint.get("ui:help")) or told(hint.get("ui:description")) or told(part.get("description")),
            section=section,
            pattern=pattern(part.get("pattern")) if kind == "text" else "",
            placeholder=told(hint.get("ui:placeholder")),
            is_radio=_widget(hint) == "radio",
            columns=columns,
        )

    def kind(self, path: str, part: Json, hint: Json) -> str:
        """Ours for a property; empty when there is none."""
        type_ = part.get("type", "string")
        named_types = [one for one in type_ if one != "null"] if isinstance(type_, list) else [type_]
        type_ = named_types[0] if len(named_types) == 1 else "string"
        if self.options(part, hint):
            return "choices" if type_ == "array" else "choice"
        if type_ == "array":
            items = self.resolved(part.get("items"))
            return "table" if isinstance(items.get("properties"), dict) else ""
        if type_ in {"integer", "number", "boolean"}:
            return str(type_)
        if type_ != "string":
            return ""
        if _WIDGETS.get(_widget(hint)):
            return _WIDGETS[_widget(hint)]
        return "file" if part.get("format") == "data-url" else _FORMATS.get(str(part.get("format")), "text")

    def columns(self, path: str, part: Json, hint: Json) -> tuple[Field, ...]:
        """Of a table: one level, what lies deeper is told."""
        inner = _Reading(self.document, is_row=True)
        inner.properties(self.resolved(part.get("items")), _inner(hint, "items"), "", "", _DEEPEST)
        self.left |= dict.fromkeys(f"{one} ({path})" for one in inner.left)
        return tuple(inner.fields.values())

    def options(self, part: Json, hint: Json) -> tuple[tuple[str, str], ...]:
        """(value, label) of `enum`, and of `oneOf` or `anyOf` with `const`; of a list those of its items."""
        if part.get("type") == "array":
            return self.options(self.resolved(part.get("items")), hint) if "items" in part else ()
        values = part.get("enum")
        labels = hint.get("ui:enumNames") or part.get("enumNames")
        if isinstance(values, list):
            if any(isinstance(one, str) and one.startswith(_COMPUTED) for one in values):
                self.left[f"options ({values[0]})"] = None
                return ()
            named_ones = labels if isinstance(labels, list) and len(labels) == len(values) else values
            return _pairs(zip(values, named_ones, strict=True))
        for word in ("oneOf", "anyOf"):
            given = part.get(word)
            ways = [self.resolved(one) for one in given] if isinstance(given, list) else []
            if ways and all("const" in one or _single(one) for one in ways):
                return _pairs((one.get("const", _single(one)), one.get("title")) for one in ways)
        return ()


def _pairs(given: Iterator[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for value, label in given:
        if _text(value):
            found[_text(value)] = told(label) or _text(value)
    return tuple(found.items())


def _single(way: Json) -> Any:
    """The only value of an `enum` of one."""
    values = way.get("enum")
    return values[0] if isinstance(values, list) and len(values) == 1 else None


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value) if isinstance(value, str | int | float) else ""


def _inner(hints: Json, name: str) -> Json:
    found = hints.get(name)
    return found if isinstance(found, dict) else {}


def _widget(hint: Json) -> str:
    options = hint.get("ui:options")
    return str(hint.get("ui:widget") or (options.get("widget") if isinstance(options, dict) else "") or "")


def _ordered(schema: Json, hints: Json) -> Iterator[tuple[str, object]]:
    """The properties, those that `ui:order` names first; `*` stands for the rest."""
    given = schema.get("properties")
    properties: Json = given if isinstance(given, dict) else {}
    order = hints.get("ui:order")
    wanted = [one for one in order if isinstance(one, str) and one in properties] if isinstance(order, list) else []
    rest = [name for name in properties if name not in wanted]
    place = order.index("*") if isinstance(order, list) and "*" in order else len(wanted)
    for name in dict.fromkeys([*wanted[:place], *rest, *wanted[place:]]):
        yield str(name), properties[name]
