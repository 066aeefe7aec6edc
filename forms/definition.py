"""What a form is, once read: frozen values without any I/O."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from engine.feel import Expression
from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, "JsonValue"]


class Kind(StrEnum):
    """What a field's value is; decides how it is read, checked and shown."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    HOURS = "hours"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BOOLEAN = "boolean"
    RECORD = "record"
    USER = "user"
    BRANCH = "branch"
    FILE = "file"
    IMAGE = "image"
    CHOICES = "choices"
    RECORDS = "records"
    TABLE = "table"


NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.HOURS})
REFERENCES = frozenset({Kind.RECORD, Kind.USER, Kind.BRANCH, Kind.FILE, Kind.IMAGE})

WIDGETS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.TEXT: ("text", "textarea", "select", "radio"),
        Kind.EMAIL: ("email",),
        Kind.PHONE: ("phone",),
        Kind.INTEGER: ("integer",),
        Kind.NUMBER: ("number",),
        Kind.MONEY: ("money",),
        Kind.HOURS: ("hours",),
        Kind.DATE: ("date",),
        Kind.DATETIME: ("datetime",),
        Kind.TIME: ("time",),
        Kind.BOOLEAN: ("checkbox",),
        Kind.RECORD: ("record",),
        Kind.USER: ("user",),
        Kind.BRANCH: ("branch",),
        Kind.FILE: ("file",),
        Kind.IMAGE: ("image",),
        Kind.CHOICES: ("multiselect",),
        Kind.RECORDS: ("records",),
        Kind.TABLE: ("table",),
    }
)
"""The widgets each kind may use, the usual one first."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select, radio or multiselect."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form. ``schema`` holds only the checks JSON Schema knows, without labels."""

    name: str
    kind: Kind
    label: Text
    widget: str
    schema: JsonObject
    help: Text | None = None
    placeholder: Text | None = None
    options: tuple[Option, ...] = ()
    binding: str | None = None
    object: str | None = None
    required: bool = False
    read_only: bool = False
    default: JsonValue = None
    columns: tuple["FormField", ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Fields shown together, in ``columns`` columns on a wide screen."""

    title: Text | None
    columns: int
    fields: tuple[str, ...]


RuleKind = Literal["visible", "required", "read_only", "check"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A FEEL condition on one field; ``message`` is shown when a ``check`` is not true."""

    field: str
    kind: RuleKind
    text: str
    expression: Expression = dataclasses.field(compare=False, repr=False)
    message: Text | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its fields in layout order, its sections and its rules."""

    key: str
    title: Text
    object: str | None
    fields: Mapping[str, FormField]
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...] = ()

    def live_fields(self) -> frozenset[str]:
        """Fields some rule reads: the page renders the form again when one of them changes."""
        read = {path[0] for rule in self.rules for path in rule.expression.references if path}
        return frozenset(read & set(self.fields))


def with_choices(form: Form, choices: Mapping[str, tuple[Option, ...]]) -> Form:
    """The form with selects whose options are known only for one record."""
    fields = dict(form.fields)
    for name, options in choices.items():
        values: list[JsonValue] = [option.value for option in options]
        schema: JsonObject = {**fields[name].schema, "enum": values}
        fields[name] = replace(fields[name], widget="select", options=options, schema=schema)
    return replace(form, fields=fields)


class FormDefinitionError(SchoolflowError):
    """A form's JSON can't be used; ``defects`` lists everything that is wrong with it."""

    default_code = "form_definition"
    default_message = Text("表单定义有误", "The form definition is not valid")

    def __init__(self, source: str, defects: tuple[Text, ...]) -> None:
        self.source = source
        self.defects = defects
        listed = Text("；".join(d.zh for d in defects), "; ".join(d.en for d in defects))
        super().__init__(message=Text(f"表单 {source}：{listed.zh}", f"Form {source}: {listed.en}"))
