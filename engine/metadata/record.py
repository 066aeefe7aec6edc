"""A record as a reader gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.metadata.catalog import field_of
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.base import Json


@dataclass(frozen=True)
class Record:
    """`values`: Python values of the readable fields (masked ones are masked texts already), system fields too.

    `levels`: masked, read or write per field present; `titles`: texts of links, users and branches by field key, None
    for one that may not be seen.
    """

    object: str
    id: UUID
    version: int
    values: Mapping[str, Any]
    levels: Mapping[str, str]
    definition: ObjectDefinition = field(repr=False, compare=False)
    titles: Mapping[str, str | list[str | None] | None] = field(default_factory=dict)

    @property
    def branch_id(self) -> UUID:
        branch_id = self.values["branch_id"]
        assert isinstance(branch_id, UUID)
        return branch_id

    @property
    def title(self) -> str:
        """The record's name as far as it may be read, else its id's last digits."""
        name = self.values.get(self.definition.name_field)
        if name is None:
            return f"#{str(self.id)[-6:]}"
        return self.display(self.definition.name_field, "zh")

    def display(self, key: str, locale: str) -> str:
        """The value as a person reads it; empty when there is none."""
        value = self.values.get(key)
        definition = field_of(self.definition, key)
        if value is None or definition is None:
            return ""
        if self.levels.get(key) == "masked":
            return str(value)
        title = self.titles.get(key)
        if isinstance(title, list):
            return "、".join(item or "—" for item in title)
        return title or type_of(definition).display(definition, value, locale)

    def json(self) -> dict[str, Json]:
        """JSON values by field key; money and hours are strings."""
        return {key: self._json(key, value) for key, value in self.values.items()}

    def _json(self, key: str, value: Any) -> Json:
        definition = field_of(self.definition, key)
        if value is None or definition is None or self.levels.get(key) == "masked":
            return value
        return type_of(definition).to_json(definition, value)


def read_value(field_definition: FieldDefinition, raw: Any) -> Any:
    """A field's Python value from what the database holds (column value, or JSON inside `custom`)."""
    if raw is None or not field_definition.custom:
        return raw
    return type_of(field_definition).from_json(field_definition, raw)
