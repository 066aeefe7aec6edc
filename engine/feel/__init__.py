"""Room `engine.feel`: see docs/architecture.md."""

from engine.feel.doubts import Doubt, doubts
from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.errors import FeelError, with_advice
from engine.feel.expression import Expression, Tests, compile_expression, compile_unary_tests
from engine.feel.naming import name_advice
from engine.feel.runtime import FeelEnv
from engine.feel.sql import SqlColumn, SqlCondition, SqlValue, to_sql
from engine.feel.temporal_literals import parse_at_literal
from engine.feel.values import FeelFunction, Range, Value, from_python, to_json
from engine.feel.wire import from_wire, to_wire

__all__ = [
    "DaysAndTimeDuration",
    "Doubt",
    "Expression",
    "FeelEnv",
    "FeelError",
    "FeelFunction",
    "Range",
    "SqlColumn",
    "SqlCondition",
    "SqlValue",
    "Tests",
    "Value",
    "YearsAndMonthsDuration",
    "compile_expression",
    "compile_unary_tests",
    "doubts",
    "from_python",
    "from_wire",
    "name_advice",
    "parse_at_literal",
    "to_json",
    "to_sql",
    "to_wire",
    "with_advice",
]
