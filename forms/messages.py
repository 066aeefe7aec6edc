"""The sentences a person reads beside a field. One place, both languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.kernel.text import Text

MESSAGES: Mapping[str, Text] = MappingProxyType(
    {
        "required": Text("请填写此项", "Please fill this in"),
        "unknown": Text("表单没有此字段", "The form has no such field"),
        "forbidden": Text("您无权填写此项", "You may not fill this in"),
        "text": Text("请输入文字", "Expected text"),
        "email": Text("请输入有效的邮箱地址", "Expected an e-mail address"),
        "phone": Text("请输入有效的电话号码", "Expected a phone number"),
        "integer": Text("请输入整数", "Expected a whole number"),
        "number": Text("请输入数字", "Expected a number"),
        "money": Text("请输入金额，最多两位小数", "Expected an amount with at most two decimals"),
        "hours": Text("请输入课时数，最多两位小数", "Expected hours with at most two decimals"),
        "date": Text("请输入日期，如 2026-09-01", "Expected a date such as 2026-09-01"),
        "datetime": Text("请输入日期和时间", "Expected a date and time"),
        "time": Text("请输入时间，如 18:30", "Expected a time such as 18:30"),
        "boolean": Text("请选择是或否", "Expected yes or no"),
        "reference": Text("请从列表中选择", "Choose one from the list"),
        "list": Text("请选择一项或多项", "Choose one or more"),
        "row": Text("此行格式有误", "This row is not valid"),
        "minLength": Text("至少 {limit} 个字", "At least {limit} characters"),
        "maxLength": Text("最多 {limit} 个字", "At most {limit} characters"),
        "pattern": Text("格式不正确", "Not in the expected format"),
        "minimum": Text("不能小于 {limit}", "Not below {limit}"),
        "maximum": Text("不能大于 {limit}", "Not above {limit}"),
        "enum": Text("不在可选范围内", "Not one of the choices"),
        "minItems": Text("至少 {limit} 项", "At least {limit}"),
        "maxItems": Text("最多 {limit} 项", "At most {limit}"),
        "uniqueItems": Text("有重复的项", "The same item twice"),
        "invalid": Text("内容有误", "Not valid"),
    }
)
_ALIASES = {"x-minimum": "minimum", "x-maximum": "maximum"}


def message(code: str, limit: object = None) -> Text:
    """The sentence for a check's name, with its limit filled in."""
    text = MESSAGES.get(_ALIASES.get(code, code), MESSAGES["invalid"])
    return text.format(limit=limit) if limit is not None else text


def flatten(errors: Any, prefix: str = "") -> dict[str, str]:
    """marshmallow's nested error lists as ``{"lines.0.hours": code}``."""
    if isinstance(errors, Mapping):
        found: dict[str, str] = {}
        for key, value in errors.items():
            found.update(flatten(value, f"{prefix}.{key}" if prefix else str(key)))
        return found
    first = errors[0] if isinstance(errors, list) and errors else errors
    return {prefix: str(first)}
