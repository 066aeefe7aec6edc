"""Times as people and other tools write them (`2 小时`, `30 min`, `timedelta(hours=1)`) in ISO 8601."""

from __future__ import annotations

import re

_UNITS: tuple[tuple[str, bool, str], ...] = (
    ("Y", False, r"years?|yrs?|y|年"),
    ("M", False, r"months?|mon|个月|月"),
    ("W", False, r"weeks?|w|周|星期|个星期"),
    ("D", False, r"days?|d|天|日"),
    ("H", True, r"hours?|hrs?|h|小时|个小时|时"),
    ("M", True, r"minutes?|mins?|m|分钟|分"),
    ("S", True, r"seconds?|secs?|s|秒钟|秒"),
)
_PART = re.compile(r"(?P<number>\d{1,8}(?:\.\d{1,6})?)\s*(?P<unit>[A-Za-z]+|[\u4e00-\u9fff]+)\s*(?:,|and)?\s*")
_DELTA = re.compile(r"(?:datetime\.)?timedelta\((?P<parts>[\w\s=.,]*)\)")
_EVERY = re.compile(r"(?:every|each|每隔?)\s*", re.IGNORECASE)
_ARGUMENT = re.compile(r"(?P<unit>weeks|days|hours|minutes|seconds)\s*=\s*(?P<number>\d{1,8}(?:\.\d{1,6})?)")


def to_iso(text: str, form: str) -> str | None:
    """The ISO 8601 text of a duration or cycle in words; None when it is not understood.

    >>> to_iso("1 day 2 hours", "duration"), to_iso("每 30 分钟", "cycle")
    ('P1DT2H', 'R/PT30M')
    """
    body = text.strip()
    if form == "cycle":
        body = _EVERY.sub("", body, count=1)
    delta = _DELTA.fullmatch(body)
    if delta is not None:
        parts = [(match["number"], match["unit"]) for match in _ARGUMENT.finditer(delta["parts"])]
        found = _period(parts) if len(parts) == delta["parts"].count("=") else None
    else:
        found = _period(_words(body))
    if found is None:
        return None
    return f"R/{found}" if form == "cycle" else found


def _words(body: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(body):
        match = _PART.match(body, place)
        if match is None:
            return []
        found.append((match["number"], match["unit"]))
        place = match.end()
    return found


def _period(parts: list[tuple[str, str]]) -> str | None:
    days, times, last = "", "", -1
    for number, unit in parts:
        rank = next((i for i, (_, _, words) in enumerate(_UNITS) if re.fullmatch(words, unit, re.IGNORECASE)), -1)
        if rank <= last or ("." in number and rank != len(_UNITS) - 1):
            return None
        letter, is_time, _ = _UNITS[rank]
        times += f"{number}{letter}" if is_time else ""
        days += "" if is_time else f"{number}{letter}"
        last = rank
    if not (days or times):
        return None
    return f"P{days}T{times}" if times else f"P{days}"
