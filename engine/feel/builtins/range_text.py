"""``range(from)``: a range of its text. Source: DMN 1.5, table 72."""

from engine.feel.builtins.conversion import to_date, to_date_time, to_duration, to_time
from engine.feel.builtins.registry import builtin
from engine.feel.comparing import compare
from engine.feel.errors import FeelError
from engine.feel.parser import parse_expression
from engine.feel.syntax import Call, Interval, Literal, Name, Node
from engine.feel.values import Range, Value

_CONVERSIONS = {"date": to_date, "time": to_time, "date and time": to_date_time, "duration": to_duration}
_OPEN = Literal(0, None)


@builtin("range", "from: string")
def to_range(text: str) -> Range | None:
    """``range("[18..21)")``; the endpoints are literals, one of them may be missing; ``>=18`` is no such text."""
    try:
        node = parse_expression(_completed(text.strip()))
    except FeelError:
        return None
    if not isinstance(node, Interval) or ".." not in text:
        return None
    start, end = (_constant(part or _OPEN) for part in (node.start, node.end))
    ends = (node.start, start, node.start_included), (node.end, end, node.end_included)
    if not all(_is_sound(*one) for one in ends) or (start is None and end is None):
        return None
    if start is not None and end is not None:
        order = compare(start, end)
        if order is None or order > 0:
            return None
    return Range(start, end, node.start_included, node.end_included)


def _is_sound(node: Node | None, value: Value, included: bool) -> bool:
    """A missing endpoint must be open, a given one a value."""
    if value is not None:
        return True
    return not included and (node is None or isinstance(node, Literal))


def _completed(text: str) -> str:
    """``(..5]`` as ``(null..5]``."""
    left, dots, right = text.partition("..")
    left = f"{left}null" if left.strip() in ("(", "[", "]") else left
    right = f"null{right}" if right.strip() in (")", "]", "[") else right
    return left + dots + right


def _constant(node: Node) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call) and isinstance(node.callee, Name) and len(node.arguments) == 1:
        convert = _CONVERSIONS.get(node.callee.name)
        argument = node.arguments[0]
        if convert is not None and isinstance(argument, Literal) and isinstance(argument.value, str):
            return convert(argument.value)
    return None
