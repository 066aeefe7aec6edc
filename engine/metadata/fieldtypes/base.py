"""The shape of a field type. One file per type in this folder, each with a module value `TYPE`.

Values in Python: None is empty for every type. JSON values are what the API sends; a custom field is stored as its
JSON value. `FieldError` carries the message for the person who typed the value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition

Json = Any

EQUALITY: tuple[str, ...] = ("=", "!=", "in", "empty")
ORDERED: tuple[str, ...] = ("=", "!=", "in", "empty", "<", "<=", ">", ">=", "between")
TEXTUAL: tuple[str, ...] = (*ORDERED, "contains", "starts_with")
SETS: tuple[str, ...] = ("contains", "contains_any", "empty")


class FieldError(Exception):
    """The value does not fit the field; `message` says what was expected and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a spreadsheet cell needs to become a value: the branch's zone and a way to find named rows.

    `find(kind, text)`: kind is `user`, `branch` or an object's key; the id as text, None when unknown or ambiguous.
    """

    zone: tzinfo = UTC
    find: Callable[[str, str], str | None] = lambda _kind, _text: None


class FieldType(ABC):
    """Base of all field types. Methods get the field because options and settings shape the value."""

    key: str
    label: Text
    sql: str
    """PostgreSQL type of the value in a query (`text`, `numeric`, `uuid[]` …)."""
    feel: str = "text"
    """FEEL kind of the value: text, number, boolean, date, date and time, days duration, list, context, range."""
    operators: tuple[str, ...] = EQUALITY
    stored: bool = True
    """False: the value has no column (lines, live formula, roll-up)."""
    setting_keys: Mapping[str, Json] = {}
    """JSON Schema of each setting the type understands."""

    @abstractmethod
    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        """SQLAlchemy type of the column of a standard field."""

    @abstractmethod
    def from_json(self, field: FieldDefinition, raw: Json) -> Any:
        """Value of a non-null JSON value. Raises FieldError."""

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Any:
        """Value of a non-empty spreadsheet cell. Raises FieldError."""
        return self.from_json(field, cell)

    def to_json(self, field: FieldDefinition, value: Any) -> Json:
        return value

    @abstractmethod
    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        """JSON Schema fragment of a non-null JSON value."""

    def display(self, field: FieldDefinition, value: Any, locale: str) -> str:
        """Text for a person; `locale` is `zh` or `en`."""
        return str(self.to_json(field, value))

    def mask(self, field: FieldDefinition, value: Any) -> str:
        """What those with level `masked` see. Must not reveal length or content unless the type says so."""
        return "****"

    def normalise(self, field: FieldDefinition, value: Any) -> str | None:
        """Text for duplicate and unique comparison; None when the value cannot identify anything."""
        text = str(self.to_json(field, value)).strip().casefold()
        return text or None

    def check_settings(self, field: FieldDefinition) -> Text | None:
        """What is wrong with the field's definition for this type; None when all is well."""
        return None

    def result_sql(self, field: FieldDefinition) -> str:
        """PostgreSQL type of this very field (formula and roll-up depend on their settings)."""
        return self.sql


def expect_text(raw: Json) -> str:
    """The raw value as text; numbers from spreadsheets are accepted without a trailing `.0`."""
    if isinstance(raw, str):
        return raw.replace("\x00", "").strip()
    if isinstance(raw, bool) or raw is None or isinstance(raw, (dict, list)):
        raise FieldError(Text("应为文字", "Expected text"))
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def too_long(limit: int, found: int) -> FieldError:
    return FieldError(
        Text(f"最多 {limit} 个字符，现有 {found} 个，请缩短", f"At most {limit} characters, found {found}; shorten it")
    )
