"""Relations between points and ranges (Allen's interval algebra). Source: DMN 1.5, table 78.

Every function takes two values; a point stands for the closed range from itself to itself.
"""

from collections.abc import Callable

from engine.feel.builtins.registry import builtin
from engine.feel.comparing import compare
from engine.feel.values import Range, Value

Relation = Callable[[Range, Range], bool | None]


_NAMES = (("point1", "point2"), ("point", "range"), ("range", "point"), ("range1", "range2"))


class _NoOrder(ValueError):
    """The endpoints have no common order: the relation is null."""


def _order(left: Value, right: Value) -> int:
    order = compare(left, right)
    if order is None:
        raise _NoOrder
    return order


def _starts(r1: Range, r2: Range) -> int:
    """Negative when ``r1`` starts earlier; an open start is later than a closed one at the same point."""
    if r1.start is None or r2.start is None:
        return (r1.start is not None) - (r2.start is not None)
    return _order(r1.start, r2.start) or (r2.start_included - r1.start_included)


def _ends(r1: Range, r2: Range) -> int:
    """Negative when ``r1`` ends earlier; an open end is earlier than a closed one at the same point."""
    if r1.end is None or r2.end is None:
        return (r1.end is None) - (r2.end is None)
    return _order(r1.end, r2.end) or (r1.end_included - r2.end_included)


def _end_to_start(r1: Range, r2: Range) -> int:
    """Negative when ``r1`` ends before ``r2`` starts, 0 when they share exactly that point."""
    if r1.end is None or r2.start is None:
        return 1
    order = _order(r1.end, r2.start)
    return order if order or (r1.end_included and r2.start_included) else -1


def _before(r1: Range, r2: Range) -> bool:
    return _end_to_start(r1, r2) < 0


def _meets(r1: Range, r2: Range) -> bool:
    return _end_to_start(r1, r2) == 0


def _overlaps(r1: Range, r2: Range) -> bool:
    return _end_to_start(r1, r2) >= 0 and _end_to_start(r2, r1) >= 0


def _overlaps_before(r1: Range, r2: Range) -> bool:
    return _starts(r1, r2) < 0 and _end_to_start(r1, r2) >= 0 and _ends(r1, r2) <= 0


def _finishes(r1: Range, r2: Range) -> bool:
    return _ends(r1, r2) == 0 and _starts(r1, r2) >= 0


def _includes(r1: Range, r2: Range) -> bool:
    return _starts(r1, r2) <= 0 and _ends(r1, r2) >= 0


def _begins(r1: Range, r2: Range) -> bool:
    return _starts(r1, r2) == 0 and _ends(r1, r2) <= 0


def _coincides(r1: Range, r2: Range) -> bool:
    return _starts(r1, r2) == 0 and _ends(r1, r2) == 0


def _swapped(relation: Relation) -> Relation:
    return lambda r1, r2: relation(r2, r1)


def _declare(name: str, relation: Relation, first: str, second: str) -> None:
    """``first`` and ``second`` are ``range`` or ``both`` (a point or a range)."""

    def decide(left: Value, right: Value) -> bool | None:
        if not (_allowed(left, first) and _allowed(right, second)):
            return None
        try:
            return relation(_as_range(left), _as_range(right))
        except _NoOrder:
            return None

    for left, right in _NAMES:
        builtin(name, f"{left}: any", f"{right}: any")(decide)


def _allowed(value: Value, wanted: str) -> bool:
    if isinstance(value, Range):
        return value.operator != "!="
    return value is not None and wanted == "both"


def _as_range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


_declare("before", _before, "both", "both")
_declare("after", _swapped(_before), "both", "both")
_declare("meets", _meets, "range", "range")
_declare("met by", _swapped(_meets), "range", "range")
_declare("overlaps", _overlaps, "range", "range")
_declare("overlaps before", _overlaps_before, "range", "range")
_declare("overlaps after", _swapped(_overlaps_before), "range", "range")
_declare("finishes", _finishes, "both", "range")
_declare("finished by", _swapped(_finishes), "range", "both")
_declare("includes", _includes, "range", "both")
_declare("during", _swapped(_includes), "both", "range")
_declare("starts", _begins, "both", "range")
_declare("started by", _swapped(_begins), "range", "both")
_declare("coincides", _coincides, "both", "both")
