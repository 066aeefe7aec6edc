"""A form as a marshmallow schema (text to typed values) and as JSON Schema (limits; the API's view)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

import phonenumbers
import re2
from jsonschema import Draft202012Validator, ValidationError, validators
from marshmallow import RAISE, Schema, fields
from marshmallow import ValidationError as LoadError

from engine.kernel.text import Text
from forms.access import Access, FormAccess
from forms.definition import REFERENCES, Form, FormField, Kind
from forms.messages import message


def marshmallow_schema(form_fields: tuple[FormField, ...], zone: tzinfo) -> Schema:
    """A schema that turns submitted JSON or text into typed values; errors are message codes.

    Times without a zone are in ``zone`` (the branch's).
    """
    return Schema.from_dict({field.name: _field(field, zone) for field in form_fields})(unknown=RAISE)


def json_schema(form: Form, access: FormAccess, locale: str) -> dict[str, Any]:
    """The form as plain JSON Schema, only with what this actor may see; for the API."""
    properties: dict[str, Any] = {}
    for name, field in form.fields.items():
        level = access.of(name)
        if level is Access.HIDDEN:
            continue
        properties[name] = _described(field, locale)
        if level < Access.WRITE:
            properties[name]["readOnly"] = True
    needed = [
        name
        for name in properties
        if access.of(name) >= Access.WRITE and (form.fields[name].required or access.of(name) is Access.REQUIRED)
    ]
    return {"title": form.title.in_locale(locale), "type": "object", "properties": properties, "required": needed}


def limit_errors(field: FormField, value: Any) -> dict[str, Text]:
    """What JSON Schema says against a typed value: ``{"": …}`` for the field, ``{"0.hours": …}`` inside it."""
    found: dict[str, Text] = {}
    for error in _VALIDATOR(dict(field.schema)).iter_errors(_json_value(value)):
        place = ".".join(str(part) for part in error.absolute_path)
        if error.validator == "required":
            missing = next((n for n in error.validator_value if n not in error.instance), "")
            found.setdefault(f"{place}.{missing}" if place else missing, message("required"))
        else:
            found.setdefault(place, message(str(error.validator), error.validator_value))
    return found


def _described(field: FormField, locale: str) -> dict[str, Any]:
    described: dict[str, Any] = dict(field.schema)
    described["title"] = field.label.in_locale(locale)
    described["x-widget"] = field.widget
    if field.help:
        described["description"] = field.help.in_locale(locale)
    if field.object:
        described["x-object"] = field.object
    if field.options:
        described["x-options"] = [{"value": o.value, "label": o.label.in_locale(locale)} for o in field.options]
    if field.default is not None:
        described["default"] = field.default
    if field.columns:
        described["items"] = {
            **described["items"],
            "properties": {column.name: _described(column, locale) for column in field.columns},
        }
    return described


def _field(field: FormField, zone: tzinfo) -> fields.Field[Any]:
    match field.kind:
        case Kind.CHOICES:
            return fields.List(fields.String(**_text_options("text")), **_options("list"))
        case Kind.RECORDS:
            return fields.List(_Reference(**_options("reference")), **_options("list"))
        case Kind.TABLE:
            rows = marshmallow_schema(field.columns, zone)
            return fields.List(fields.Nested(rows, **_options("row", "type")), **_options("list"))
        case Kind.DATETIME:
            return fields.AwareDateTime(default_timezone=zone, **_options("datetime", "invalid_awareness", "format"))
        case kind if kind in REFERENCES:
            return _Reference(**_options("reference"))
    return _SIMPLE[field.kind]()


def _options(code: str, *more: str) -> dict[str, Any]:
    names = ("invalid", "invalid_uuid", "required", "validator_failed", "type", *more)
    return {"allow_none": True, "error_messages": dict.fromkeys(names, code)}


def _text_options(code: str) -> dict[str, Any]:
    return {"allow_none": True, "error_messages": {"invalid": code, "invalid_utf8": code}}


class _Amount(fields.Decimal):
    """A decimal with at most two places."""

    def _validated(self, value: Any) -> Decimal:
        number = super()._validated(value)
        if abs(number) >= 10**12 or number != number.quantize(Decimal("0.01")):
            raise self.make_error("invalid")
        return number.quantize(Decimal("0.01"))


class _Number(fields.Decimal):
    """A decimal of a size the database holds."""

    def _validated(self, value: Any) -> Decimal:
        number = super()._validated(value)
        if abs(number) >= 10**18 or len(number.as_tuple().digits) > 34:
            raise self.make_error("invalid")
        return number


class _Reference(fields.UUID):
    """A row's key, kept as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs))


class _Phone(fields.String):
    """A phone number that can exist; a Chinese one when it names no country."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(text, "CN"))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise LoadError("phone")
        return text


def _decimal(code: str, kind: type[fields.Decimal]) -> fields.Field[Any]:
    return kind(allow_nan=False, allow_none=True, error_messages={"invalid": code, "special": code, "too_large": code})


_SIMPLE: Mapping[Kind, Callable[[], fields.Field[Any]]] = {
    Kind.TEXT: lambda: fields.String(**_text_options("text")),
    Kind.EMAIL: lambda: fields.Email(**_text_options("email")),
    Kind.PHONE: lambda: _Phone(**_text_options("phone")),
    Kind.INTEGER: lambda: fields.Integer(
        allow_none=True, error_messages={"invalid": "integer", "too_large": "integer"}
    ),
    Kind.NUMBER: lambda: _decimal("number", _Number),
    Kind.MONEY: lambda: _decimal("money", _Amount),
    Kind.HOURS: lambda: _decimal("hours", _Amount),
    Kind.DATE: lambda: fields.Date(**_options("date", "format")),
    Kind.TIME: lambda: fields.Time(**_options("time", "format")),
    Kind.BOOLEAN: lambda: fields.Boolean(**_options("boolean")),
}


def _json_value(value: Any) -> Any:
    """A typed value as JSON Schema sees it; decimals stay decimals, for exact limits."""
    if isinstance(value, Mapping):
        return {key: _json_value(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    return value if isinstance(value, str | bool | int | Decimal) else str(value)


def _limit(sign: int) -> Any:
    def check(_: Any, limit: str, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        if isinstance(instance, Decimal | int) and sign * (Decimal(instance) - Decimal(limit)) < 0:
            yield ValidationError("limit")

    return check


def _pattern(_: Any, pattern: str, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """JSON Schema's pattern, in time linear to the text."""
    if isinstance(instance, str) and not re2.search(pattern, instance):
        yield ValidationError("pattern")


def _is_text_or_decimal(_: Any, instance: Any) -> bool:
    return isinstance(instance, str | Decimal)


def _is_number(_: Any, instance: Any) -> bool:
    return isinstance(instance, int | Decimal) and not isinstance(instance, bool)


_VALIDATOR = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"x-minimum": _limit(1), "x-maximum": _limit(-1), "pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"string": _is_text_or_decimal, "number": _is_number}),
)
