"""What an object and its fields are: frozen values shared by every reader and writer.

A definition comes from a shipped YAML file (`loader.py`), is changed by overlays (`overlay.py`) and is read
through `catalog.load(tx).object(key)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from engine.kernel.bounded import Bounded
from engine.kernel.text import Text

ALL_FIELDS = "*"
"""In a grant: every field of the object, also those added later."""
RULES = 1_000
"""Row rules that a definition keeps translated; each rule for each acting one it names."""


class Personal(StrEnum):
    """Class of personal information; anything but `none` is stored erasable in the history."""

    NONE = "none"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    MINOR = "minor"


class Writer(StrEnum):
    """Who writes the rows: the record service, or only the code of the owning domain folder."""

    RECORD = "record"
    DOMAIN = "domain"


class Unique(StrEnum):
    """Within what a value may occur once; empty values are always allowed."""

    NONE = "none"
    BRANCH = "branch"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice, or a node of a category tree."""

    key: str
    label: Text
    color: str = ""
    parent: str | None = None
    only_when: tuple[str, ...] = ()
    """Values of the field named by `depends_on` under which this option is offered; empty = always."""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A FEEL condition that must hold, and the message shown when it does not."""

    expression: str
    message: Text


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One attribute of an object. `settings` holds what only its type knows (see `fieldtypes/`)."""

    key: str
    type: str
    label: Text
    help: Text | None = None
    required: bool = False
    required_when: str | None = None
    visible_when: str | None = None
    read_only_when: str | None = None
    read_only: bool = False
    default: str | None = None
    validation: tuple[Rule, ...] = ()
    options: tuple[Option, ...] = ()
    depends_on: str | None = None
    target: str | None = None
    unique: Unique = Unique.NONE
    indexed: bool = False
    searchable: bool = False
    mask: str | None = None
    history: bool = True
    personal: Personal = Personal.NONE
    synonyms: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    custom: bool = False
    """True: the value is a key of the `custom` JSONB column; False: a column of its own."""
    system: bool = False
    """True: one of the common columns every object has (id, branch_id, owner_id, stage …)."""
    owner: str = "shipped"
    """`shipped`, or the id of the branch whose overlay defines the field."""
    hidden: bool = False
    locked: bool = False

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled block of a detail page or form."""

    title: Text
    fields: tuple[str, ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Kanban:
    group_by: str
    title: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    start: str
    title: str
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Layouts:
    detail: tuple[Section, ...] = ()
    form: tuple[Section, ...] = ()
    list: tuple[str, ...] = ()
    kanban: Kanban | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A saved list: FEEL filter, sort (`-created_at` = descending), columns."""

    key: str
    label: Text
    filter: str | None = None
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Two records are duplicates when all `fields` are equal after normalisation and none is empty."""

    key: str
    fields: tuple[str, ...]
    label: Text


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """Default rights of one shipped role on the object: action -> scope, field -> level, row rule."""

    role: str
    scopes: Mapping[str, str]
    fields: Mapping[str, str]
    where: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectDefinition:
    key: str
    label: Text
    icon: str
    name_field: str
    fields: tuple[FieldDefinition, ...]
    writer: Writer = Writer.RECORD
    table: str = ""
    """Name of the table; empty = an administrator-made object in the shared table `custom_record`."""
    lifecycle: str | None = None
    """Key of the process that writes `stage`; None: no process, `stage` is an ordinary choice."""
    stages: tuple[Option, ...] = ()
    layouts: Layouts = Layouts()
    views: tuple[View, ...] = ()
    match_rules: tuple[MatchRule, ...] = ()
    grants: tuple[RoleGrant, ...] = ()
    protected_until: str | None = None
    """Field (date or datetime) that the duplicate check may reveal for records out of scope."""
    validation: tuple[Rule, ...] = ()
    module: str = ""
    """Name of the owning folder under `processes/`; empty for administrator-made objects."""
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Values derived from this definition (indexes of fields), computed once."""
    rules: Bounded[str, Any] = field(default_factory=partial(Bounded, RULES), init=False, repr=False, compare=False)
    """Row rules compiled, and translated for the values of acting ones."""

    def field(self, key: str) -> FieldDefinition | None:
        index = self.memo.get("fields")
        if index is None:
            index = self.memo["fields"] = {item.key: item for item in self.fields}
        found: FieldDefinition | None = index.get(key)
        return found
