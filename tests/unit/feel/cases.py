"""Evaluate a FEEL text and write its value back as FEEL text."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.feel import FeelEnv, Value, compile_expression, compile_unary_tests
from engine.feel.builtins.conversion import describe

ENV = FeelEnv(now=datetime(2026, 3, 1, 16, 30, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


def feel(text: str, context: dict[str, Value] | None = None) -> Value:
    """The value of ``text``."""
    return compile_expression(text, names=context or ()).evaluate(context or {}, ENV)


def shown(text: str, context: dict[str, Value] | None = None) -> str:
    """The value of ``text`` as FEEL writes it."""
    return describe(feel(text, context))


def passes(tests: str, value: Value, context: dict[str, Value] | None = None) -> bool | None:
    """Does ``value`` pass the unary tests?"""
    return compile_unary_tests(tests, names=context or ()).evaluate(value, context or {}, ENV)
