"""The kanban of an object: one column a value, cards dragged between them."""

from dataclasses import dataclass, replace
from uuid import UUID

from flask import url_for

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, query, records
from engine.metadata.definition import Kanban, ObjectDefinition, Option
from engine.metadata.record import Record
from webapp.i18n import locale
from webapp.screens.records import listing
from webapp.screens.records.cells import Cell, tone

CARDS = 30


@dataclass(frozen=True)
class Card:
    """One record on the board."""

    title: str
    href: str
    move_url: str
    version: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class BoardColumn:
    """Records with one value of the grouping field."""

    key: str
    label: str
    tone: str
    count: str
    cards: tuple[Card, ...]
    more_url: str


def read(tx: Tx, asked: listing.Asked) -> listing.ListModel:
    """The list as a board; as a table where the object has none."""
    found = listing.read(tx, asked, limit=1)
    definition = access.rights_on(tx, asked.object).definition
    kanban = definition.layouts.kanban
    if kanban is None:
        return listing.read(tx, replace(asked, board=False))
    columns = tuple(_column(tx, definition, kanban, asked, option) for option in _options(definition, kanban))
    return replace(found, board=columns)


def move(tx: Tx, object_key: str, record_id: UUID, version: int, value: str) -> Record:
    """Puts the card into another column. Raises: Conflict where a process moves the records."""
    definition = catalog.load(tx).object(object_key)
    kanban = definition.layouts.kanban
    if kanban is None or (kanban.group_by == "stage" and definition.lifecycle):
        raise Conflict(
            "stage_by_process",
            Text("阶段由流程推进，请在记录页上操作", "A process moves the stage; use the actions on the record"),
        )
    return records.update(tx, object_key, record_id, version, {kanban.group_by: value})


def _options(definition: ObjectDefinition, kanban: Kanban) -> tuple[Option, ...]:
    field = catalog.field_of(definition, kanban.group_by)
    return field.options if field else ()


def _column(tx: Tx, definition: ObjectDefinition, kanban: Kanban, asked: listing.Asked, option: Option) -> BoardColumn:
    narrowed = replace(asked, filters=(*asked.filters, f"{kanban.group_by}~=~{option.key}"), after="")
    keys = tuple(dict.fromkeys((kanban.title, *kanban.fields)))
    question = listing.question(definition, narrowed, keys, CARDS)
    page, count = query.fetch(tx, question), query.count(tx, question)
    return BoardColumn(
        option.key,
        option.label.in_locale(locale()),
        tone(option.color),
        f"{count.value - 1}+" if count.is_capped else str(count.value),
        tuple(_card(definition, record, keys) for record in page.items),
        narrowed_url(asked, narrowed) if page.next else "",
    )


def narrowed_url(asked: listing.Asked, narrowed: listing.Asked) -> str:
    """The table of one column's records."""
    return asked.url(filters=narrowed.filters, board=False)


def _card(definition: ObjectDefinition, record: Record, keys: tuple[str, ...]) -> Card:
    row = listing.row(definition, record, keys)
    url = url_for("records.move", object_key=definition.key, record_id=record.id)
    return Card(row.title, row.href, url, record.version, row.cells[1:])
