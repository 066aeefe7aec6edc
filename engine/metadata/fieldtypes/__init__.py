"""Field types: one file each, found by walking this folder."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, FieldType

__all__ = ["CellContext", "FieldError", "FieldType", "field_types", "type_of"]


@cache
def field_types() -> dict[str, FieldType]:
    """Every field type by its key."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    types = [import_module(f"{__name__}.{name}").TYPE for name in names]
    return {item.key: item for item in types}


def type_of(field: FieldDefinition) -> FieldType:
    """The type of a field whose definition was checked."""
    return field_types()[field.type]
