"""A case's data as its page shows it: each variable by its label, money and dates as people write them, links."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flask import url_for

from engine.feel.durations import DaysAndTimeDuration
from engine.feel.values import to_json
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot
from engine.metadata.titles import record_names
from webapp import formats, names
from webapp.i18n import gettext, locale, translated
from webapp.screens.work.casewords import UNKNOWN_COLUMNS, Options, Word

_ROWS = 50
_CODE = re.compile(r"[a-z][a-z0-9_]*")
"""A word for programs; in what a decision yields, people read the reason beside it."""


@dataclass(frozen=True)
class Grid:
    """A list of entries: titles and the text of each cell."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Fact:
    """One value. ``href``: the record it names; ``grid``: when it is a list of entries."""

    label: str
    text: str
    href: str = ""
    grid: Grid | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Facts:
    """``plain``: single values; ``grids``: lists; ``technical``: what only the machinery uses, shown on demand."""

    plain: tuple[Fact, ...]
    grids: tuple[Fact, ...]
    technical: tuple[Fact, ...]


@dataclass(frozen=True)
class Reader:
    """Turns values into texts; titles of records are read as the actor may."""

    tx: Tx
    words: Mapping[str, Word]
    options: Options

    def facts(self, variables: Mapping[str, Any], tasks: frozenset[str]) -> Facts:
        """The variables that hold something; decisions of ``tasks`` (their node ids) are told by the story instead."""
        plain: list[Fact] = []
        technical: list[Fact] = []
        order = {name: place for place, name in enumerate(self.words)}
        for name in sorted(variables, key=lambda one: (order.get(one, len(order)), one)):
            value = variables[name]
            if value is None or value in ("", [], {}) or name in tasks:
                continue
            word = self.words.get(name)
            if word is None or not word.is_open:
                technical.append(Fact(translated(word.label) if word else name, self._raw(value)))
            else:
                plain.append(self._fact(name, word, value))
        grids = tuple(one for one in plain if one.grid)
        return Facts(_without_repeats(one for one in plain if not one.grid), grids, tuple(technical))

    def shown(self, name: str, value: Any) -> str:
        """A variable as text, whatever it is; entries of a list of contexts on lines of their own."""
        word = self.words.get(name)
        if word is None:
            return self._raw(value)
        if isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            return "\n".join(self._outline(item, word.columns).replace("\n", "；") for item in value)
        return self.text(word, value, name)

    def text(self, word: Word, value: Any, name: str = "") -> str:
        """One value as a person reads it."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        if isinstance(value, list | tuple):
            return formats.listed(self.text(word, item, name) for item in value)
        if isinstance(value, Mapping):
            two = set(value) == {"zh", "en"}
            return str(value[locale()]) if two else self._outline(value, word.columns)
        return self._scalar(word, value, name)

    def _fact(self, name: str, word: Word, value: Any) -> Fact:
        label = translated(word.label)
        if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
            return Fact(label, "", grid=self._grid(word, value))
        href = ""
        if word.kind == "record" and word.object and (found := self._record(word.object, value)) is not None:
            href, text = url_for("records.show", object_key=word.object, record_id=value), found
        else:
            text = self.text(word, value, name)
        return Fact(label, text, href, is_number=word.kind in ("money", "hours"))

    def _scalar(self, word: Word, value: Any, name: str) -> str:
        if isinstance(value, str) and value in word.options:
            return translated(word.options[value])
        if word.kind == "money" and (amount := _number(value)) is not None:
            return formats.yuan(amount)
        if word.kind == "hours" and (amount := _number(value)) is not None:
            return gettext("%(n)s 课时", n=formats.hours(amount))
        if isinstance(value, Decimal):
            return formats.hours(value)
        if isinstance(value, DaysAndTimeDuration):
            return formats.length(value.to_timedelta())
        if isinstance(value, datetime | date):
            return formats.in_words(value)
        return self._named(word, str(to_json(value)), name)

    def _named(self, word: Word, value: str, name: str) -> str:
        """Texts that stand for something else: an id, the key of a branch or of an option."""
        if word.kind == "record" and word.object:
            return self._record(word.object, value) or gettext("（无权查看）")
        if word.kind in ("file", "image"):
            return names.title(self.tx, word.kind, value)
        if (day := _day(value)) is not None:
            return formats.in_words(day)
        if (key := _id(value)) is not None:
            return self._owner(key) or value
        if name.startswith("branch"):
            return next((one.name for one in snapshot.load(self.tx).branches.values() if one.key == value), value)
        if value in self.options:
            return translated(self.options[value])
        role = snapshot.load(self.tx).roles.get(value)
        return translated(role.label) if role else value

    def _owner(self, key: UUID) -> str:
        branch = snapshot.load(self.tx).branches.get(key)
        return branch.name if branch else directory.user_names(self.tx, frozenset({key})).get(key, "")

    def _record(self, object_key: str, value: Any) -> str | None:
        key = _id(str(value))
        if key is None:
            return None
        known: dict[tuple[str, UUID], str | None] = self.tx.memo.setdefault("case_titles", {})
        if (object_key, key) not in known:
            known[object_key, key] = record_names(self.tx, object_key, {key}).get(key)
        return known[object_key, key]

    def _grid(self, word: Word, rows: Sequence[Mapping[str, Any]]) -> Grid:
        columns = {key: word.columns.get(key) or UNKNOWN_COLUMNS.get(key) for row in rows for key in row}
        shown = [key for key, column in columns.items() if column and any(row.get(key) is not None for row in rows)]
        known = {key: columns[key] or Word(Text(key, key)) for key in shown}
        return Grid(
            tuple(translated(known[key].label) for key in shown),
            tuple(tuple(self.text(known[key], row.get(key), key) for key in shown) for row in rows[:_ROWS]),
        )

    def _outline(self, value: Mapping[str, Any], columns: Mapping[str, Word]) -> str:
        parts = []
        for key, item in value.items():
            word = columns.get(key) or UNKNOWN_COLUMNS.get(key) or Word(Text(key, key))
            if (text := self.text(word, item, key)) and not (text == item and _CODE.fullmatch(text)):
                parts.append(gettext("%(label)s：%(text)s", label=translated(word.label), text=text))
        return "\n".join(parts)

    def _raw(self, value: Any) -> str:
        plain = to_json(value)
        if isinstance(plain, str) and (key := _id(plain)) is not None:
            return self._owner(key) or plain
        if isinstance(plain, list):
            return formats.listed(self._raw(item) for item in plain)
        if isinstance(plain, Mapping):
            return "\n".join(f"{key}: {self._raw(item)}" for key, item in plain.items())
        return formats.plain(plain) or "—"


def _without_repeats(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Values in their order, without the plain copies of what a link already names."""
    found = tuple(facts)
    linked = {one.text for one in found if one.href}
    return tuple(one for one in found if one.href or one.text not in linked)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _id(value: str) -> UUID | None:
    try:
        return UUID(value) if len(value) == 36 else None
    except ValueError:
        return None


def _day(value: str) -> date | None:
    """A date or moment that the data keeps as text."""
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if len(value) >= 20 and value[10] == "T" else None
    except ValueError:
        return None
