"""A list of records as its page needs it: what the address asks for, what the query found."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, query, saved_views
from engine.metadata.access import ObjectRights
from engine.metadata.definition import FieldDefinition, ObjectDefinition, View
from engine.metadata.query import Query
from engine.metadata.record import Record
from webapp.formats import listed
from webapp.i18n import gettext, locale
from webapp.screens.records import filters
from webapp.screens.records.cells import Cell, cell

PAGE_SIZE = 50


@dataclass(frozen=True)
class Column:
    """A column's head. ``direction``: how the list is sorted by it, if so."""

    key: str
    label: str
    numeric: bool
    sort_url: str
    direction: str
    shown: bool = True


@dataclass(frozen=True)
class Row:
    """One record of a list."""

    id: str
    title: str
    href: str
    cells: tuple[Cell, ...]
    version: int


@dataclass(frozen=True)
class Link:
    """A view, chip or bulk action."""

    label: str
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class BulkAction:
    """What can be done with the chosen rows."""

    key: str
    label: str
    icon: str
    confirm: str = ""


@dataclass(frozen=True)
class Asked:
    """What the address of a list asks for. ``filters``: ``field~op~value`` texts."""

    object: str
    view: str
    search: str
    filters: tuple[str, ...]
    sort: str
    columns: tuple[str, ...]
    after: str
    board: bool
    deleted: bool

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """The address's parameters, with changes; a new question starts at the first page."""
        asked = replace(self, **{"after": "", **changes})
        pairs = [("view", asked.view), ("q", asked.search), *(("f", item) for item in asked.filters)]
        pairs += [("sort", asked.sort), *(("col", key) for key in asked.columns), ("after", asked.after)]
        pairs += [("board", "1" if asked.board else ""), ("bin", "1" if asked.deleted else "")]
        return [(name, value) for name, value in pairs if value]

    def url(self, **changes: Any) -> str:
        """The address of this list with changes."""
        text = urlencode(self.parameters(**changes))
        base = url_for("records.index", object_key=self.object)
        return f"{base}?{text}" if text else base


@dataclass(frozen=True)
class ListModel:
    """Everything the list page draws."""

    object: str
    label: str
    asked: Asked
    columns: tuple[Column, ...]
    choices: tuple[Column, ...]
    rows: tuple[Row, ...]
    views: tuple[Link, ...]
    chips: tuple[Link, ...]
    count: str
    shown_text: str
    next_url: str
    may: frozenset[str]
    bulk: tuple[BulkAction, ...]
    has_board: bool
    board: tuple[Any, ...] = field(default=())

    @property
    def base_url(self) -> str:
        return url_for("records.index", object_key=self.object)

    @property
    def first_url(self) -> str:
        return self.asked.url() if self.asked.after else ""

    @property
    def clear_url(self) -> str:
        return self.asked.url(filters=(), search="")

    @property
    def is_filtered(self) -> bool:
        return bool(self.asked.filters or self.asked.search or self.asked.deleted or self.asked.view)

    @property
    def search(self) -> str:
        return self.asked.search

    @property
    def hidden_parameters(self) -> list[tuple[str, str]]:
        return [pair for pair in self.asked.parameters() if pair[0] != "q"]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        return self.asked.parameters()

    @property
    def kanban_url(self) -> str:
        return self.asked.url(board=True) if self.has_board else ""

    @property
    def table_url(self) -> str:
        return self.asked.url(board=False)

    @property
    def create_url(self) -> str:
        return self._when("create", "records.create")

    @property
    def import_url(self) -> str:
        return self._when("import", "imports.start")

    @property
    def export_url(self) -> str:
        return self._when("export", "records.export", self.asked.parameters())

    @property
    def bin_url(self) -> str:
        return self.asked.url(deleted=True, filters=(), view="") if "delete" in self.may else ""

    @property
    def filter_url(self) -> str:
        return self._link("records.choose_filter", self.asked.parameters())

    @property
    def views_url(self) -> str:
        return self._link("views.index", self.asked.parameters())

    @property
    def bulk_url(self) -> str:
        return url_for("records.act_on_many", object_key=self.object)

    def _when(self, action: str, endpoint: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
        return self._link(endpoint, parameters) if action in self.may else ""

    def _link(self, endpoint: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
        base = url_for(endpoint, object_key=self.object)
        text = urlencode(list(parameters))
        return f"{base}?{text}" if text else base


def asked_for(object_key: str, arguments: MultiDict[str, str] | None = None) -> Asked:
    """What this request's address asks for."""
    given = request.args if arguments is None else arguments
    return Asked(
        object=object_key,
        view=given.get("view", ""),
        search=given.get("q", "").strip(),
        filters=tuple(given.getlist("f"))[:20],
        sort=given.get("sort", ""),
        columns=tuple(dict.fromkeys(given.getlist("col")))[:30],
        after=given.get("after", ""),
        board=given.get("board") == "1",
        deleted=given.get("bin") == "1",
    )


def read(tx: Tx, asked: Asked, limit: int = PAGE_SIZE) -> ListModel:
    """The list the address asks for, as the actor may see it."""
    rights = access.rights_on(tx, asked.object)
    definition = rights.definition
    keys = shown_columns(rights, asked)
    found = question(definition, asked, keys, limit)
    page = query.fetch(tx, found)
    count = query.count(tx, found)
    text = (
        gettext("%(n)s 条以上", n=f"{count.value - 1:,}")
        if count.is_capped
        else gettext("%(n)s 条", n=f"{count.value:,}")
    )
    return ListModel(
        object=definition.key,
        label=definition.label.in_locale(locale()),
        asked=asked,
        columns=tuple(_column(definition, asked, key) for key in keys),
        choices=tuple(replace(_column(definition, asked, key), shown=key in keys) for key in offered_columns(rights)),
        rows=tuple(row(definition, record, keys) for record in page.items),
        views=(*_views(definition, asked), *_saved(tx, asked)),
        chips=_chips(definition, asked),
        count=text,
        shown_text=gettext("本页 %(n)s 条", n=len(page.items)),
        next_url=asked.url(after=page.next) if page.next else "",
        may=permitted(tx, definition),
        bulk=_bulk(tx, definition, asked),
        has_board=definition.layouts.kanban is not None and not asked.deleted,
    )


def question(definition: ObjectDefinition, asked: Asked, keys: tuple[str, ...], limit: int = PAGE_SIZE) -> Query:
    """The query behind a list. The view's filter and the chips all have to hold."""
    view = view_of(definition, asked.view)
    parts: list[Any] = [view.filter] if view and view.filter else []
    parts += [filters.parsed(definition, text).as_json() for text in asked.filters]
    sort = (asked.sort,) if asked.sort else (view.sort if view and view.sort else ("-created_at",))
    return Query(
        definition.key,
        fields=tuple(dict.fromkeys((definition.name_field, *keys))),
        filter={"and": parts} if parts else None,
        sort=sort,
        limit=limit,
        after=asked.after or None,
        search=asked.search or None,
        deleted=asked.deleted,
    )


def row(definition: ObjectDefinition, record: Record, keys: Iterable[str]) -> Row:
    """A record as a row of these columns; the first one, or the name, leads to the record."""
    cells = []
    for number, key in enumerate(keys):
        found = catalog.field_of(definition, key)
        if found is None or record.levels.get(key, "none") == "none":
            cells.append(Cell(key, found.label.in_locale(locale()) if found else key))
            continue
        made = cell(found, record.values, record.titles, record.levels.get(key, "read"))
        cells.append(_titled(made) if number == 0 else made)
    href = url_for("records.show", object_key=definition.key, record_id=record.id)
    return Row(str(record.id), record.title, href, tuple(cells), record.version)


def shown_columns(rights: ObjectRights, asked: Asked) -> tuple[str, ...]:
    """The chosen columns, else the view's, else the layout's; the name first; unreadable ones never."""
    definition, view = rights.definition, view_of(rights.definition, asked.view)
    wanted = asked.columns or (view.columns if view and view.columns else ()) or definition.layouts.list
    offered = set(offered_columns(rights))
    keys = [key for key in wanted if key in offered and key != definition.name_field]
    name = (definition.name_field,) if definition.name_field in offered else ()
    return (*name, *keys) or ("created_at",)


def offered_columns(rights: ObjectRights) -> tuple[str, ...]:
    """Every field the actor may see at least masked, in the order of the definition."""
    own = [item.key for item in rights.definition.fields if not item.hidden]
    keys = [*own, "stage", "branch_id", "owner_id", "created_at", "updated_at"]
    stages = bool(rights.definition.stages)
    return tuple(k for k in keys if rights.levels.get(k, "none") != "none" and (k != "stage" or stages))


def view_of(definition: ObjectDefinition, key: str) -> View | None:
    """The saved view with this key."""
    return next((view for view in definition.views if view.key == key), None)


def permitted(tx: Tx, definition: ObjectDefinition) -> frozenset[str]:
    """What the actor may do with the object's list."""
    may = {
        action
        for action in ("create", "import", "export", "delete", "assign")
        if access.can(tx, action, definition.key)
    }
    if definition.writer == "domain":
        may -= {"create", "import", "delete", "assign"}
    return frozenset(may)


def _column(definition: ObjectDefinition, asked: Asked, key: str) -> Column:
    found = catalog.field_of(definition, key) or FieldDefinition(key, "text", definition.label)
    direction = {key: "ascending", f"-{key}": "descending"}.get(asked.sort, "")
    target = f"-{key}" if direction == "ascending" else key
    sortable = found.type not in ("links", "file", "image", "json", "long_text", "rich_text", "choices", "tags")
    return Column(
        key,
        found.label.in_locale(locale()),
        found.type in ("money", "hours", "decimal", "integer", "percent"),
        asked.url(sort=target) if sortable else "",
        direction,
    )


def _views(definition: ObjectDefinition, asked: Asked) -> tuple[Link, ...]:
    everything = Link(gettext("全部"), asked.url(view="", filters=(), columns=(), sort=""), not asked.view)
    narrower = [view for view in definition.views if view.filter]
    saved = (
        Link(
            view.label.in_locale(locale()),
            asked.url(view=view.key, filters=(), columns=(), sort=""),
            view.key == asked.view,
        )
        for view in narrower
    )
    return (everything, *saved)


def _saved(tx: Tx, asked: Asked) -> Iterable[Link]:
    now = asked.parameters()
    for view in saved_views.of_object(tx, asked.object):
        kept = asked_for(asked.object, MultiDict(view.parameters))
        yield Link(view.name, kept.url(), kept.parameters() == now)


def _chips(definition: ObjectDefinition, asked: Asked) -> tuple[Link, ...]:
    chips = []
    for text in asked.filters:
        rest = tuple(other for other in asked.filters if other != text)
        chips.append(Link(filters.parsed(definition, text).text(), asked.url(filters=rest)))
    if asked.deleted:
        chips.append(Link(gettext("回收站"), asked.url(deleted=False)))
    return tuple(chips)


def _bulk(tx: Tx, definition: ObjectDefinition, asked: Asked) -> tuple[BulkAction, ...]:
    may = permitted(tx, definition)
    if asked.deleted:
        return (BulkAction("restore", gettext("恢复"), "rotate-clockwise"),) if "delete" in may else ()
    actions = []
    if "assign" in may:
        actions.append(BulkAction("assign", gettext("分配"), "user-share"))
    if "delete" in may:
        actions.append(BulkAction("delete", gettext("删除"), "trash", gettext("确定删除所选记录？可以在回收站恢复。")))
    return tuple(actions)


def related(tx: Tx, definition: ObjectDefinition, link: str, record_id: Any) -> ListModel:
    """Records of an object that point to one record with their field ``link``."""
    asked = asked_for(definition.key, MultiDict([("f", f"{link}~=~{record_id}")]))
    return read(tx, asked)


def query_of(tx: Tx, asked: Asked) -> Query:
    """The query of a list with the columns it shows: what an export takes."""
    rights = access.rights_on(tx, asked.object)
    return question(rights.definition, replace(asked, after=""), shown_columns(rights, asked))


def _titled(made: Cell) -> Cell:
    """The cell that opens the record: plain text, also of a coloured choice."""
    return replace(made, text=made.text or listed(label for label, _ in made.tones), is_title=True, tones=())
