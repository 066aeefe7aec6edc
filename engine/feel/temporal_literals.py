"""The values of ``@"…"``. Source: DMN 1.5, 10.3.2.5."""

from datetime import date, datetime, time

from engine.feel.durations import parse_duration
from engine.feel.exact import Exact, read_date, read_date_time, read_time, simplest
from engine.feel.temporal import parse_date, parse_date_time, parse_time
from engine.feel.values import Value


def parse_at_literal(text: str) -> Value:
    """A date, time, date-time or duration; None when the text is none of them."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if "T" in text[:20] and "-" in text[:14]:
        found = date_time_of_text(text)
        if found is not None:
            return found
    return date_of_text(text) or time_of_text(text)


def date_of_text(text: str) -> date | Exact | None:
    """A date, also of a year that Python does not know."""
    return parse_date(text) or read_date(text)


def time_of_text(text: str) -> time | Exact | None:
    """A time, with nanoseconds where the text has more than six digits of a second."""
    fine = read_time(text)
    found = parse_time(text) if fine is None else simplest(fine)
    return found if isinstance(found, time | Exact) else None


def date_time_of_text(text: str) -> datetime | Exact | None:
    """A date-time of any year; a date alone means its midnight."""
    plain = parse_date_time(text) if read_time(text.partition("T")[2]) is None else None
    if plain is not None:
        return plain
    fine = read_date_time(text)
    found = None if fine is None else simplest(fine)
    return found if isinstance(found, datetime | Exact) else None
