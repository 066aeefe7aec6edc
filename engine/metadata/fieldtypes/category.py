"""A node of a tree of options; filtering by a node includes everything below it."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.choice import ChoiceType


class CategoryType(ChoiceType):
    key = "category"
    label = Text("树形分类", "Category")
    operators = ("=", "!=", "in", "empty", "below")

    def display(self, field: FieldDefinition, value: str, locale: str) -> str:
        names: list[str] = []
        option = field.option(value)
        while option is not None and len(names) < 20:
            names.append(option.label.in_locale(locale))
            option = field.option(option.parent) if option.parent else None
        return " / ".join(reversed(names)) or value

    def check_settings(self, field: FieldDefinition) -> Text | None:
        known = {option.key for option in field.options}
        lost = [option.key for option in field.options if option.parent and option.parent not in known]
        if lost:
            return Text(f"分类 {lost[0]} 的上级不存在", f"The parent of category {lost[0]} does not exist")
        return super().check_settings(field)


def below(field: FieldDefinition, key: str) -> tuple[str, ...]:
    """`key` and every option below it, in definition order."""
    found = {key}
    for _ in range(20):
        more = {option.key for option in field.options if option.parent in found} - found
        if not more:
            break
        found |= more
    return tuple(option.key for option in field.options if option.key in found)


TYPE = CategoryType()
