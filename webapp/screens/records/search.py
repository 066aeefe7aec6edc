"""Search everywhere: records, pages of the navigation, requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import catalog, query
from engine.metadata.organisation.branches import list_branches
from engine.metadata.organisation.users import list_users
from engine.metadata.query import Query
from webapp import navigation
from webapp.formats import beside
from webapp.i18n import gettext, locale, translated
from webapp.screens.work import starts


@dataclass(frozen=True)
class Hit:
    """One result of the palette."""

    title: str
    kind: str
    icon: str
    url: str


def find(tx: Tx, text: str) -> list[Hit]:
    """Pages and requests whose names hold the text, then records; without a text the pages."""
    wanted = text.casefold()
    places = [hit for hit in (*_pages(tx), *_requests(tx)) if wanted in hit.title.casefold()]
    return [*places[:6], *_records(tx, text)] if text else places[:14]


def options(tx: Tx, kind: str, text: str, limit: int = 20) -> list[dict[str, str]]:
    """Choices of a picker: users, branches, or records of an object the actor may read."""
    if kind == "user":
        users = list_users(tx, search=text, limit=limit)
        return [_option(one.id, beside(one.name, one.username)) for one in users if one.is_active]
    if kind == "branch":
        found = [one for one in list_branches(tx) if text.casefold() in one.name.casefold()]
        return [_option(one.id, one.name) for one in found[:limit]]
    definition = catalog.load(tx).definitions.get(kind)
    if definition is None:
        raise NotFound
    asked = Query(kind, fields=(definition.name_field,), search=text or None, sort=("-created_at",), limit=limit)
    return [_option(record.id, record.title) for record in query.fetch(tx, asked).items]


def _option(value: UUID, text: str) -> dict[str, str]:
    return {"value": str(value), "text": text}


def _pages(tx: Tx) -> Iterator[Hit]:
    for area in navigation.areas(tx):
        for entry in area.entries:
            yield Hit(translated(entry.label), gettext("页面"), entry.icon, entry.url)


def _requests(tx: Tx) -> Iterator[Hit]:
    for tile in starts.tiles(tx):
        yield Hit(tile.label, gettext("发起"), tile.icon, tile.url)


def _records(tx: Tx, text: str) -> Iterator[Hit]:
    definitions = catalog.load(tx).definitions
    for hit in query.search_everywhere(tx, text, limit=20):
        definition = definitions[hit.object]
        url = url_for("records.show", object_key=hit.object, record_id=hit.id)
        yield Hit(hit.title, definition.label.in_locale(locale()), definition.icon, url)
