"""What a browser posts, as the nested values ``validate`` takes."""

import re
from typing import Any, Protocol

from forms.definition import Form, FormField, Kind

PRESENT = "_present"
"""Hidden inputs of this name say which boxes, choices and tables are shown: browsers post nothing for empty ones."""

_MAX_ROWS = 500


class FormData(Protocol):
    """A multi-valued mapping such as werkzeug's MultiDict."""

    def keys(self) -> Any:
        """The names posted."""

    def getlist(self, key: str) -> list[str]:
        """All values posted under one name, in order."""


def parse_html(form: Form, posted: FormData) -> dict[str, Any]:
    """The submission of an HTML form: only fields that were on the page.

    Rows of a table are posted as ``lines-0-hours``; the row numbers may have gaps; a row with nothing but
    blanks is left out. Names the form does not know stay out as well (csrf token, outcome, comment).
    """
    shown = set(posted.getlist(PRESENT))
    submitted: dict[str, Any] = {}
    for name, field in form.fields.items():
        if field.kind is Kind.TABLE:
            rows = _rows(field, posted)
            if rows or name in shown:
                submitted[name] = rows
        elif name in set(posted.keys()) or name in shown:
            submitted[name] = _value(field, posted.getlist(name))
    return submitted


def _value(field: FormField, texts: list[str]) -> Any:
    if field.kind in {Kind.CHOICES, Kind.RECORDS}:
        return [text for text in texts if text]
    if field.kind is Kind.BOOLEAN:
        return bool(texts) and texts[-1] not in {"", "false", "0", "off"}
    return texts[-1] if texts else None


def _rows(field: FormField, posted: FormData) -> list[dict[str, Any]]:
    columns = {column.name: column for column in field.columns}
    pattern = re.compile(rf"{re.escape(field.name)}-(\d{{1,4}})-(\w+)")
    rows: dict[int, dict[str, Any]] = {}
    for key in posted.keys():  # noqa: SIM118 - a protocol, not a dict
        match = pattern.fullmatch(key)
        if match and match[2] in columns and len(rows) <= _MAX_ROWS:
            rows.setdefault(int(match[1]), {})[match[2]] = _value(columns[match[2]], posted.getlist(key))
    kept = [rows[number] for number in sorted(rows)]
    return [row for row in kept if any(value not in (None, "", [], False) for value in row.values())]
