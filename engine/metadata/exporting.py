"""Export of a query as .xlsx or .csv, written as it is read; every export goes to the history."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from engine.kernel.errors import UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import FieldDefinition
from engine.metadata.query import MAX_PAGE, Query, fetch
from engine.metadata.record import Record

Format = Literal["xlsx", "csv"]
MAX_ROWS = 200_000
_RISKY = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = frozenset({"integer", "decimal", "money", "hours", "percent", "rating", "rollup"})


def export(
    tx: Tx,
    query: Query,
    format: Format,
    sink: BinaryIO,
    *,
    locale: str = "zh",
    progress: Callable[[int, int | None], None] = lambda _done, _total: None,
) -> int:
    """Writes all rows of the query (fields: default the list layout) to `sink`; the number of rows.

    Needs `export` on the object; only rows within its reach, only readable fields, masked ones masked.
    Raises Forbidden, UserError above 200,000 rows.
    """
    access.require(tx, "export", query.object)
    rights = access.rights_on(tx, query.object)
    listed = rights.definition.layouts.list or (rights.definition.name_field,)
    keys = query.fields or tuple(key for key in listed if rights.levels.get(key, "none") != "none")
    fields = [field for key in keys if (field := catalog.field_of(rights.definition, key)) is not None]
    pages = _pages(tx, replace(query, fields=tuple(keys), action="export", limit=MAX_PAGE, after=None), progress)
    write = _write_xlsx if format == "xlsx" else _write_csv
    count = write(sink, fields, pages, locale)
    data = {"rows": count, "format": format, "fields": list(keys), "filter": _shown(query), "search": query.search}
    tx.record(Event("records:exported", ("object", query.object), rights.profile.branch_id, data))
    return count


def safe_cell(text: str) -> str:
    """Text a spreadsheet will not take for a formula.

    >>> safe_cell("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_RISKY) else text


def _pages(tx: Tx, query: Query, progress: Callable[[int, int | None], None]) -> Iterator[list[Record]]:
    done, after = 0, None
    while True:
        page = fetch(tx, replace(query, after=after))
        done += len(page.items)
        if done > MAX_ROWS:
            message = Text(f"一次最多导出 {MAX_ROWS} 行，请缩小范围", f"At most {MAX_ROWS} rows at once; narrow it")
            raise UserError("too_many_rows", message)
        yield page.items
        progress(done, None)
        after = page.next
        if after is None:
            return


def _write_csv(sink: BinaryIO, fields: Sequence[FieldDefinition], pages: Iterator[list[Record]], locale: str) -> int:
    """UTF-8 with a mark at the start, so that spreadsheets read Chinese."""
    text = io.TextIOWrapper(sink, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe_cell(field.label.in_locale(locale)) for field in fields])
    count = 0
    for records in pages:
        writer.writerows([safe_cell(record.display(field.key, locale)) for field in fields] for record in records)
        count += len(records)
    text.flush()
    text.detach()
    return count


def _write_xlsx(sink: BinaryIO, fields: Sequence[FieldDefinition], pages: Iterator[list[Record]], locale: str) -> int:
    book = Workbook(write_only=True)
    try:
        count = _fill(book.create_sheet("data"), fields, pages, locale)
    except BaseException:
        book.save(io.BytesIO())  # only saving closes the rows and removes their temporary file
        raise
    book.save(sink)
    return count


def _fill(
    sheet: WriteOnlyWorksheet, fields: Sequence[FieldDefinition], pages: Iterator[list[Record]], locale: str
) -> int:
    sheet.append([field.label.in_locale(locale) for field in fields])
    count = 0
    for records in pages:
        for record in records:
            sheet.append([_cell(sheet, record, field, locale) for field in fields])
        count += len(records)
    return count


def _cell(sheet: object, record: Record, field: FieldDefinition, locale: str) -> object:
    """Numbers stay numbers; every text is marked as text, so that none is a formula."""
    value = record.values.get(field.key)
    if value is None:
        return None
    if field.type in _NUMBERS and record.levels.get(field.key) != "masked":
        return value
    text = _without_controls(record.display(field.key, locale))
    if not text.startswith(_RISKY):
        return text
    cell = WriteOnlyCell(sheet, value=safe_cell(text))  # type: ignore[arg-type]
    cell.data_type = "s"
    return cell


def _without_controls(text: str) -> str:
    return "".join(char for char in text[:32_000] if char >= " " or char in "\n\t")


def _shown(query: Query) -> object:
    return query.filter if isinstance(query.filter, str) or query.filter is None else dict(query.filter)
