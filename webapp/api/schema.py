"""Marshmallow schemas of the dataclasses that use-cases return: the API's documents can't drift from the code."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from flask import has_request_context
from marshmallow import Schema, fields

from engine.feel import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.kernel.text import Text
from webapp.i18n import locale


class LocalText(fields.String):
    """A two-language text, in the language of the request."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return str(Text(*value).in_locale(locale() if has_request_context() else "zh"))


class UserId(fields.UUID):
    """A user's id, given to use-cases as text: actors are known by text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, attr, data, **kwargs))


class Plain(fields.Field[Any]):
    """Any value, made of what JSON knows; dataclasses inside become objects."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return to_plain(value)


class MoneyText(fields.String):
    """An exact number as text: money and hours never become floats."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, metadata={"format": "decimal"})

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format(value, "f")


_SIMPLE: dict[object, type[fields.Field[Any]]] = {
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    Decimal: MoneyText,
    UUID: fields.UUID,
    datetime: fields.AwareDateTime,
    date: fields.Date,
    time: fields.Time,
    Text: LocalText,
}


def to_plain(value: Any) -> Any:
    """The value as JSON: dataclasses as objects, exact numbers as text, texts in the request's language."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Text):
        return value.in_locale(locale() if has_request_context() else "zh")
    if isinstance(value, DaysAndTimeDuration | YearsAndMonthsDuration):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclass_fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return to_plain(value.value)
    return str(value)


@cache
def schema_of(kind: type) -> type[Schema]:
    """The schema class of a dataclass; its fields in order, nested dataclasses nested.

    Raises: TypeError when ``kind`` is no dataclass.
    """
    if not is_dataclass(kind):
        raise TypeError(f"expected a dataclass, found {kind!r}")
    hints = get_type_hints(kind)
    return type(
        f"{kind.__module__.rsplit('.', 1)[-1].capitalize()}{kind.__name__}",
        (Schema,),
        {field.name: _field(hints[field.name]) for field in dataclass_fields(kind)},
    )


@cache
def page_of(kind: type) -> type[Schema]:
    """``{"items": [...], "next": cursor or null}`` of a dataclass or a schema."""
    item: type[Schema] = kind if issubclass(kind, Schema) else schema_of(kind)  # type: ignore[arg-type]  # a class is hashable
    parts = {"items": fields.List(fields.Nested(item)), "next": fields.String(allow_none=True)}
    return type(f"{item.__name__}Page", (Schema,), parts)


@cache
def result_of(kind: type) -> type[Schema]:
    """``{"result": ...}``: what an operation answers; a dataclass or a schema."""
    item: type[Schema] = kind if issubclass(kind, Schema) else schema_of(kind)  # type: ignore[arg-type]  # a class is hashable
    return type(f"{kind.__name__}Result", (Schema,), {"result": fields.Nested(item, allow_none=True)})


class Nothing(Schema):
    """The operation was done; there is nothing to tell."""

    result = fields.Raw(allow_none=True)


class Anything(Schema):
    """A JSON object whose members depend on what was asked."""


class Identified(Schema):
    """The id of what was made."""

    id = fields.UUID()


class Opened(Schema):
    """Tasks that the operation opened for the actor himself."""

    result = fields.List(fields.UUID())


class JobStarted(Schema):
    """The job to follow under `/jobs/{id}`; its result counts what was done and lists what was not, with the reason."""

    job = fields.UUID()


def _field(hint: Any, *, nullable: bool = False) -> fields.Field[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if hint in _SIMPLE:
        return _SIMPLE[hint](allow_none=nullable)
    if origin is Literal:
        return fields.String(allow_none=nullable)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.Enum(hint, by_value=True, allow_none=nullable)
    if isinstance(hint, type) and is_dataclass(hint):
        return fields.Nested(schema_of(hint), allow_none=nullable)
    if origin in (list, tuple, Sequence, set, frozenset) and arguments:
        return fields.List(_field(arguments[0]), allow_none=nullable)
    return Plain(allow_none=nullable)


def _union(arguments: tuple[Any, ...]) -> fields.Field[Any]:
    kinds = [argument for argument in arguments if argument is not type(None)]
    if len(kinds) == 1:
        return _field(kinds[0], nullable=True)
    return Plain(allow_none=True)
