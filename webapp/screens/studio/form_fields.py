"""A field of an object as a question of a form file: what the form editor adds when a field is chosen."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.metadata.definition import ObjectDefinition
from forms.definition import WIDGETS, FormField, Kind
from forms.generate import generated_form

_SHAPES: Mapping[Kind, Mapping[str, Any]] = MappingProxyType(
    {
        Kind.INTEGER: {"type": "integer"},
        Kind.BOOLEAN: {"type": "boolean"},
        Kind.CHOICES: {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
        Kind.RECORDS: {"type": "array", "uniqueItems": True, "items": {"type": "string", "format": "record"}},
        Kind.NUMBER: {"type": "string", "format": "decimal"},
        Kind.DATETIME: {"type": "string", "format": "date-time"},
    }
)
_BY_NAME = frozenset(
    {Kind.MONEY, Kind.HOURS, Kind.DATE, Kind.TIME, Kind.EMAIL, Kind.PHONE, Kind.RECORD, Kind.USER, Kind.BRANCH,
     Kind.FILE, Kind.IMAGE}
)  # fmt: skip
_CHECKS = ("minLength", "maxLength", "pattern", "x-minimum", "x-maximum")


def fields_of(definition: ObjectDefinition) -> list[dict[str, Any]]:
    """``{name, label, required, property}`` of every field people fill in, in the order of the object's form.

    Choices without options (free labels) have no question of their own.
    """
    asked = [
        field for field in generated_form(definition).fields.values() if field.options or field.kind is not Kind.CHOICES
    ]
    return [
        {
            "name": field.name,
            "label": {"zh": field.label.zh, "en": field.label.en},
            "required": field.required,
            "property": question(field),
        }
        for field in asked
    ]


def question(field: FormField) -> dict[str, Any]:
    """The property of a form file's schema that asks for this field."""
    shape = _SHAPES.get(field.kind) or {"type": "string", **_format(field.kind)}
    found: dict[str, Any] = {**shape, **{key: field.schema[key] for key in _CHECKS if key in field.schema}}
    found["x-label"] = {"zh": field.label.zh, "en": field.label.en}
    if field.help:
        found["x-help"] = {"zh": field.help.zh, "en": field.help.en}
    if field.binding:
        found["x-field"] = field.binding
    if field.object:
        found["x-object"] = field.object
    if field.options:
        found["x-options"] = [{"value": one.value, "zh": one.label.zh, "en": one.label.en} for one in field.options]
    if field.read_only:
        found["x-read-only"] = True
    if field.widget != WIDGETS[field.kind][0] and not (field.options and field.widget == "select"):
        found["x-widget"] = field.widget
    return found


def _format(kind: Kind) -> dict[str, str]:
    return {"format": kind.value} if kind in _BY_NAME else {}
