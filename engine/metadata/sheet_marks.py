"""What the reader of a workbook's cells does not tell: rows there about are, merged cells, formulas without a value.

Found by looking over the first sheet's XML as bytes, once, in bounded memory.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils.cell import range_boundaries

from engine.kernel.archives import BROKEN

_CHUNK, _OVERLAP = 1 << 20, 256
_SHEET = re.compile(r"xl/worksheets/sheet\d*\.xml")
_ROW = re.compile(rb"<row[ >]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_NOT_COMPUTED = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]*><f[^>]*>[^<]{0,200}</f>(?:<v ?/>|<v></v>)?</c>')
_MOST_MERGED = 20_000


@dataclass(frozen=True, slots=True)
class Marks:
    """`rows`: about how many there are, headers too; `spans`: (column from 0, first row, last row) of cells merged
    downwards; `not_computed`: the first cell whose formula has no value, as in `B2`."""

    rows: int
    spans: tuple[tuple[int, int, int], ...]
    not_computed: str | None


def marks_of(content: bytes) -> Marks:
    """The marks of a workbook's first sheet; none where it can't be read (the reader of the cells says why)."""
    rows, spans, not_computed = 0, set[tuple[int, int, int]](), None
    for window, is_new in _windows(content):
        rows += len(_ROW.findall(is_new))
        if not_computed is None and (found := _NOT_COMPUTED.search(window)):
            not_computed = found[1].decode()
        for merged in _MERGED.finditer(window):
            if len(spans) < _MOST_MERGED:
                spans |= _downwards(merged[1].decode())
    return Marks(rows, tuple(sorted(spans)), not_computed)


def _downwards(reference: str) -> set[tuple[int, int, int]]:
    """Cells merged over several rows of one column; merged over columns they are a heading."""
    left, top, right, bottom = range_boundaries(reference)
    if left is None or top is None or bottom is None or left != right or bottom == top:
        return set()
    return {(left - 1, top, bottom)}


def _windows(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Pieces of the XML, each with the end of the one before, and alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [part for part in archive.infolist() if _SHEET.fullmatch(part.filename)]
            if not parts:
                return
            first = min(parts, key=lambda part: (len(part.filename), part.filename))
            tail = b""
            with archive.open(first) as stream:
                for chunk in iter(lambda: stream.read(_CHUNK), b""):
                    yield tail + chunk, chunk
                    tail = chunk[-_OVERLAP:]
    except BROKEN:
        return
