"""Texts of the things a form's pickers already point to, looked up in the page's own unit of work."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Flask, g

from engine.kernel.errors import SchoolflowError
from engine.kernel.uow import Tx
from engine.metadata import attachments, directory, records, snapshot
from forms.render import FieldModel, FormModel
from webapp import formats
from webapp.formats import listed
from webapp.i18n import gettext

_REFERENCES = {"record", "records", "user", "branch", "file", "image"}


def install(app: Flask) -> None:
    """Gives templates ``chosen(field)`` and ``readable(field)``."""
    app.jinja_env.globals.update(chosen=chosen, readable=readable)


def look_up(tx: Tx, form: FormModel) -> FormModel:
    """Reads the titles of everything the form points to; the form itself."""
    titles: dict[tuple[str, str], str] = g.setdefault("titles", {})
    for field in _references(form.fields()):
        for value in _ids(field.value):
            titles[_kind(field), value] = title(tx, _kind(field), value)
    return form


def chosen(field: FieldModel) -> list[tuple[str, str]]:
    """Ids and titles of what a picker holds."""
    titles = g.get("titles", {})
    return [(value, titles.get((_kind(field), value), value)) for value in _ids(field.value)]


def readable(field: FieldModel) -> str:
    """The value of a field that can't be written, as text."""
    if field.widget in _REFERENCES:
        return listed(text for _, text in chosen(field)) or "—"
    if field.options:
        return listed(option.label for option in field.options if option.selected) or field.text or "—"
    if field.widget == "checkbox":
        return gettext("是") if field.value else gettext("否")
    if field.kind in ("money", "hours") and field.text:
        unit = gettext("元") if field.kind == "money" else gettext("课时")
        return f"{formats.money(field.text) if field.kind == 'money' else field.text} {unit}"
    return field.text.replace("T", " ") if field.widget == "datetime" else field.text or "—"


def _references(fields: Iterable[FieldModel]) -> Iterable[FieldModel]:
    for field in fields:
        if field.widget in _REFERENCES:
            yield field
        for row in field.rows:
            yield from _references(row)


def _kind(field: FieldModel) -> str:
    return field.object or field.widget


def _ids(value: Any) -> list[str]:
    found = value if isinstance(value, list | tuple) else [value]
    return [str(item) for item in found if item]


def title(tx: Tx, kind: str, value: str) -> str:
    """The name of a user, branch, file or record, as far as the actor may read it."""
    try:
        if kind == "user":
            return directory.user_names(tx, frozenset({UUID(value)})).get(UUID(value), value)
        if kind == "branch":
            return snapshot.load(tx).branches[UUID(value)].name
        if kind in ("file", "image"):
            return attachments.open_file(tx, UUID(value)).name
        return records.get(tx, kind, UUID(value)).title
    except (SchoolflowError, ValueError, KeyError):
        return gettext("（无权查看）")
