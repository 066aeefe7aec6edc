"""Typed values as inputs and JSON show them."""

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from forms.definition import FormField, Kind


def display_text(field: FormField, value: Any, zone: tzinfo) -> str:
    """The text an input of this field holds; a wrong submitted text stays as the person typed it.

    Times are shown in the branch's ``zone``, in the format of HTML's ``datetime-local``.
    """
    if value is None or isinstance(value, list | tuple | Mapping | bool):
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Decimal):
        return f"{value:.2f}" if field.kind is Kind.MONEY else plain_number(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def plain_number(value: Decimal) -> str:
    """The number without exponent and without trailing zeros.

    >>> plain_number(Decimal("12.50")), plain_number(Decimal("1E+2"))
    ('12.5', '100')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_value(value: Any) -> Any:
    """The value as JSON: decimals, dates and times as text."""
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
