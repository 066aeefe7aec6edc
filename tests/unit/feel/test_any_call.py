"""Random calls of all built-in functions with values at the edges end in a value or a FeelError, soon."""

import time
from random import Random

import pytest

from engine.feel import FeelEnv, FeelError, FeelFunction, compile_expression, doubts, from_wire, to_json, to_wire
from engine.feel.builtins import BUILTINS
from tests.unit.feel.cases import ENV

SMALL = FeelEnv(now=ENV.now, max_steps=20_000)
CONTEXT = {"名单": ["a", None, 3], "课": {"a": {"a": 1}}, "长": "甲乙" * 2_000}
EDGES = [
    *("0", "-1", "0.5", "1e6144", "-9e6144", "1e-6176", "9999999999999999999999999999999999", "6176", "null", "true"),
    *('""', '"甲"', '"(a+)+$"', '"(.)\\\\1"', '"[a-"', '"2026-02-30"', '"P999999999999999999D"', '"[1..3]"', '"i"'),
    *('@"0001-01-01"', '@"999999999-12-31"', '@"-999999999-01-01T00:00:00Z"', '@"-P999999999999D"', '@"P999999999Y"'),
    *('@"10:00:00.123456789@Asia/Shanghai"', '@"2026-03-29T02:30:00@Europe/Paris"', '@"9999-12-31T23:59:59-14:00"'),
    *("名单", "课", "长", "[]", "[[1], 2]", "{a: null}", "[1..9]", "(< 3)", "function(p, q) p = q", "1e6144..9e6144"),
]
SHAPES = [
    *("({0} {op} {1})", "[{0}, {1}]", "{0}[{1}]", "({0}).a", "({0}).year", "{{a: {0}, b: {1}}}", "({0} in {1})"),
    *("(for i in {0} return {1})", "(for i in {0}..{1} return i)", "(some i in {0} satisfies {1})", "-({0})"),
    *("(if {0} then {1} else {0})", "({0} instance of list<number>)", "({0} between {1} and {0})", "[{0}..{1})"),
]
OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or"]


def written(picker: Random, depth: int) -> str:
    """A random expression, most often a call."""
    if depth == 0:
        return picker.choice(EDGES)
    if picker.random() < 0.6:
        name = picker.choice(sorted(BUILTINS))
        signature = picker.choice(BUILTINS[name].signatures)
        given = [written(picker, depth - 1) for _ in range(picker.choice([len(signature.names)] * 4 + [0, 1, 3]))]
        if picker.random() < 0.2:
            given = [f"{key}: {value}" for key, value in zip(signature.names, given, strict=False)]
        return f"{name}({', '.join(given)})"
    parts = [written(picker, depth - 1) for _ in range(2)]
    return picker.choice(SHAPES).format(*parts, op=picker.choice(OPERATORS))


@pytest.mark.parametrize("seed", range(6))
def test_random_calls_are_answered_soon(seed: int) -> None:
    picker = Random(seed)
    for _ in range(120):
        text = written(picker, picker.randint(1, 3))
        start = time.process_time()
        try:
            expression = compile_expression(text, names=CONTEXT)
            doubts(expression)
            value = expression.evaluate(CONTEXT, SMALL)
            to_json(value)
            if not isinstance(value, FeelFunction):
                from_wire(to_wire(value))
        except FeelError as error:
            assert error.code.startswith("feel_"), text
        assert time.process_time() - start < 1.5, text
