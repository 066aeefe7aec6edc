"""The values of ``@"…"``. Source: DMN 1.5, 10.3.2.5."""

from engine.feel.durations import parse_duration
from engine.feel.temporal import parse_date, parse_date_time, parse_time
from engine.feel.values import Value


def parse_at_literal(text: str) -> Value:
    """A date, time, date-time or duration; None when the text is none of them."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if "T" in text[:14] and "-" in text[:11]:
        found = parse_date_time(text)
        if found is not None:
            return found
    day = parse_date(text)
    return day if day is not None else parse_time(text)
