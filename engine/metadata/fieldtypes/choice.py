"""One of the field's options, stored by its key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json, expect_text


class ChoiceType(FieldType):
    key = "choice"
    label = Text("单选", "Choice")
    sql = "text"
    operators: tuple[str, ...] = ORDERED

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.Text()

    def from_json(self, field: FieldDefinition, raw: Json) -> str:
        key = expect_text(raw)
        if field.option(key) is None:
            raise not_an_option(field, key)
        return key

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> str:
        return option_by_text(field, expect_text(cell))

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "enum": [option.key for option in field.options]}

    def display(self, field: FieldDefinition, value: str, locale: str) -> str:
        option = field.option(value)
        return option.label.in_locale(locale) if option else value

    def check_settings(self, field: FieldDefinition) -> Text | None:
        if field.options or field.system:
            return None
        return Text("单选和多选字段需要 options", "A choice needs options")


def option_by_text(field: FieldDefinition, text: str) -> str:
    """Key of the option whose key or label is `text`. Raises FieldError listing what is offered."""
    wanted = text.casefold()
    for option in field.options:
        if wanted in (option.key.casefold(), option.label.zh.casefold(), option.label.en.casefold()):
            return option.key
    raise not_an_option(field, text)


def not_an_option(field: FieldDefinition, text: str) -> FieldError:
    offered = [option for option in field.options if not option.hidden][:8]
    zh, en = "、".join(o.label.zh for o in offered), ", ".join(o.label.en for o in offered)
    shown = text[:40]
    return FieldError(Text(f"没有选项“{shown}”，可选：{zh}", f'No option "{shown}"; choose one of: {en}'))


TYPE = ChoiceType()
