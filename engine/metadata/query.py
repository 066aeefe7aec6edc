"""The one way to read records: every list, count, search, sort, group, report and export is a `Query`.

Each field the query names (also across links) is checked for the acting one; the rows are narrowed to those within
reach; only then is SQL written.
"""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.errors import Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.access import ObjectRights
from engine.metadata.columns import Columns, SqlValue, sort_value
from engine.metadata.conditions import Filter, bad_filter, filter_to_sql
from engine.metadata.fieldtypes import type_of
from engine.metadata.keyset import SortKey, after_condition, make_cursor, order_by
from engine.metadata.reading import IS_WHOLE, build_records, select_list
from engine.metadata.record import Record
from engine.metadata.search import search_condition
from engine.metadata.statement import Statement, from_clause, own_rows
from engine.metadata.titles import titles_of

COUNT_LIMIT = 10_001
MAX_PAGE = 500
_MAX_GROUPS = 500


@dataclass(frozen=True)
class Query:
    """`fields` None: all readable. `filter`: FEEL text or JSON. `sort`: `-created_at` is descending. `after`: a `next`.

    `deleted` True: the bin instead of the living; `action`: the right that decides the rows (`read`, `export` …).
    """

    object: str
    fields: tuple[str, ...] | None = None
    filter: Filter | None = None
    sort: tuple[str, ...] = ()
    limit: int = 50
    after: str | None = None
    search: str | None = None
    deleted: bool = False
    action: str = "read"


@dataclass(frozen=True)
class Page:
    items: list[Record]
    next: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """`is_capped`: there are at least `value`."""

    value: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Group:
    """`value`: JSON value of the group; `title`: its text."""

    value: Any
    title: str
    count: int
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Hit:
    object: str
    id: UUID
    title: str


@dataclass
class _Compiled:
    rights: ObjectRights
    statement: Statement
    columns: Columns
    where: str


def fetch(tx: Tx, query: Query) -> Page:
    """One page. Raises Forbidden (no right, unknown field), UserError (bad filter or cursor), FeelError."""
    compiled = _compile(tx, query)
    keys = _sort_keys(compiled, query.sort)
    where = compiled.where
    if query.after:
        where += f" AND {after_condition(compiled.statement, keys, query.after)}"
    limit = max(1, min(query.limit, MAX_PAGE))
    fields = _fields(compiled.rights, query.fields)
    alias = compiled.columns.alias
    extra = ", ".join(f"{key.value.sql} AS k{place}" for place, key in enumerate(keys))
    if compiled.rights.limited:
        whole = access.predicate_of(tx, compiled.statement, compiled.rights, "read", alias, whole=True)
        extra += f", ({whole}) IS TRUE AS {IS_WHOLE}"
    sql = (
        f"SELECT {select_list(compiled.columns, fields)}, {extra}"
        f" FROM {from_clause(compiled.rights.definition, alias)} WHERE {where}"
        f" ORDER BY {order_by(keys)} LIMIT {limit + 1}"
    )
    rows = [dict(row) for row in tx.execute(sa.text(sql), compiled.statement.parameters).mappings()]
    following = make_cursor(keys, rows[limit - 1]) if len(rows) > limit else None
    return Page(build_records(tx, compiled.rights, rows[:limit], fields), following)


def count(tx: Tx, query: Query) -> Count:
    """Number of rows, counted up to 10,001."""
    compiled = _compile(tx, query)
    alias = compiled.columns.alias
    source = (
        f"SELECT 1 FROM {from_clause(compiled.rights.definition, alias)} WHERE {compiled.where} LIMIT {COUNT_LIMIT}"
    )
    statement = sa.text(f"SELECT count(*) FROM ({source}) AS counted")
    found = int(tx.execute(statement, compiled.statement.parameters).scalar_one())
    return Count(found, found == COUNT_LIMIT)


def group(tx: Tx, query: Query, by: str, total_of: str | None = None) -> list[Group]:
    """Rows per value of `by`, largest group first; `total_of` sums a number field. At most 500 groups."""
    compiled = _compile(tx, query)
    value = compiled.columns.value(tuple(by.split(".")))
    total = "NULL"
    if total_of is not None:
        number = compiled.columns.value(tuple(total_of.split(".")))
        if type_of(number.field).feel != "number" and number.type != "numeric":
            raise bad_filter(Text("只能对数字求和", "Only numbers can be summed"))
        total = f"sum({number.sql})"
    sql = (
        f"SELECT {value.sql} AS value, count(*) AS count, {total} AS total"
        f" FROM {from_clause(compiled.rights.definition, compiled.columns.alias)} WHERE {compiled.where}"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MAX_GROUPS}"
    )
    rows = tx.execute(sa.text(sql), compiled.statement.parameters).all()
    titles = titles_of(tx, [(value.field, row.value) for row in rows])
    return [_group(value, row, titles) for row in rows]


def search_everywhere(tx: Tx, text: str, limit: int = 20) -> list[Hit]:
    """Records of any object whose readable search fields hold every word; a few of each object."""
    hits: list[Hit] = []
    for definition in catalog.load(tx).objects():
        rights = access.rights_on(tx, definition.key)
        if not rights.access.allows("read") or not _searchable(rights):
            continue
        shown = (definition.name_field,) if _is_shown(rights, definition.name_field) else ()
        page = fetch(tx, Query(definition.key, shown, search=text, limit=limit))
        hits += [Hit(definition.key, record.id, record.title) for record in page.items]
        if len(hits) >= limit:
            break
    return hits[:limit]


def _compile(tx: Tx, query: Query) -> _Compiled:
    rights = access.rights_on(tx, query.object)
    if not access.can(tx, query.action, query.object):
        raise Forbidden
    statement = Statement()
    alias = statement.alias()
    columns = Columns(tx, statement, rights.definition, alias)
    parts = [
        own_rows(statement, rights.definition, alias),
        f"{alias}.deleted_at IS {'NOT ' if query.deleted else ''}NULL",
        access.predicate_of(tx, statement, rights, query.action, alias),
    ]
    if query.action != "read":
        parts.append(access.predicate_of(tx, statement, rights, "read", alias))
    if query.filter:
        parts.append(filter_to_sql(columns, query.filter))
    if query.search and query.search.strip():
        parts.append(_found(tx, statement, rights, alias, query.search))
    return _Compiled(rights, statement, columns, " AND ".join(dict.fromkeys(parts)))


def _found(tx: Tx, statement: Statement, rights: ObjectRights, alias: str, words: str) -> str:
    """Every word in a readable field; limited fields help to find only the rows that are seen whole."""
    keys = _searchable(rights)
    open_keys = [key for key in keys if key not in rights.limited]
    found = search_condition(statement, alias, words, open_keys)
    if open_keys == keys:
        return found
    whole = access.predicate_of(tx, statement, rights, "read", alias, whole=True)
    return f"({found} OR ({whole} AND {search_condition(statement, alias, words, keys)}))"


def _searchable(rights: ObjectRights) -> list[str]:
    return [field.key for field in rights.definition.fields if field.searchable and rights.readable(field.key)]


def _fields(rights: ObjectRights, wanted: tuple[str, ...] | None) -> list[str]:
    """Checked field keys to show. Raises Forbidden for one that may not be seen at all."""
    if wanted is None:
        return [field.key for field in catalog.all_fields(rights.definition) if _is_shown(rights, field.key)]
    for key in wanted:
        if not _is_shown(rights, key):
            raise access.unknown_field(key)
    return list(wanted)


def _is_shown(rights: ObjectRights, key: str) -> bool:
    return rights.levels.get(key, "none") != "none"


def _sort_keys(compiled: _Compiled, sort: tuple[str, ...]) -> list[SortKey]:
    columns = compiled.columns
    if len(sort) > 4:
        raise bad_filter(Text("最多按四个字段排序", "At most four fields to sort by"))
    keys = []
    for item in sort:
        path = tuple(item.removeprefix("-").split("."))
        keys.append(SortKey(sort_value(columns, path), item.startswith("-")))
    descending = keys[-1].descending if keys else True
    return [*keys, SortKey(columns.value(("id",)), descending)]


def _group(value: SqlValue, row: Any, titles: Mapping[tuple[str, Any], str | None]) -> Group:
    raw = row.value
    if raw is None:
        return Group(None, "", row.count, row.total)
    field_type = type_of(value.field)
    title = titles.get((value.field.key, raw)) if not isinstance(raw, list) else None
    shown = raw if value.field.type == "rollup" else field_type.to_json(value.field, raw)
    return Group(shown, title or field_type.display(value.field, raw, "zh"), row.count, row.total)
