"""The two durations of FEEL. They are different types and never compare with each other.

Source: DMN 1.5, 10.3.2.3.7 and 10.3.2.3.8.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

NANOS = 1_000_000_000
_MAX_DIGITS = 18
_PATTERN = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:(T)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class DaysAndTimeDuration:
    """A length of time in nanoseconds, positive or negative."""

    nanoseconds: int = 0

    @classmethod
    def from_timedelta(cls, delta: timedelta) -> "DaysAndTimeDuration":
        """The same length, exactly."""
        return cls(((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000)

    def to_timedelta(self) -> timedelta:
        """The same length, cut to microseconds. Raises: OverflowError beyond 999,999,999 days."""
        micros = abs(self.nanoseconds) // 1000
        return timedelta(microseconds=micros if self.nanoseconds >= 0 else -micros)

    def seconds_total(self) -> Decimal:
        """The length in seconds."""
        return Decimal(self.nanoseconds).scaleb(-9)

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        seconds, nanos = divmod(abs(self.nanoseconds), NANOS)
        days, seconds = divmod(seconds, 86_400)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
        clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
        clock += f"{seconds}{fraction}S" * bool(seconds or nanos)
        sign = "-" if self.nanoseconds < 0 else ""
        return f"{sign}P" + f"{days}D" * bool(days) + f"T{clock}" * bool(clock)


@dataclass(frozen=True, slots=True, order=True)
class YearsAndMonthsDuration:
    """A number of months, positive or negative."""

    months: int = 0

    def __str__(self) -> str:
        if not self.months:
            return "P0M"
        years, months = divmod(abs(self.months), 12)
        return ("-P" if self.months < 0 else "P") + f"{years}Y" * bool(years) + f"{months}M" * bool(months)


Duration = DaysAndTimeDuration | YearsAndMonthsDuration


def parse_duration(text: str) -> Duration | None:
    """``P1Y2M`` or ``P1DT2H3M4.5S``; None when it is neither (a mixture of both included).

    >>> str(parse_duration("PT36H"))
    'P1DT12H'
    """
    match = _PATTERN.fullmatch(text)
    if match is None or any(len(group or "") > _MAX_DIGITS for group in match.groups()):
        return None
    sign, years, months, days, time_mark, hours, minutes, seconds, fraction = match.groups()
    factor = -1 if sign else 1
    has_time = hours or minutes or seconds
    if time_mark and not has_time:
        return None
    if years or months:
        if days or time_mark:
            return None
        return YearsAndMonthsDuration(factor * (int(years or 0) * 12 + int(months or 0)))
    if not days and not has_time:
        return None
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    nanos = int((fraction or "").ljust(9, "0")[:9])
    return DaysAndTimeDuration(factor * (whole * NANOS + nanos))
