"""Import of a sheet: preview with guessed mapping, and the import in one transaction (in many: `import_batches`).

A dry run does all the work of a real one inside a savepoint that is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access
from engine.metadata.import_batches import ImportResult, OnDuplicate, SheetImport, Undo, importable_fields, note
from engine.metadata.import_rows import RowError
from engine.metadata.mapping import guess_mapping
from engine.metadata.sheets import Row, read_rows

__all__ = ["ImportResult", "Preview", "RowError", "importable_fields", "preview", "run"]

BATCH = 500
_SAMPLE = 5
_TITLES = 3
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Preview:
    """`sample`: the first rows as texts; `rows`: data rows in the file."""

    headers: list[str]
    mapping: dict[str, str | None]
    sample: list[list[str]]
    rows: int


def preview(tx: Tx, object_key: str, filename: str, content: bytes) -> Preview:
    """Headers with the guessed mapping, and the first rows. Raises Forbidden, UserError, PayloadTooLarge."""
    access.require(tx, "import", object_key)
    headers, rows = open_sheet(filename, content)
    sample: list[list[str]] = []
    count = 0
    for _, cells in rows:
        count += 1
        if len(sample) < _SAMPLE:
            sample.append(["" if cell is None else str(cell) for cell in _padded(cells, len(headers))])
    return Preview(headers, guess_mapping(headers, importable_fields(tx, object_key)), sample, count)


def run(
    tx: Tx,
    object_key: str,
    filename: str,
    content: bytes,
    mapping: Mapping[str, str | None],
    *,
    dry_run: bool = False,
    duplicates: OnDuplicate = "skip",
    progress: Progress = lambda _done, _total: None,
) -> ImportResult:
    """Imports the rows that are right and reports the others; with `dry_run` only reports.

    `mapping`: header -> field key. `duplicates`: what to do with a row that matches an existing record; `update` needs
    the record to be within reach. Raises Forbidden, UserError, PayloadTooLarge.
    """
    access.require(tx, "import", object_key)
    headers, rows = open_sheet(filename, content)
    sheet = SheetImport(object_key, headers, mapping, duplicates=duplicates, is_dry_run=dry_run)
    sheet.check(tx)
    result = ImportResult(is_dry_run=dry_run)
    try:
        with tx.savepoint():
            done = 0
            for batch in batches(rows):
                result.add(sheet.take(tx, batch))
                sheet.settle()
                done += len(batch)
                progress(done, None)
            if dry_run:
                raise Undo
    except Undo:
        return result
    note(tx, sheet, filename, result)
    return result


def open_sheet(filename: str, content: bytes) -> tuple[list[str], Iterator[Row]]:
    """The headers, then the rows below; up to three lines of title above the headers are left out.

    Raises UserError, PayloadTooLarge.
    """
    rows = read_rows(filename, content)
    first = list(islice(rows, _TITLES + 1))
    heading = next((place for place, (_, cells) in enumerate(first) if _filled(cells) > 1), 0)
    cells = first[heading][1] if first else []
    return _headers(cells), chain(first[heading + 1 :], rows)


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in lists that one transaction takes."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def _filled(cells: list[object]) -> int:
    return sum(cell is not None for cell in cells)


def _headers(cells: list[object]) -> list[str]:
    if not cells:
        raise UserError("empty_file", Text("文件中没有数据", "The file holds no data"))
    headers: list[str] = []
    for place, cell in enumerate(cells):
        name = str(cell).strip() if cell is not None else f"第{place + 1}列"
        headers.append(name if name not in headers else f"{name} ({place + 1})")
    return headers


def _padded(cells: list[Any], width: int) -> list[Any]:
    return [*cells[:width], *([None] * (width - len(cells)))]
