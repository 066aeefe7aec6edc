"""Calls of built-in functions that are always null: the arguments fit none of their signatures."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from engine.feel import syntax as fs
from engine.feel.advice import is_cell, no_cells
from engine.feel.builtins.registry import Builtin, Parameter, Signature
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.errors import with_advice
from engine.feel.kinds import kind_text
from engine.feel.patterns import compile_pattern
from engine.feel.runtime import FeelEnv, Run
from engine.feel.static_kinds import kind_of
from engine.feel.statictypes import Known
from engine.feel.values import FeelFunction, Range, Value
from engine.kernel.text import Text

_CONVERSIONS = frozenset(["date", "time", "date and time", "duration", "number", "range"])
_FLAGS: Mapping[str, int] = {"matches": 2, "replace": 3, "split": 2}
_CLASSES: Mapping[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "time": time,
    "date and time": datetime,
    "days and time duration": DaysAndTimeDuration,
    "years and months duration": YearsAndMonthsDuration,
    "context": dict,
    "range": Range,
    "function": FeelFunction,
}
_FORMS: Mapping[str, str] = {
    "date": 'date("2026-03-01")',
    "time": 'time("08:30:00")',
    "date and time": 'date and time("2026-03-01T08:30:00")',
    "duration": 'duration("P7D")',
}
_NO_DAY = Text("没有这一天", "There is no such day")
_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ENV = FeelEnv(now=datetime(2026, 1, 1, tzinfo=UTC), max_steps=10_000)


def argument_doubt(builtin: Builtin, node: fs.Call, known: Known) -> Text | None:
    """Why the call is always null, or None when it need not be."""
    if node.names is not None:
        return _names(builtin, set(node.names))
    count = len(node.arguments)
    fitting = [one for one in builtin.signatures if one.required <= count <= one.most]
    if not fitting:
        return _count(builtin, count)
    kinds = [kind_of(argument, known) for argument in node.arguments]
    misfits = [_misfit(signature, kinds) for signature in fitting]
    if None not in misfits:
        return _kind(builtin.name, max(place for place in misfits if place is not None), kinds)
    return _constant(builtin, node) or _pattern(builtin.name, node)


def _names(builtin: Builtin, given: set[str]) -> Text | None:
    if any(given <= set(one.names) and len(given) >= one.required for one in builtin.signatures):
        return None
    said = "; ".join(dict.fromkeys(", ".join(one.names) for one in builtin.signatures))
    if any(map(is_cell, given)):
        return no_cells()
    return Text(
        f"{builtin.name} 的参数名不符，结果总是空；参数名是：{said}",
        f"The arguments of {builtin.name} have other names: always null. They are: {said}",
    )


def _count(builtin: Builtin, count: int) -> Text:
    wanted = _counts(builtin.signatures)
    return Text(
        f"{builtin.name} 要{wanted.zh} 个参数，这里有 {count} 个，结果总是空",
        f"{builtin.name} takes {wanted.en}, not {count}: always null",
    )


def _counts(signatures: Iterable[Signature]) -> Text:
    """How many arguments any of them takes: ``1 or 3 arguments``, ``at least 2 arguments``."""
    counts: set[int] = set()
    for one in signatures:
        if one.repeats:
            return Text(f"至少 {one.required}", f"at least {one.required} {_noun({one.required})}")
        counts |= set(range(one.required, one.most + 1))
    said = [str(count) for count in sorted(counts)]
    return Text(f" {' 或 '.join(said)}", f"{' or '.join(said)} {_noun(counts)}")


def _noun(counts: set[int]) -> str:
    return "argument" if counts == {1} else "arguments"


def _misfit(signature: Signature, kinds: list[str | None]) -> int | None:
    """The place of the first argument whose type cannot fit."""
    last = len(signature.parameters) - 1
    for place, kind in enumerate(kinds):
        if not _may_be(signature.parameters[min(place, last)], kind):
            return place
    return None


def _may_be(parameter: Parameter, kind: str | None) -> bool:
    """A list may have one element that fits; what wants a list takes a single value too."""
    classes, cls = parameter.classes, _CLASSES.get(kind or "")
    if classes is None or cls is None or cls in classes or list in classes:
        return True
    return kind == "date" and datetime in classes


def _kind(name: str, place: int, kinds: list[str | None]) -> Text:
    kind = kind_text(kinds[place] or "")
    return Text(
        f"{name} 的第 {place + 1} 个参数不能是{kind.zh}，结果总是空",
        f"Argument {place + 1} of {name} cannot be {kind.en}: always null",
    )


def _constant(builtin: Builtin, node: fs.Call) -> Text | None:
    """``date("2026-13-01")``"""
    values = [argument.value for argument in node.arguments if isinstance(argument, fs.Literal)]
    if builtin.name not in _CONVERSIONS or len(values) < len(node.arguments) or None in values:
        return None
    if builtin.call(values, Run(_ENV)) is not None:
        return None
    said = Text(f"{builtin.name} 读不懂这个值，结果总是空", f"{builtin.name} cannot read this value: always null")
    return with_advice(said, _remedy(builtin.name, values))


def _remedy(name: str, values: list[Value]) -> Text | None:
    """How the text of a date is written; a date of three numbers or of the right form is a day that there is not."""
    if name == "date" and (len(values) == 3 or (isinstance(values[0], str) and _WHOLE_DATE.fullmatch(values[0]))):
        return _NO_DAY
    form = _FORMS.get(name) if all(isinstance(value, str) for value in values) else None
    return None if form is None else Text(f"写成 {form}", f"Write {form}")


def _pattern(name: str, node: fs.Call) -> Text | None:
    if name not in _FLAGS or len(node.arguments) < 2:
        return None
    pattern, flags = node.arguments[1], node.arguments[_FLAGS[name] :]
    said = [one.value for one in (pattern, *flags) if isinstance(one, fs.Literal) and isinstance(one.value, str)]
    if len(said) < 1 + len(flags) or compile_pattern(said[0], "".join(said[1:])) is not None:
        return None
    return Text("正则表达式有误，结果总是空", "The regular expression is not valid: always null")
