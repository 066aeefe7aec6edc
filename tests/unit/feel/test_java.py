"""Functions of Java's library that only calculate mean here what they mean there; others are null."""

from datetime import UTC, datetime

import pytest

from engine.feel import FeelEnv, compile_expression, doubts, from_python
from engine.feel.java_format import formatted

ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC)

CALLS = [
    ("java.lang.Math", "max(int, int)", "3, 7", 7),
    ("java.lang.Math", "max(double,double)", "1.25, -3", 1.25),
    ("java.lang.Math", "min(float,float)", "0.1, 3", 0.1),
    ("java.lang.Math", "abs(long)", "-12", 12),
    ("java.lang.Math", "sqrt(double)", "2", 1.4142135623730951),
    ("java.lang.Math", "pow(double, double)", "2, 10", 1024),
    ("java.lang.Math", "round(double)", "-2.5", -2),
    ("java.lang.Math", "rint(double)", "2.5", 2),
    ("java.lang.Integer", "parseInt(java.lang.String)", '"-42"', -42),
    ("java.lang.Double", "valueOf(java.lang.String)", '"1e3"', 1000),
    ("java.lang.Boolean", "parseBoolean(java.lang.String)", '"TRUE"', True),
    ("java.lang.String", "valueOf(boolean)", "true", "true"),
    (
        "java.lang.String",
        "format(java.lang.String, [Ljava.lang.Object;)",
        '"%s 共 %.2f 元%%", ["学费", 12.5]',
        "学费 共 12.50 元%",
    ),
    (
        "java.lang.String",
        "format(java.lang.String, java.lang.Object...)",
        '"%05d|%-4s|%,d", [42, "a", 1234567]',
        "00042|a   |1,234,567",
    ),
]
NULLS = [
    ("java.lang.Math", "max(int, int)", "3, 7.5"),
    ("java.lang.Math", "max(int, int)", '3, "7"'),
    ("java.lang.Byte", "valueOf(byte)", "128"),
    ("java.lang.Integer", "valueOf(java.lang.String)", '"1_000"'),
    ("java.lang.Integer", "valueOf(java.lang.String)", '"3000000000"'),
    ("java.lang.Double", "valueOf(java.lang.String)", '"NaN"'),
    ("java.lang.Math", "sqrt(double)", "-1"),
    ("java.lang.Math", "pow(double, double)", "10, 999"),
    ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%s %s", "a"'),
    ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%d", 1.5'),
    ("java.lang.String", "format(java.lang.String, [Ljava.lang.Object;)", '"%x", 1'),
    ("java.lang.Runtime", "exec(java.lang.String)", '"ls"'),
    ("java.lang.Math", "max", "1, 2"),
    ("java.lang.Math", "max(int, int)", "1"),
]


def call(place: str, signature: str, arguments: str) -> str:
    names = ", ".join(f"p{place}" for place in range(2 if "," in signature else 1))
    function = f'function({names}) external {{java: {{class: "{place}", method signature: "{signature}"}}}}'
    return f"{{f: {function}, r: f({arguments})}}.r"


@pytest.mark.parametrize(("place", "signature", "arguments", "value"), CALLS)
def test_method_means_what_it_means_in_java(place: str, signature: str, arguments: str, value: object) -> None:
    expression = compile_expression(call(place, signature, arguments))
    assert expression.evaluate({}, ENV) == from_python(value)
    assert doubts(expression) == ()


@pytest.mark.parametrize(("place", "signature", "arguments"), NULLS)
def test_what_java_refuses_or_nobody_knows_is_null(place: str, signature: str, arguments: str) -> None:
    assert compile_expression(call(place, signature, arguments)).evaluate({}, ENV) is None


def test_pattern_that_asks_for_too_much_is_refused_though_every_value_is_there() -> None:
    assert len(formatted("%999s" * 2_000, *(["a"] * 2_000))) == 1_998_000
    with pytest.raises(ValueError, match="10005"):
        formatted("%999s" * 2_001, *(["a"] * 2_001))


def test_unknown_method_is_doubted() -> None:
    (doubt,) = doubts(compile_expression(call("java.lang.Runtime", "exec(java.lang.String)", '"ls"')))
    assert "没有这个外部函数" in doubt.message.zh
    assert "not known here" in doubt.message.en


def test_what_is_no_definition_of_a_function_is_null() -> None:
    for text in ("null", "{java: 1}", "{java: {class: 1, method signature: 2}}", '{pmml: {document: "a", model: "b"}}'):
        assert compile_expression(f"{{f: function(x) external {text}, r: f(1)}}.r").evaluate({}, ENV) is None
