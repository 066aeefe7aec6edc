"""One record of another object (`target`)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.user import UserType


class LinkType(UserType):
    """Setting `foreign_key: true` adds a database constraint (the target's table must exist first)."""

    key = "link"
    label = Text("关联", "Link")
    setting_keys = {"foreign_key": {"type": "boolean"}}

    def target(self, field: FieldDefinition) -> str:
        return field.target or ""

    def check_settings(self, field: FieldDefinition) -> Text | None:
        return None if field.target else Text("关联字段需要 target(对象)", "A link needs its target object")


TYPE = LinkType()
