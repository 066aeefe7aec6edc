"""One property of a form's JSON Schema becomes one FormField."""

from collections.abc import Mapping
from typing import Any

import re2

from engine.kernel.text import Text
from forms.definition import WIDGETS, FormField, Kind, Option

_BY_FORMAT = {
    "money": Kind.MONEY,
    "hours": Kind.HOURS,
    "decimal": Kind.NUMBER,
    "date": Kind.DATE,
    "date-time": Kind.DATETIME,
    "time": Kind.TIME,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "record": Kind.RECORD,
    "user": Kind.USER,
    "branch": Kind.BRANCH,
    "file": Kind.FILE,
    "image": Kind.IMAGE,
}
_BY_TYPE = {"string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN}
_CHECKS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems", "uniqueItems")
_DECIMAL_CHECKS = ("x-minimum", "x-maximum")


def read_field(name: str, schema: Mapping[str, Any], *, required: bool) -> tuple[FormField, list[Text]]:
    """The field and what is wrong with it. ``schema`` has passed ``form.schema.json``."""
    kind = _kind(schema)
    options = tuple(Option(entry["value"], Text(entry["zh"], entry["en"])) for entry in schema.get("x-options", ()))
    widget = schema.get("x-widget") or ("select" if kind is Kind.TEXT and options else WIDGETS[kind][0])
    columns, defects = _columns(name, schema) if kind is Kind.TABLE else ((), [])
    field = FormField(
        name=name,
        kind=kind,
        label=_text(schema, "x-label") or Text(name, name),
        widget=widget,
        schema=_plain_schema(kind, schema, options, columns),
        help=_text(schema, "x-help"),
        placeholder=_text(schema, "x-placeholder"),
        options=options,
        binding=schema.get("x-field"),
        object=schema.get("x-object"),
        required=required,
        read_only=bool(schema.get("x-read-only", False)),
        default=schema.get("default"),
        columns=columns,
    )
    return field, [*defects, *_defects(field, schema)]


def _kind(schema: Mapping[str, Any]) -> Kind:
    if schema["type"] == "array":
        items = schema.get("items", {"type": "string"})
        if items["type"] == "object":
            return Kind.TABLE
        return Kind.RECORDS if items.get("format") == "record" else Kind.CHOICES
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE[schema["type"]])


def _columns(name: str, schema: Mapping[str, Any]) -> tuple[tuple[FormField, ...], list[Text]]:
    items = schema["items"]
    needed = set(items.get("required", ()))
    read = [read_field(key, column, required=key in needed) for key, column in items.get("properties", {}).items()]
    defects = [defect for _, wrong in read for defect in wrong]
    if any(column.kind is Kind.TABLE for column, _ in read):
        defects.append(Text(f"表格 {name} 内不能再有表格", f"table {name} can't hold another table"))
    if not read:
        defects.append(Text(f"表格 {name} 没有列", f"table {name} has no columns"))
    return tuple(column for column, _ in read), defects


def _plain_schema(
    kind: Kind, schema: Mapping[str, Any], options: tuple[Option, ...], columns: tuple[FormField, ...]
) -> dict[str, Any]:
    plain: dict[str, Any] = {"type": schema["type"]}
    plain.update({key: schema[key] for key in (*_CHECKS, *_DECIMAL_CHECKS) if key in schema})
    if "format" in schema:
        plain["format"] = schema["format"]
    allowed = [option.value for option in options]
    if kind is Kind.TEXT and allowed:
        plain["enum"] = allowed
    elif kind is Kind.CHOICES:
        plain["items"] = {"type": "string", **({"enum": allowed} if allowed else {})}
    elif kind is Kind.RECORDS:
        plain["items"] = {"type": "string", "format": "record"}
    elif kind is Kind.TABLE:
        plain["items"] = {
            "type": "object",
            "properties": {column.name: dict(column.schema) for column in columns},
            "required": [column.name for column in columns if column.required],
        }
    return plain


def _defects(field: FormField, schema: Mapping[str, Any]) -> list[Text]:
    name, wrong = field.name, []
    if field.widget not in WIDGETS[field.kind]:
        usable = ", ".join(WIDGETS[field.kind])
        wrong.append(
            Text(
                f"字段 {name} 的控件 {field.widget} 不适用，可用：{usable}",
                f"field {name}: widget {field.widget} does not fit, use {usable}",
            )
        )
    if field.widget in {"select", "radio", "multiselect"} and not field.options:
        wrong.append(Text(f"字段 {name} 缺少选项 x-options", f"field {name} needs x-options"))
    if field.kind in {Kind.RECORD, Kind.RECORDS} and not field.object:
        wrong.append(Text(f"字段 {name} 缺少对象 x-object", f"field {name} needs x-object"))
    if "x-label" not in schema:
        wrong.append(Text(f"字段 {name} 缺少名称 x-label", f"field {name} needs x-label"))
    if "pattern" in schema and not _compiles(schema["pattern"]):
        wrong.append(Text(f"字段 {name} 的正则无效", f"field {name}: the pattern is not a usable expression"))
    return wrong


def _compiles(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True


def _text(schema: Mapping[str, Any], key: str) -> Text | None:
    return Text(**schema[key]) if key in schema else None
