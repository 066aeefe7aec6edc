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
    """``range("[18..21)")``; the endpoints are literals, one of them may be missing."""
    try:
        node = parse_expression(_completed(text.strip()))
    except FeelError:
        return None
    if not isinstance(node, Interval):
        return None
    start, end = (_constant(part or _OPEN) for part in (node.start, node.end))
    if start is None and end is None:
        return None
    if start is not None and end is not None and (compare(start, end) or 0) > 0:
        return None
    if start is not None and end is not None and compare(start, end) is None:
        return None
    return Range(start, end, node.start_included and start is not None, node.end_included and end is not None)


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
