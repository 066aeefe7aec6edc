"""A record's values as pages show them: text, link, coloured labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import url_for

from engine.metadata.definition import FieldDefinition, ObjectDefinition, Option
from engine.metadata.fieldtypes import type_of
from webapp import formats
from webapp.formats import listed
from webapp.i18n import gettext, locale
from webapp.screens.work.outline import outline, worded

_TONES: Mapping[str, str] = {
    "blue": "blue", "azure": "blue", "cyan": "blue", "indigo": "accent", "purple": "purple", "pink": "purple",
    "orange": "amber", "yellow": "amber", "amber": "amber", "green": "green", "teal": "green", "lime": "green",
    "red": "red",
}  # fmt: skip
_NUMERIC = {"money", "hours", "decimal", "integer", "percent", "rollup"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value on a page. ``tones``: labels with their colours; ``links``: texts with addresses."""

    field: str
    label: str
    text: str = ""
    tones: tuple[tuple[str, str], ...] = ()
    href: str = ""
    links: tuple[tuple[str, str], ...] = ()
    image: str = ""
    numeric: bool = False
    negative: bool = False
    masked: bool = False
    is_title: bool = False
    is_wide: bool = False
    edit_url: str = ""
    reveal_url: str = ""


def tone(color: str) -> str:
    """The badge colour for an option's colour."""
    return _TONES.get(color, "")


def cell(field: FieldDefinition, values: Mapping[str, Any], titles: Mapping[str, Any], level: str) -> Cell:
    """The field's value in the reader's language. ``level`` masked: the value is the masked text."""
    label, value = field.label.in_locale(locale()), values.get(field.key)
    if level == "masked":
        return Cell(field.key, label, str(value or ""), masked=True)
    if value is None or value in ("", []):
        return Cell(field.key, label, numeric=field.type in _NUMERIC)
    if field.options and isinstance(value, str | list | tuple):
        return _choice(field, label, value if isinstance(value, list | tuple) else [value])
    if field.type == "link" and field.target:
        url = url_for("records.show", object_key=field.target, record_id=value)
        return Cell(field.key, label, str(titles.get(field.key) or gettext("（无权查看）")), href=url)
    if field.type in ("files", "image"):
        return _file(field, label, value)
    negative = isinstance(value, Decimal) and value < 0
    is_wide = field.type in ("long_text", "rich_text", "json")
    text = text_of(field, value, titles.get(field.key))
    return Cell(field.key, label, text, numeric=field.type in _NUMERIC, negative=negative, is_wide=is_wide)


def text_of(field: FieldDefinition, value: Any, title: Any = None) -> str:
    """The value as plain text."""
    if title:
        return listed(map(str, title)) if isinstance(title, list | tuple) else str(title)
    if value is None:
        return ""
    if field.type == "json":
        return outline(worded(value, {one.key: one.label.in_locale(locale()) for one in field.options}), locale())
    if field.options:
        return listed(option_label(field.option(item), item) for item in _many(value))
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, datetime | date):
        return formats.short_time(value)
    if isinstance(value, Decimal):
        return formats.money(value) if field.type == "money" else formats.hours(value)
    if isinstance(value, dict):
        return type_of(field).display(field, value, locale())
    if isinstance(value, list | tuple):
        return listed(map(str, value))
    return str(value)


def option_label(option: Option | None, key: object) -> str:
    """The option's label; the bare key when the option is gone."""
    return option.label.in_locale(locale()) if option else str(key)


def stage_of(definition: ObjectDefinition, key: str | None) -> Option | None:
    """The stage with this key."""
    return next((stage for stage in definition.stages if stage.key == key), None)


def _choice(field: FieldDefinition, label: str, keys: list[str] | tuple[str, ...]) -> Cell:
    options = [field.option(key) for key in keys]
    if any(option and option.color for option in options):
        tones = tuple((option_label(o, k), tone(o.color) if o else "") for o, k in zip(options, keys, strict=True))
        return Cell(field.key, label, tones=tones)
    return Cell(field.key, label, listed(option_label(o, k) for o, k in zip(options, keys, strict=True)))


def _file(field: FieldDefinition, label: str, value: Any) -> Cell:
    ids = [UUID(str(item)) for item in _many(value)]
    urls = [url_for("files.show", file_id=one) for one in ids]
    if field.type == "image":
        return Cell(field.key, label, image=urls[0])
    links = tuple((gettext("文件 %(n)s", n=number), url) for number, url in enumerate(urls, 1))
    return Cell(field.key, label, gettext("%(n)s 个文件", n=len(ids)), links=links)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
