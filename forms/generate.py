"""A form from an object's definition: what a record's create and edit pages use."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from engine.feel import compile_expression
from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.definition import Section as ObjectSection
from forms.definition import WIDGETS, Form, FormField, Kind, Option, Rule, RuleKind, Section

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "integer": Kind.INTEGER,
        "decimal": Kind.NUMBER,
        "percent": Kind.NUMBER,
        "rating": Kind.INTEGER,
        "money": Kind.MONEY,
        "hours": Kind.HOURS,
        "bool": Kind.BOOLEAN,
        "date": Kind.DATE,
        "datetime": Kind.DATETIME,
        "user": Kind.USER,
        "branch": Kind.BRANCH,
        "link": Kind.RECORD,
        "links": Kind.RECORDS,
        "choices": Kind.CHOICES,
        "phone": Kind.PHONE,
        "email": Kind.EMAIL,
        "image": Kind.IMAGE,
        "files": Kind.FILE,
    }
)
"""Field types of the metadata room and what asks for their values; every other type is asked as text."""

_NEVER_ASKED = frozenset({"formula", "rollup", "auto_number", "lines"})
_SCHEMA: Mapping[Kind, Mapping[str, Any]] = MappingProxyType(
    {
        Kind.INTEGER: {"type": "integer"},
        Kind.BOOLEAN: {"type": "boolean"},
        Kind.CHOICES: {"type": "array", "uniqueItems": True},
        Kind.RECORDS: {"type": "array", "uniqueItems": True, "items": {"type": "string", "format": "record"}},
        Kind.MONEY: {"type": "string", "format": "money"},
        Kind.HOURS: {"type": "string", "format": "hours"},
        Kind.NUMBER: {"type": "string", "format": "decimal"},
        Kind.DATE: {"type": "string", "format": "date"},
        Kind.DATETIME: {"type": "string", "format": "date-time"},
        Kind.RECORD: {"type": "string", "format": "record"},
    }
)


def generated_form(definition: ObjectDefinition, mode: Literal["create", "edit"] = "edit") -> Form:
    """The form of one object as the acting branch sees it: its form layout, its fields, its field rules.

    Fields that people never fill in (system columns, formulas, numbers the system gives) are left out, hidden
    ones too. Fields missing from the layout follow in a last section, so that a new field is never lost.
    """
    asked = {item.key: item for item in definition.fields if _asked(item, mode)}
    sections = tuple(_sections(definition, asked))
    names = tuple(item.key for item in definition.fields)
    rules = tuple(rule for section in sections for key in section.fields for rule in _rules(asked[key], names))
    fields = {key: _field(asked[key], definition.key) for section in sections for key in section.fields}
    title = (
        Text(f"新建{definition.label.zh}", f"New {definition.label.en.lower()}")
        if mode == "create"
        else definition.label
    )
    return Form(f"{definition.key}.{mode}", title, definition.key, fields, sections, rules)


def _asked(item: FieldDefinition, mode: str) -> bool:
    if item.hidden or item.type in _NEVER_ASKED:
        return False
    if item.system:
        return item.key == "owner_id" or (item.key == "branch_id" and mode == "create")
    return not (item.read_only and mode == "create")


def _sections(definition: ObjectDefinition, asked: Mapping[str, FieldDefinition]) -> Iterator[Section]:
    layout = definition.layouts.form or definition.layouts.detail
    left = dict(asked)
    for section in layout:
        kept = tuple(key for key in section.fields if left.pop(key, None) is not None)
        if kept:
            yield _section(section, kept)
    if left:
        title = Text("其他", "More") if layout else None
        yield Section(title, 2, tuple(left))


def _section(section: ObjectSection, kept: tuple[str, ...]) -> Section:
    return Section(section.title, section.columns, kept)


def _field(item: FieldDefinition, object_key: str) -> FormField:
    options = tuple(Option(option.key, option.label) for option in item.options if not option.hidden)
    kind = _KINDS.get(item.type, Kind.TEXT)
    return FormField(
        name=item.key,
        kind=kind,
        label=item.label,
        widget=_widget(item, kind, options),
        schema=_schema(item, kind, options),
        help=item.help,
        options=options,
        binding=f"{object_key}.{item.key}",
        object=item.target,
        required=item.required,
        read_only=item.read_only,
    )


def _widget(item: FieldDefinition, kind: Kind, options: tuple[Option, ...]) -> str:
    if kind is Kind.TEXT:
        if item.type in {"long_text", "rich_text", "json"}:
            return "textarea"
        return "select" if options else "text"
    return WIDGETS[kind][0]


def _schema(item: FieldDefinition, kind: Kind, options: tuple[Option, ...]) -> dict[str, Any]:
    schema = dict(_SCHEMA.get(kind, {"type": "string"}))
    allowed = [option.value for option in options]
    if kind is Kind.TEXT and allowed:
        schema["enum"] = allowed
    if kind is Kind.CHOICES:
        schema["items"] = {"type": "string", **({"enum": allowed} if allowed else {})}
    for setting, check in (("max_length", "maxLength"), ("min_length", "minLength"), ("pattern", "pattern")):
        if kind is Kind.TEXT and not options and setting in item.settings:
            schema[check] = item.settings[setting]
    for setting, check in (("min", "x-minimum"), ("max", "x-maximum")):
        if kind in {Kind.MONEY, Kind.HOURS, Kind.NUMBER, Kind.INTEGER} and setting in item.settings:
            schema[check] = str(item.settings[setting])
    return schema


def _rules(item: FieldDefinition, names: tuple[str, ...]) -> Iterator[Rule]:
    conditions: tuple[tuple[RuleKind, str | None], ...] = (
        ("visible", item.visible_when),
        ("required", item.required_when),
        ("read_only", item.read_only_when),
    )
    for kind, text in conditions:
        if text:
            yield Rule(item.key, kind, text, compile_expression(text, names=names))
    for check in item.validation:
        expression = compile_expression(check.expression, names=names)
        yield Rule(item.key, "check", check.expression, expression, check.message)
