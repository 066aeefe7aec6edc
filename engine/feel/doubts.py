"""What can be read but is always null: a wrong number of arguments, types that never mix, dates that are none.

FEEL defines the result, so none of these is an error, and models of others rely on that; who writes one by hand
usually meant something else.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from engine.feel import syntax as fs
from engine.feel.argument_doubts import argument_doubt
from engine.feel.arithmetic import OPERATORS
from engine.feel.builtins import BUILTINS
from engine.feel.comparing import holds
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.errors import error_at, with_advice
from engine.feel.expression import Expression, Tests
from engine.feel.java import method_of
from engine.feel.kinds import kind_text
from engine.feel.members import parts_of_kind
from engine.feel.static_kinds import kind_of
from engine.feel.statictypes import Known
from engine.feel.values import Value
from engine.kernel.text import Text

_SAMPLES: Mapping[str, tuple[Value, ...]] = {
    "number": (Decimal(1),),
    "string": ("a",),
    "boolean": (True,),
    "date": (date(2026, 3, 1),),
    "time": (time(8), time(8, tzinfo=UTC)),
    "date and time": (datetime(2026, 3, 1, 8), datetime(2026, 3, 1, 8, tzinfo=UTC)),
    "days and time duration": (DaysAndTimeDuration(1),),
    "years and months duration": (YearsAndMonthsDuration(1),),
    "list": ([],),
    "context": ({},),
}
_ONE_TYPE = Text("先用 string(…) 或 number(…) 统一类型", "Bring both to one type with string(…) or number(…)")
_DAYS = Text('加减天数写 + @"P7D"', 'Add days as + @"P7D"')
_WRITTEN_DATE = Text('日期写成 @"2026-03-01"', 'Write a date as @"2026-03-01"')
_BRACKETS = Text(
    "函数写成 string length(文字)、contains(文字, 片段)", "Write functions as string length(text), contains(text, part)"
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?![\w.])")
_NOTHING: Known = {}


class Doubt(NamedTuple):
    """``at`` is the 0-based offset; the message names line and column."""

    at: int
    message: Text


def doubts(expression: Expression | Tests, known: Known = _NOTHING) -> tuple[Doubt, ...]:
    """What is always null, in the order of the text. ``known``: types of variables, as far as they are declared."""
    node = expression.node
    roots = (node.tests or ()) if isinstance(node, fs.UnaryTests) else (node,)
    found: list[Doubt] = []
    for root in roots:
        nodes = list(_nodes(root))
        own = {name for one in nodes for name in _declared(one)}
        outer = {name: kind for name, kind in known.items() if name not in own}
        for one in nodes:
            message = _doubt(one, expression.text, outer, own)
            if message is not None:
                at = one.callee.at if isinstance(one, fs.Call) else one.at
                found.append(Doubt(at, error_at(expression.text, at, message).message))
    return tuple(sorted(found, key=lambda doubt: doubt.at))


def _nodes(root: fs.Node) -> Iterator[fs.Node]:
    """All nodes below; types are left out, for they share parts and may be huge when walked."""
    pending: list[object] = [root]
    while pending:
        at = pending.pop()
        if isinstance(at, fs.Node):
            yield at
            pending.extend(getattr(at, slot) for slot in at.__dataclass_fields__)
        elif isinstance(at, list | tuple) and not isinstance(at, fs.TypeName):
            pending.extend(at)


def _declared(node: fs.Node) -> Iterator[str]:
    """Names that the expression itself gives a meaning."""
    if isinstance(node, fs.Entries):
        yield from (key for key, _ in node.entries)
    elif isinstance(node, fs.Function):
        yield from (parameter.name for parameter in node.parameters)
    elif isinstance(node, fs.For | fs.Quantified):
        yield from (iterator.name for iterator in node.iterators)


def _doubt(node: fs.Node, text: str, known: Known, own: set[str]) -> Text | None:
    if isinstance(node, fs.Literal):
        return _literal(node, text)
    if isinstance(node, fs.Call):
        return _call(node, known, own)
    if isinstance(node, fs.Arithmetic):
        return _arithmetic(node, text, known)
    if isinstance(node, fs.Compare):
        return _compare(node, text, known)
    if isinstance(node, fs.Logic):
        return _logic(node, known)
    if isinstance(node, fs.Function):
        return _external(node.body) if node.external else None
    if isinstance(node, fs.Path):
        return _path(node, known)
    if isinstance(node, fs.Filter):
        zero = isinstance(node.condition, fs.Literal) and node.condition.value == 0
        return Text("位置从 1 数起，0 的结果总是空", "Positions count from 1: 0 is always null") if zero else None
    return None


def _literal(node: fs.Literal, text: str) -> Text | None:
    if node.value is not None or text[node.at : node.at + 1] != "@":
        return None
    return Text(
        '不是日期、时间或时长，结果总是空；写成 @"2026-03-01"、@"08:30:00" 或 @"P7D"',
        'Neither a date, a time nor a duration: always null. Write @"2026-03-01", @"08:30:00" or @"P7D"',
    )


def _call(node: fs.Call, known: Known, own: set[str]) -> Text | None:
    callee = node.callee
    if not isinstance(callee, fs.Name) or callee.name not in BUILTINS or callee.name in own or callee.name in known:
        return None
    return argument_doubt(BUILTINS[callee.name], node, known)


def _external(body: fs.Node) -> Text | None:
    """A function of Java that is named in the text and not known, or one of PMML."""
    if not isinstance(body, fs.Entries) or not all(isinstance(part, fs.Entries) for _, part in body.entries):
        return None
    said = {name: _texts(part) for name, part in body.entries if isinstance(part, fs.Entries)}
    if None in said.values() or method_of(said) is not None:
        return None
    return Text("没有这个外部函数，结果总是空", "This external function is not known here: always null")


def _texts(entries: fs.Entries) -> dict[str, Value] | None:
    """The entries when all are constants."""
    found = {name: part.value for name, part in entries.entries if isinstance(part, fs.Literal)}
    return found if len(found) == len(entries.entries) else None


def _path(node: fs.Path, known: Known) -> Text | None:
    """``备注.length``: what texts, numbers and dates have behind a dot is known."""
    kind = kind_of(node.base, known)
    parts = None if kind is None else parts_of_kind(kind)
    if kind is None or parts is None or node.name in parts:
        return None
    said, few = kind_text(kind), ", ".join(parts)
    message = Text(f"{said.zh}没有“{node.name}”，结果总是空", f"There is no {node.name!r} in {said.en}: always null")
    return with_advice(message, Text(f"有的是：{few}", f"There is: {few}") if parts else _BRACKETS)


def _arithmetic(node: fs.Arithmetic, text: str, known: Known) -> Text | None:
    if _is_date(node, text):
        return Text('这是减法；日期写成 @"2026-03-01"', 'This subtracts; write a date as @"2026-03-01"')
    left, right = kind_of(node.left, known), kind_of(node.right, known)
    if left is None or right is None or left not in _SAMPLES or right not in _SAMPLES:
        return None
    operator = OPERATORS[node.operator]
    if any(operator(a, b) is not None for a in _SAMPLES[left] for b in _SAMPLES[right]):
        return None
    first, second = kind_text(left), kind_text(right)
    fix = _DAYS if {left, right} & {"date", "date and time"} and "number" in (left, right) else _ONE_TYPE
    return Text(
        f"{first.zh} {node.operator} {second.zh} 的结果总是空；{fix.zh}",
        f"{first.en} {node.operator} {second.en} is always null. {fix.en}",
    )


def _is_date(node: fs.Arithmetic, text: str) -> bool:
    left = node.left
    if node.operator != "-" or not isinstance(left, fs.Arithmetic) or left.operator != "-":
        return False
    parts = (left.left, left.right, node.right)
    return all(isinstance(part, fs.Literal) for part in parts) and _DATE.match(text, parts[0].at) is not None


def _compare(node: fs.Compare, text: str, known: Known) -> Text | None:
    if isinstance(node.left, fs.Compare) and node.operator not in ("=", "!="):
        return Text(
            "不能连着比较，结果总是空；写成 a > 1 and a < 5",
            "Comparisons do not chain: always null. Write a > 1 and a < 5",
        )
    for side in (node.left, node.right):
        if node.operator not in ("=", "!=") and isinstance(side, fs.Literal) and side.value is None:
            if text[side.at : side.at + 1] == "@":
                return None
            return Text("与 null 比大小的结果总是空", "Less or more than null is always null")
    left, right = kind_of(node.left, known), kind_of(node.right, known)
    if left is None or right is None or left not in _SAMPLES or right not in _SAMPLES:
        return None
    if any(holds(node.operator, a, b) is not None for a in _SAMPLES[left] for b in _SAMPLES[right]):
        return None
    first, second = kind_text(left), kind_text(right)
    dated = {left, right} & {"date", "date and time", "time"} and "string" in (left, right)
    fix = _WRITTEN_DATE if dated else _ONE_TYPE
    return Text(
        f"{first.zh}与{second.zh}不能比较，结果总是空；{fix.zh}",
        f"{first.en} and {second.en} do not compare: always null. {fix.en}",
    )


def _logic(node: fs.Logic, known: Known) -> Text | None:
    for operand in node.operands:
        kind = kind_of(operand, known)
        if kind is not None and kind in _SAMPLES and kind != "boolean":
            name = kind_text(kind)
            return Text(
                f'{node.operator} 的两边应为真假，这里是{name.zh}；“其中之一”写 x in ("a", "b")，单元格里写 "a", "b"',
                f"Both sides of {node.operator} are true or false, this is {name.en}. "
                'Write one of several as x in ("a", "b"), in a cell as "a", "b"',
            )
    return None
