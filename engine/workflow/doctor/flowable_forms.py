"""Forms drawn with the form designer of Flowable, Activiti 6 and Alfresco: JSON in a `.form` file beside the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.workflow.doctor.fields import MOST_FIELDS, Field, Read, limits, named, preset, told

_KINDS = {
    **dict.fromkeys(("text", "string", "readonly-text", "readonly", "hyperlink"), "text"),
    "multi-line-text": "textarea",
    **dict.fromkeys(("integer", "long"), "integer"),
    **dict.fromkeys(("decimal", "double", "number", "amount"), "number"),
    "boolean": "boolean",
    "date": "date",
    "datetime": "date-time",
    **dict.fromkeys(("dropdown", "radio-buttons", "radio"), "choice"),
    "people": "user",
    "upload": "file",
    "dynamic-table": "table",
}
_LIMITS = {"minLength": "minLength", "maxLength": "maxLength", "minValue": "minimum", "maxValue": "maximum"}
_FITTING = {"text": ("minLength", "maxLength"), "textarea": ("minLength", "maxLength")}
_NUMBERS = ("minimum", "maximum")
_HEADLINES = frozenset({"headline", "headline-with-line", "group"})
_SILENT = frozenset({"spacer", "horizontal-line", "container", ""})
_DEEPEST = 10


def is_form(document: Mapping[str, Any]) -> bool:
    """It is one of theirs: a list of fields with types."""
    fields = _form(document).get("fields")
    return isinstance(fields, list) and all(isinstance(one, dict) and ("type" in one or "id" in one) for one in fields)


def read_fields(document: Mapping[str, Any]) -> Read:
    """Its fields, headlines as sections, and the outcomes people choose from."""
    form = _form(document)
    fields: dict[str, Field] = {}
    left: dict[str, None] = {}
    section = ""
    for part in _parts(form.get("fields"), 0):
        kind = str(part.get("type") or "text")
        name = part.get("id") if isinstance(part.get("id"), str) else ""
        if kind in _HEADLINES:
            section = told(part.get("name"))
        elif kind == "expression":
            left[f"expression {name} ({str(part.get('expression') or part.get('value') or '')[:60]})"] = None
        elif kind in _KINDS and named(str(name)) and len(fields) < MOST_FIELDS:
            field = replace(_field(part, str(name), kind), section=section)
            fields.setdefault(field.name, field)
            left |= dict.fromkeys(_unequalled(part, field))
        elif kind not in _SILENT:
            left[f"{kind} {name}".strip()] = None
    outcomes = _outcomes(form)
    return Read(
        tuple(one for one in fields.values() if one.kind != "table" or one.columns),
        tuple(left),
        told(form.get("name")) or told(document.get("name")),
        outcomes,
        (str(form.get("outcomeVariableName") or "") or f"form_{key_of(document)}_outcome") if outcomes else "",
    )


def key_of(document: Mapping[str, Any]) -> str:
    """What tasks call the form; empty when only its file has a name."""
    return str(document.get("key") or _form(document).get("key") or "")


def _form(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Alfresco wraps the form twice."""
    for name in ("formRepresentation", "editorJson", "formDefinition"):
        inner = document.get(name)
        document = inner if isinstance(inner, dict) else document
    return document


def _parts(given: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """All fields in reading order; those of containers, which stand in lists by row or column, behind them."""
    for part in given if isinstance(given, list) and depth < _DEEPEST else ():
        if isinstance(part, list):
            yield from _parts(part, depth + 1)
        elif isinstance(part, dict):
            yield part
            inner = part.get("fields")
            for column in inner.values() if isinstance(inner, dict) else [inner]:
                yield from _parts(column, depth + 1)


def _field(part: Mapping[str, Any], origin: str, kind: str) -> Field:
    params = part.get("params") if isinstance(part.get("params"), dict) else {}
    options = _options(part)
    found = _KINDS[kind] if _KINDS[kind] != "choice" or options else "text"
    given = limits({**(params or {}), **part}, _LIMITS)
    fitting = _FITTING.get(found, _NUMBERS if found in {"integer", "number"} else ())
    value = part.get("value")
    return Field(
        name=named(origin),
        origin=origin,
        label=told(part.get("name")),
        kind=found,
        required=part.get("required") is True,
        read_only=part.get("readOnly") is True or kind in {"readonly-text", "readonly", "hyperlink"},
        default=preset(found, _default(found, value, options)),
        options=options if found == "choice" else (),
        checks=tuple((name, limit) for name, limit in given if name in fitting),
        placeholder=told(part.get("placeholder")),
        is_radio=kind.startswith("radio"),
        columns=_columns(part) if found == "table" else (),
    )


def _default(kind: str, value: object, options: tuple[tuple[str, str], ...]) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if kind != "choice" or text in dict(options) else ""


def _options(part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What is chosen comes as the option's id, or its name where it has none. A first one that asks to choose is no
    choice."""
    given = part.get("options")
    named_ones = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    if part.get("hasEmptyValue") is True:
        named_ones = named_ones[1:]
    found: dict[str, str] = {}
    for one in named_ones:
        value = str(one.get("id") or one.get("name") or "")
        if value:
            found[value] = told(one.get("name")) or value
    return tuple(found.items())


def _columns(part: Mapping[str, Any]) -> tuple[Field, ...]:
    given = part.get("columnDefinitions")
    found = (
        [one for one in given if isinstance(one, dict) and named(str(one.get("id") or ""))]
        if isinstance(given, list)
        else []
    )
    kinds = {"String": "text", "Number": "decimal", "Amount": "amount", "Date": "date", "Boolean": "boolean"}
    return tuple(_field(one, str(one["id"]), kinds.get(str(one.get("type")), "text")) for one in found[:MOST_FIELDS])


def _unequalled(part: Mapping[str, Any], field: Field) -> list[str]:
    """Options that are computed or fetched, a pattern nobody promises to be safe, conditions of visibility."""
    kind, source = str(part.get("type")), part.get("optionsExpression") or part.get("restUrl")
    found = [f"options of {field.origin} ({str(source)[:60]})"] if _KINDS[kind] == "choice" and source else []
    if _KINDS[kind] == "table" and not field.columns:
        found.append(f"{kind} {field.origin}")
    if isinstance(part.get("visibilityCondition"), dict):
        found.append(f"condition of {field.origin}")
    return found


def _outcomes(form: Mapping[str, Any]) -> tuple[str, ...]:
    given = form.get("outcomes")
    names = (told(one.get("name")) for one in given if isinstance(one, dict)) if isinstance(given, list) else ()
    return tuple(dict.fromkeys(name for name in names if name))[:20]
