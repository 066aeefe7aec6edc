"""Uploads of a record form: each new file joins those the field holds already."""

from collections.abc import Mapping
from typing import Any

from engine.metadata.definition import ObjectDefinition


def added(definition: ObjectDefinition, values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a list for every field of several files: what it holds, then the new one."""
    several = {field.key for field in definition.fields if field.type == "files"}
    return {
        key: [*(before.get(key) or ()), value] if key in several and value else value
        for key, value in values.items()
        if value or key not in several
    }
