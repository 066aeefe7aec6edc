"""Filters of lists: ``field~op~value`` in the address, a condition of the query compiler, words on a chip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.metadata import catalog
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import type_of
from webapp import formats
from webapp.formats import listed
from webapp.i18n import gettext, locale

OPERATORS: Mapping[str, Text] = {
    "=": Text("等于", "is"),
    "!=": Text("不等于", "is not"),
    "contains": Text("包含", "contains"),
    "starts_with": Text("开头是", "starts with"),
    "in": Text("是其中之一", "is one of"),
    "contains_any": Text("包含任一", "has any of"),
    ">": Text("大于", "above"),
    ">=": Text("不小于", "at least"),
    "<": Text("小于", "below"),
    "<=": Text("不大于", "at most"),
    "between": Text("介于", "between"),
    "below": Text("属于", "under"),
    "empty": Text("为空", "is empty"),
}
_DATES = {
    ">": Text("晚于", "after"),
    ">=": Text("不早于", "from"),
    "<": Text("早于", "before"),
    "<=": Text("不晚于", "until"),
}
_DAY_LENGTH = len("2026-09-01")
_LISTS = {"in", "contains_any", "between"}


@dataclass(frozen=True)
class Condition:
    """One filter. ``values``: texts as typed; several only for operators that take a list."""

    field: FieldDefinition
    operator: str
    values: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For the query compiler."""
        if self.operator == "empty":
            return {"field": self.field.key, "op": "empty", "value": self.values != ("no",)}
        value: Any = (
            [self._typed(item) for item in self.values] if self.operator in _LISTS else self._typed(self.values[0])
        )
        return {"field": self.field.key, "op": self.operator, "value": value}

    def text(self) -> str:
        """In words."""
        label = self.field.label.in_locale(locale())
        return f"{label} {operator_label(self.field, self.operator)} {self._words()}".strip()

    def as_parameter(self) -> str:
        """For the address."""
        return f"{self.field.key}~{self.operator}~{'|'.join(self.values)}"

    def _typed(self, text: str) -> Any:
        if self.field.type == "bool":
            return text == "true"
        if self.field.type == "datetime" and len(text) == _DAY_LENGTH:
            return _moment(text, is_end=self.operator in (">", "<="))
        return int(text) if self.field.type in ("integer", "rating") and text.lstrip("-").isdigit() else text

    def _words(self) -> str:
        if self.operator == "empty":
            return ""
        shown = []
        for value in self.values:
            option = self.field.option(value)
            me = gettext("我") if value == "me" else value
            yes = {"true": gettext("是"), "false": gettext("否")}.get(value, me) if self.field.type == "bool" else me
            shown.append(option.label.in_locale(locale()) if option else yes)
        return listed(shown)


def _moment(day: str, *, is_end: bool) -> str:
    """The first moment of a day in the branch's zone, or of the day after it."""
    try:
        found = date.fromisoformat(day) + timedelta(days=1 if is_end else 0)
    except ValueError:
        return day
    return datetime.combine(found, time(0), formats.zone()).isoformat()


def parsed(definition: ObjectDefinition, text: str) -> Condition:
    """The condition a parameter states. Raises: UserError when it is not well formed."""
    key, _, rest = text.partition("~")
    operator, _, value = rest.partition("~")
    field = catalog.field_of(definition, key)
    if field is None or operator not in OPERATORS:
        raise UserError(
            "bad_filter", Text("筛选条件无效，请清除后重试", "This filter is not valid; clear it and try again")
        )
    return Condition(field, operator, tuple(value.split("|"))[:200])


def operators_of(field: FieldDefinition) -> list[tuple[str, str]]:
    """Operators a field takes, with their words, the usual one first."""
    offered = type_of(field).operators
    order = ("in", "contains_any", "contains") if field.options or field.type == "text" else ()
    keys = sorted((key for key in OPERATORS if key in offered), key=lambda k: order.index(k) if k in order else 9)
    return [(key, operator_label(field, key)) for key in keys]


def operator_label(field: FieldDefinition, operator: str) -> str:
    """The operator's word; dates are early and late, not small and large."""
    words = _DATES if field.type in ("date", "datetime") and operator in _DATES else OPERATORS
    return words[operator].in_locale(locale())
