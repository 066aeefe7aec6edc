"""The form fields of other tools, as they stand in their models: Camunda 7, Operaton, Flowable, Activiti."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Field:
    """A field a person sees. `kind`: text, textarea, integer, number, boolean, choice, choices, date, date-time, time,
    user, file; `options`: (value, label); `checks`: names of the JSON Schema with numbers; `hidden`, `locked`: FEEL;
    `origin`: its name there.
    """

    name: str
    origin: str
    label: str = ""
    kind: str = "text"
    required: bool = False
    read_only: bool = False
    default: str | int | bool | None = None
    options: tuple[tuple[str, str], ...] = ()
    checks: tuple[tuple[str, float], ...] = ()
    help: str = ""
    hidden: str = ""
    locked: str = ""
    section: str = ""


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
    return plain if not plain or plain[0].isalpha() else f"f_{plain}"


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
    limits = {_CHECKS[name]: number(value) for name, value in rules.items() if name in _CHECKS}
    return _typed(
        Field(
            name=named(xml.attribute(element, "id")),
            origin=xml.attribute(element, "id"),
            label=xml.attribute(element, "label"),
            required=rules.get("required", "false") != "false" or rules.get("required") == "",
            read_only="readonly" in rules,
            options=_options(element),
            checks=tuple((name, value) for name, value in limits.items() if value is not None),
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


def preset(kind: str, text: str) -> str | int | bool | None:
    """The default value as the field holds it, or None."""
    if not text or "${" in text or "#{" in text or text.startswith("="):
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        value = number(text)
        return value if isinstance(value, int) else None
    return text if kind in {"text", "textarea", "choice"} else None
