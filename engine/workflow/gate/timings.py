"""Texts of timers that say no time, or another one than meant (BPMN 2.0.2 10.5.5.13, ISO 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.feel import FeelError, compile_expression
from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, NodeKind, Process, Timer
from engine.workflow.bpmn.rhythm import is_rhythm
from engine.workflow.bpmn.timers import Period, Rhythm, Schedule, TimerError, parse_timer
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings
from engine.workflow.gate.types import kind_of

_LIKE_ISO = re.compile(r"-?P(?:\d|T\d)\S*|R\d*/\S*|\d{4}-\d\S*|\d+(?:\.\d+)?[A-Za-z]+")
_EXAMPLES = {
    "date": Text("写成 2026-09-01T08:00，或 FEEL 表达式", "Write 2026-09-01T08:00, or a FEEL expression"),
    "duration": Text("写成 P2D 或 PT30M，或 FEEL 表达式", "Write P2D or PT30M, or a FEEL expression"),
    "cycle": Text(
        "写成 R3/PT10M（每 10 分钟，共 3 次）、0 0 9 * * ?（每天 9 点），或 FEEL 表达式",
        "Write R3/PT10M (every 10 minutes, 3 times), 0 0 9 * * ? (every day at nine), or a FEEL expression",
    ),
}
_FORMS = {"date": Text("日期", "date"), "duration": Text("时长", "duration"), "cycle": Text("周期", "cycle")}
_TEMPORAL = frozenset({"date", "date time", "string", "days and time duration", "years and months duration"})


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every timer with a text."""
    for node in process.nodes.values():
        for event in node.events:
            if event.timer is not None and event.timer.expression.text.strip():
                yield from _timer(node, event.timer)


def _timer(node: Node, timer: Timer) -> Iterator[Finding]:
    text, form = timer.expression.text.strip(), timer.form
    fix = _EXAMPLES[form]
    try:
        plan = parse_timer(text, form)
    except TimerError:
        if _LIKE_ISO.fullmatch(text) or is_rhythm(text) or _wrong_kind(text):
            zh, en = f"“{text[:60]}”不是{_FORMS[form].zh}", f"{text[:60]!r} is no {_FORMS[form].en}"
            yield remark(node, "timings.text", Text(zh, en), fix)
        return
    if form != _form_of(plan, text):
        zh, en = (
            f"这里应填{_FORMS[form].zh}，实际为“{text[:60]}”",
            f"Expected a {_FORMS[form].en}, but found {text[:60]!r}",
        )
        yield remark(node, "timings.form", Text(zh, en), fix, "warning")
    if isinstance(plan.period, Period) and _is_negative(plan.period):
        zh, en = "时长为负，会立即到期", "The duration is negative: it is due at once"
        yield remark(node, "timings.negative", Text(zh, en), fix, "warning")
    if form == "cycle" and isinstance(plan.period, Period) and plan.count != 1 and _fires_once(node):
        zh, en = "这里只会到期一次，周期不起作用", "Here it fires once: the cycle has no effect"
        yield remark(node, "timings.once", Text(zh, en), Text("改为时长", "Make it a duration"), "warning")


def _form_of(plan: Schedule, text: str) -> str:
    if text.startswith("R") or isinstance(plan.period, Rhythm):
        return "cycle"
    return "date" if plan.period is None else "duration"


def _is_negative(period: Period) -> bool:
    return period.months < 0 or period.span.total_seconds() < 0


def _fires_once(node: Node) -> bool:
    return node.kind is NodeKind.CATCH or (node.kind is NodeKind.BOUNDARY and node.interrupting)


def _wrong_kind(text: str) -> bool:
    """An expression that can only give a number, a truth value or the like."""
    try:
        found = kind_of(compile_expression(text.removeprefix("=")).node, {})
    except FeelError:
        return False
    return found is not None and found not in _TEMPORAL
