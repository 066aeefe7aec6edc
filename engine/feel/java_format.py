"""``String.format`` of Java, as far as texts, whole numbers and numbers with decimals go."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.feel.values import number_text

_MOST = 1_000
_LONGEST = 10_000
_PART = re.compile(r"%(?P<flags>[-0,+]*)(?P<width>\d{1,3})?(?:\.(?P<digits>\d{1,2}))?(?P<kind>[sdf%n])|%")


def formatted(pattern: str, *values: Any) -> str:
    """``formatted("%s: %.2f", "a", Decimal("1.5"))``.

    Raises: ValueError for what has no value, one of another type, a conversion beyond %s, %d, %f, %% and %n, or a
        pattern of more than 10,000 characters: each five of them may ask for a thousand.
    """
    if len(pattern) > _LONGEST:
        raise ValueError(len(pattern))
    left = list(values)
    return _PART.sub(lambda part: _written(part, left), pattern)


def _written(part: re.Match[str], left: list[Any]) -> str:
    kind, flags = part["kind"], part["flags"] or ""
    if kind in ("%", "n"):
        return "%" if kind == "%" else "\n"
    if kind is None or not left:
        raise ValueError(part.group())
    text = _text(kind, left.pop(0), flags, part["digits"])
    width = min(int(part["width"] or 0), _MOST)
    if "0" in flags and kind != "s":
        return text.zfill(width)
    return text.ljust(width) if "-" in flags else text.rjust(width)


def _text(kind: str, value: Any, flags: str, digits: str | None) -> str:
    if kind == "s":
        text = _plain(value)
        return text if digits is None else text[: int(digits)]
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise ValueError(value)
    amount = Decimal(str(value))
    if kind == "d" and amount != amount.to_integral_value():
        raise ValueError(value)
    places = 0 if kind == "d" else int(digits or 6)
    amount = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{amount:{'+' if '+' in flags else ''}{',' if ',' in flags else ''}f}"


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        return number_text(Decimal(str(value)))
    if isinstance(value, str):
        return value
    raise ValueError(value)
