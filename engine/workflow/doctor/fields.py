"""A form of another tool as we understand it, and the fields that stand in models: Camunda 7, Operaton, Flowable,
Activiti."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import re2

from engine.feel import FeelError, compile_expression, doubts
from engine.workflow.bpmn import xml

_TYPES = {
    **dict.fromkeys(("long", "int", "integer", "short"), "integer"),
    **dict.fromkeys(("double", "float", "number", "decimal"), "number"),
    **dict.fromkeys(("boolean", "date", "user"), ""),
    **dict.fromkeys(("multi-line-text", "textarea"), "textarea"),
    "enum": "choice",
}
_CHECKS = {"minlength": "minLength", "maxlength": "maxLength", "min": "minimum", "max": "maximum"}
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")
_LENGTHS = frozenset({"minLength", "maxLength", "minItems", "maxItems"})
MOST_FIELDS = 300
LONGEST_NAME = 100
LONGEST_LABEL = 300
LONGEST_PATTERN = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A field a person sees. `kind`: text, textarea, email, phone, integer, number, boolean, choice, choices, date,
    date-time, time, user, file, table; `options`: (value, label); `checks`: names of the JSON Schema with numbers;
    `hidden`, `locked`: FEEL; `origin`: its name there; `columns`: of a table.
    """

    name: str
    origin: str
    label: str = ""
    kind: str = "text"
    required: bool = False
    read_only: bool = False
    default: str | float | bool | None = None
    options: tuple[tuple[str, str], ...] = ()
    checks: tuple[tuple[str, float], ...] = ()
    help: str = ""
    hidden: str = ""
    locked: str = ""
    section: str = ""
    pattern: str = ""
    placeholder: str = ""
    is_radio: bool = False
    columns: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A form. `left`: what of it has no equal here, one text each; `outcomes`: what a person may decide in it, and
    `outcome`: the variable that says what he did."""

    fields: tuple[Field, ...]
    left: tuple[str, ...] = ()
    title: str = ""
    outcomes: tuple[str, ...] = ()
    outcome: str = ""


def fields_of(element: xml.Element) -> list[Field]:
    """What `formData` and `formProperty` say of a task or start event, in order."""
    found: list[Field] = []
    for item in xml.extensions(element):
        if xml.namespace(item) not in xml.KINDRED:
            continue
        if xml.local(item) == "formData":
            found += [_field(one) for one in xml.children(item, "formField", xml.namespace(item))]
        elif xml.local(item) == "formProperty":
            found.append(_property(item))
    return [one for one in found if one.name]


def named(text: str) -> str:
    """A name for a variable: letters, digits and `_`.

    >>> named("net-income"), named("1st")
    ('net_income', 'f_1st')
    """
    plain = re.sub(r"\W", "_", text.strip())
    return (plain if not plain or plain[0].isalpha() else f"f_{plain}")[:LONGEST_NAME]


def limits(given: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    """The limits among what a form says of a field, by our names for theirs; numbers written as texts count."""
    found: dict[str, float] = {}
    for theirs, ours in names.items():
        value = given.get(theirs)
        value = number(value) if isinstance(value, str) else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            continue
        if ours not in _LENGTHS:
            found[ours] = value
        elif value == int(value) and value >= 0:
            found[ours] = int(value)
    return tuple(found.items())


def condition(text: str) -> str:
    """A FEEL condition as a form may hold it: it can be parsed and is not null whatever the data; empty otherwise."""
    try:
        return text if text and not doubts(compile_expression(text)) else ""
    except FeelError:
        return ""


def pattern(value: object) -> str:
    """A pattern that can be searched in linear time; empty for what is none."""
    options = re2.Options()
    options.log_errors = False
    if not isinstance(value, str) or len(value) > LONGEST_PATTERN:
        return ""
    try:
        re2.compile(value, options)
    except re2.error:
        return ""
    return value


def told(value: object) -> str:
    """A text for people: one line, not too long; empty for what is none or is computed."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "" if text.startswith("=") else text[:LONGEST_LABEL]


def number(text: str) -> float | None:
    """A plain number, or None."""
    if _NUMBER.fullmatch(text.strip()) is None:
        return None
    return float(text) if "." in text else int(text)


def _field(element: xml.Element) -> Field:
    """A `formField` with its validation and values."""
    space = xml.namespace(element)
    rules: dict[str, str] = {}
    for holder in xml.children(element, "validation", space):
        rules |= {
            xml.attribute(one, "name"): xml.attribute(one, "config")
            for one in xml.children(holder, "constraint", space)
        }
    return _typed(
        Field(
            name=named(xml.attribute(element, "id")),
            origin=xml.attribute(element, "id"),
            label=xml.attribute(element, "label"),
            required=rules.get("required", "false") != "false" or rules.get("required") == "",
            read_only="readonly" in rules,
            options=_options(element),
            checks=limits(rules, _CHECKS),
        ),
        xml.attribute(element, "type"),
        xml.attribute(element, "defaultValue"),
    )


def _property(element: xml.Element) -> Field:
    """A `formProperty`; its value goes to the variable it names."""
    origin = xml.attribute(element, "variable") or xml.attribute(element, "id")
    return _typed(
        Field(
            name=named(origin),
            origin=origin,
            label=xml.attribute(element, "name"),
            required=xml.is_true(element, "required"),
            read_only=not xml.is_true(element, "writable", default=True),
            options=_options(element),
        ),
        xml.attribute(element, "type"),
        xml.attribute(element, "default"),
    )


def _options(element: xml.Element) -> tuple[tuple[str, str], ...]:
    values = xml.children(element, "value", xml.namespace(element))
    found = {xml.attribute(one, "id"): xml.attribute(one, "name") for one in values if xml.attribute(one, "id")}
    return tuple((value, label or value) for value, label in found.items())


def _typed(field: Field, kind: str, default: str) -> Field:
    """Kind and default in our words; a choice without values is a text, a default with an expression is none."""
    known = _TYPES.get(kind)
    found = kind if known == "" else known or "text"
    if found == "choice" and not field.options:
        found = "text"
    return replace(field, kind=found, default=preset(found, default))


def preset(kind: str, text: str) -> str | float | bool | None:
    """The default value as the field holds it, or None."""
    if not text or "${" in text or "#{" in text or text.startswith("="):
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        value = number(text)
        return value if isinstance(value, int) else None
    if kind == "number":
        return number(text)
    return text if kind in {"text", "textarea", "email", "phone", "choice"} else None
