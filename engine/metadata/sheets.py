"""Reading uploaded .xlsx and .csv files without trusting them: size caps, zip bombs, entities, broken files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice

import openpyxl

from engine.kernel.archives import BROKEN
from engine.kernel.errors import PayloadTooLarge, UserError
from engine.kernel.text import Text
from engine.metadata.sheet_marks import marks_of

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
_MAX_UNPACKED = 300 * 1024 * 1024
_MAX_RATIO = 250
_MAX_PARTS = 2_000
_MAX_CELL = 20_000
_CHUNK = 1 << 20
_LAST_ROW = 1_048_576
"""The last row a spreadsheet may have: a number beyond it is no mistake of a program for people."""

Cell = object
Row = tuple[int, list[Cell]]


def read_rows(filename: str, content: bytes) -> Iterator[Row]:
    """(number in the sheet from 1, cells) of the rows that hold anything; the first sheet of a workbook.

    Raises UserError when the file is not what its name says or looks hostile, PayloadTooLarge when it is too big.
    """
    if len(content) > MAX_BYTES:
        raise PayloadTooLarge(message=Text("文件不能超过 20 MB", "A file may have at most 20 MB"))
    if content[:2] == b"PK":
        rows = _xlsx_rows(content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _unreadable(
            Text("旧版 .xls 或加密文件不支持，请另存为 .xlsx", "Old .xls or encrypted file; save as .xlsx")
        )
    elif content.lstrip()[:1] == b"<":
        raise _unreadable(
            Text(
                "这是网页格式的表格，请在 Excel 中另存为 .xlsx", "This is a sheet saved as a web page; save it as .xlsx"
            )
        )
    elif filename.lower().endswith((".xlsx", ".xlsm")):
        raise _unreadable(Text("不是有效的 .xlsx 文件", "Not a valid .xlsx file"))
    else:
        rows = _csv_rows(content)
    return _bounded(rows)


def estimated_rows(content: bytes) -> int:
    """About how many data rows the file holds, without reading them: for a progress bar. 0 when it can't be told."""
    found = marks_of(content).rows if content[:2] == b"PK" else content.count(b"\n")
    return max(0, found - 1)


def _bounded(rows: Iterator[list[Cell]]) -> Iterator[Row]:
    kept = 0
    for number, cells in enumerate(rows, start=1):
        if number > _LAST_ROW:
            raise _hostile()
        clean = [_clean(cell) for cell in cells[:MAX_COLUMNS]]
        if all(cell is None for cell in clean):
            continue
        while clean[-1] is None:
            clean.pop()
        kept += 1
        if kept > MAX_ROWS + 1:
            message = Text(f"最多 {MAX_ROWS} 行，请拆分文件", f"At most {MAX_ROWS} rows; split the file")
            raise PayloadTooLarge(message=message)
        yield number, clean


def _clean(cell: Cell) -> Cell:
    if isinstance(cell, str):
        text = cell.replace("\x00", "").strip()[:_MAX_CELL]
        return text or None
    return cell


def _xlsx_rows(content: bytes) -> Iterator[list[Cell]]:
    _check_archive(content)
    marks = marks_of(content)
    if marks.not_computed:
        cell = marks.not_computed
        raise _unreadable(
            Text(
                f"单元格 {cell} 的公式还没有计算结果，请用 Excel 打开并保存后再导入",
                f"The formula in cell {cell} has no result yet; open and save the file in a spreadsheet program first",
            )
        )
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is often wrong, and would cut columns off
        yield from _unmerged((list(row[:MAX_COLUMNS]) for row in sheet.iter_rows(values_only=True)), marks.spans)
    except UserError:
        raise
    except Exception as error:
        raise _unreadable(
            Text("无法读取该 .xlsx 文件，文件可能已损坏", "The .xlsx file cannot be read; it may be broken")
        ) from error


def _unmerged(rows: Iterator[list[Cell]], spans: Sequence[tuple[int, int, int]]) -> Iterator[list[Cell]]:
    """Cells merged downwards: each of their rows has the value that stands in the first one."""
    if not spans:
        yield from rows
        return
    starts: dict[int, list[tuple[int, int]]] = {}
    for column, top, bottom in spans:
        starts.setdefault(top, []).append((column, bottom))
    open_spans: dict[int, tuple[int, Cell]] = {}
    for number, given in enumerate(rows, start=1):
        cells = list(given)
        for column, (bottom, value) in list(open_spans.items()):
            if number > bottom:
                del open_spans[column]
            elif any(cell is not None for cell in cells):
                cells += [None] * (column + 1 - len(cells))
                cells[column] = value
        for column, bottom in starts.get(number, ()):
            if column < len(cells):
                open_spans[column] = (bottom, cells[column])
        yield cells


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
                raise _hostile()
            for part in parts:
                if part.file_size > _CHUNK and part.file_size > part.compress_size * _MAX_RATIO:
                    raise _hostile()
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(archive, part)
    except BROKEN as error:
        raise _unreadable(Text("文件已损坏，不是有效的 .xlsx", "The file is broken, not a valid .xlsx")) from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuses document types and entities; more bytes than declared; encodings that would hide them."""
    seen, tail = 0, b""
    with archive.open(part) as stream:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            window = tail + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window or (seen == 0 and b"\x00" in chunk[:200]):
                raise _hostile()
            seen += len(chunk)
            if seen > part.file_size or seen > _MAX_UNPACKED:
                raise _hostile()
            tail = window[-16:]


def _csv_rows(content: bytes) -> Iterator[list[Cell]]:
    text = _decoded(content)
    head = "\n".join(islice(text.splitlines(), 5))
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield list(row)
    except csv.Error as error:
        raise _unreadable(
            Text(f"CSV 第 {reader.line_num} 行无法读取", f"CSV line {reader.line_num} is broken")
        ) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _unreadable(Text("无法识别文件编码，请用 UTF-8 或 .xlsx", "Unknown encoding; use UTF-8 or .xlsx"))


def _unreadable(message: Text) -> UserError:
    return UserError("unreadable_file", message)


def _hostile() -> UserError:
    return UserError("unsafe_file", Text("文件内容异常，已拒绝", "The file looks unsafe and was refused"))
