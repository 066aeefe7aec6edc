"""Who acted, as the history names it: a user's id, or a name such as `process:refund` (system fields)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.fieldtypes.text import TextType


class ActorType(TextType):
    key = "actor"
    label = Text("操作者", "Actor")
    operators = ("=", "!=", "in", "empty")
    setting_keys = {}


TYPE = ActorType()
