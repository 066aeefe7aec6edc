"""Records that may be the same: told before saving, listed for one record, and merged side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, duplicates, records
from engine.metadata.duplicates import Duplicate
from engine.metadata.levels import is_readable
from webapp import formats
from webapp.i18n import gettext, locale
from webapp.screens.records.cells import Cell, cell

_PICK = "pick-"


@dataclass(frozen=True)
class Known:
    """A record that matches. ``url`` and ``merge_url`` only as far as the actor may go there."""

    title: str
    text: str
    url: str
    merge_url: str = ""


@dataclass(frozen=True)
class Row:
    """A field of both records. ``name``: of the choice, where the values differ and the actor may write the field."""

    label: str
    kept: Cell
    other: Cell
    name: str


def known(tx: Tx, object_key: str, values: Mapping[str, Any]) -> tuple[Known, ...]:
    """What matches values not saved yet; of records out of reach only branch and protection."""
    if not catalog.load(tx).object(object_key).match_rules:
        return ()
    return tuple(_known(object_key, one) for one in duplicates.find(tx, object_key, values))


def of_record(tx: Tx, object_key: str, record_id: UUID) -> dict[str, Any]:
    """The page of one record's duplicates. Raises: NotFound."""
    may_merge = access.can(tx, "merge", object_key, record_id)
    found = duplicates.find_for_record(tx, object_key, record_id)
    items = tuple(_known(object_key, one, record_id if may_merge else None) for one in found)
    return {"record": records.get(tx, object_key, record_id), "items": items}


def side_by_side(tx: Tx, object_key: str, keep: UUID, drop: UUID) -> dict[str, Any]:
    """Both records field by field. Raises: NotFound, Forbidden."""
    for one in (keep, drop):
        access.require(tx, "merge", object_key, one)
    definition = catalog.load(tx).object(object_key)
    kept, other = (records.get(tx, object_key, one) for one in (keep, drop))
    rows = []
    for field in definition.fields:
        level = kept.levels.get(field.key, "none")
        if field.hidden or field.system or not is_readable(level) or field.type == "lines":
            continue
        cells = [cell(field, one.values, one.titles, one.levels.get(field.key, "none")) for one in (kept, other)]
        differs = kept.values.get(field.key) != other.values.get(field.key)
        may_pick = differs and level == "write" and not field.read_only
        rows.append(Row(field.label.in_locale(locale()), cells[0], cells[1], _PICK + field.key if may_pick else ""))
    return {"kept": kept, "other": other, "rows": tuple(rows)}


def merge(tx: Tx, object_key: str, keep: UUID, drop: UUID) -> None:
    """Merges as posted: the other record's value wins where it was picked."""
    picked = {name.removeprefix(_PICK): drop for name in request.form if request.form[name] == str(drop)}
    records.merge(tx, object_key, keep, [drop], picked)


def _known(object_key: str, one: Duplicate, merging: UUID | None = None) -> Known:
    until = formats.short_time(one.protected_until) if one.protected_until else ""
    text = gettext("%(branch)s，保护至 %(until)s", branch=one.branch_name, until=until) if until else one.branch_name
    if one.id is None:
        return Known(gettext("已存在，您无权查看"), text, "")
    url = url_for("records.show", object_key=object_key, record_id=one.id)
    if merging is None:
        return Known(one.title or "", text, url)
    merge_url = url_for("merging.merge", object_key=object_key, record_id=merging, other_id=one.id)
    return Known(one.title or "", text, url, merge_url)
