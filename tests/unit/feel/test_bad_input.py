"""Any text ends in a value or a FeelError, soon, and with bounded work."""

import time

import pytest
from hypothesis import given, settings

from engine.feel import (
    FeelEnv,
    FeelError,
    compile_expression,
    compile_unary_tests,
    doubts,
    from_python,
    name_advice,
    to_json,
    to_wire,
)
from engine.feel.syntax import TypeName
from tests.unit.feel.cases import ENV
from tests.unit.feel.strategies import SOURCES

SMALL = FeelEnv(now=ENV.now, max_steps=20_000)
CONTEXT = {"x": [1, 2], "y z": {"a": 1}, "学费": None}
HOSTILE = [
    "(" * 5_000,
    "[" * 5_000,
    "{a:" * 5_000,
    "-" * 5_000 + "1",
    "not(" * 5_000,
    "if " * 5_000,
    "for i in " * 3_000,
    "function(a) " * 3_000,
    "1" + "+1" * 20_000,
    "a" + ".a" * 20_000,
    "a" + "[1]" * 20_000,
    "f" + "()" * 20_000,
    "[1.." * 3_000,
    "/*" * 40_000,
    '"' + "\\" * 50_000,
    "x instance of " + "list<" * 5_000,
    "a " * 40_000,
    "1" * 90_000,
    "1e999999999",
    "@" * 5_000,
    "x" * 200_000,
]
RUNAWAY = [
    "for a in 1..100000, b in 1..100000 return a",
    "count(for a in 1..10000, b in 1..10000, c in 1..10000 return 1)",
    "some a in 1..1000000000 satisfies a < 0",
    "{f: function(n) f(n), r: f(1)}.r",
    "{f: function(n) f(n - 1) + f(n - 2), r: f(1000)}.r",
    '{f: function(s, n) if n = 0 then string length(s) else f(s + s, n - 1), r: f("0123456789", 50)}.r',
    "{f: function(l, n) if n = 0 then count(l) else f(concatenate(l, l), n - 1), r: f([1, 2, 3], 50)}.r",
    "sort(for i in 1..200000 return modulo(i * 7919, 100003), function(a, b) a < b)",
    "string({f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f([1], 40)}.r)",
    "{f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f([1], 40) = f([1], 40)}.r",
    "{f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f([1], 40) instance of "
    + "list<" * 41
    + "number"
    + ">" * 41
    + "}.r",
    "distinct values(for i in 1..100000 return [i])",
]


@settings(max_examples=400, deadline=1_000)
@given(SOURCES)
def test_any_text_ends_in_value_or_feel_error(text: str) -> None:
    try:
        expression = compile_expression(text, names=CONTEXT)
        assert all(doubt.at <= len(text) for doubt in doubts(expression))
        assert all(
            advice is None or advice.zh for advice in (name_advice(one.name, CONTEXT) for one in expression.unknown)
        )
        expression.evaluate(CONTEXT, SMALL)
    except FeelError as error:
        assert error.message.zh
        assert error.message.en
    try:
        compile_unary_tests(text, names=CONTEXT).evaluate(1, CONTEXT, SMALL)
    except FeelError as error:
        assert error.code


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_answered_soon(text: str) -> None:
    start = time.process_time()
    try:
        expression = compile_expression(text)
        doubts(expression)
        expression.evaluate({}, SMALL)
    except FeelError as error:
        assert error.code in ("feel_invalid", "feel_too_deep")
    assert time.process_time() - start < 3


@pytest.mark.parametrize("text", RUNAWAY)
def test_runaway_evaluation_is_stopped(text: str) -> None:
    start = time.process_time()
    with pytest.raises(FeelError) as caught:
        compile_expression(text).evaluate({}, ENV)
    assert caught.value.code in ("feel_budget", "feel_too_deep")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000 return sum(big)",
        "for i in 1..100000 return index of(big, -1)",
        "for i in 1..100000 return -1 in big",
        "for i in 1..100000 return big.a",
        "for i in 1..100000 return upper case(long)",
        'for i in 1..100000 return matches(long, "x$")',
        "for i in 1..100000 return long = other",
        "for i in 1..100000 return long < other",
        "string join(texts, long)",
        "{f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f([{a: 1}], 40).a}.r",
    ],
)
def test_long_lists_and_texts_use_up_steps(text: str) -> None:
    context = {"big": from_python(list(range(30_000))), "texts": ["a"] * 30_000, "long": "a" * 900_000}
    start = time.process_time()
    with pytest.raises(FeelError) as caught:
        compile_expression(text).evaluate({**context, "other": "a" * 899_999 + "b"}, SMALL)
    assert caught.value.code == "feel_budget"
    assert time.process_time() - start < 2


@pytest.mark.parametrize("text", ['substring("a", big)', "sublist([1], big)", "floor(1.5, big)", "remove([1], -big)"])
def test_positions_of_any_size_cost_nothing(text: str) -> None:
    expression = compile_expression(f"for i in 1..3000 return {text}")
    start = time.process_time()
    assert expression.evaluate({"big": from_python(10**6000)}, ENV) == [None] * 3000
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", ["product(1e-6170, 2)", "sum(1e-6176, 1e-6176)", "max(1e-6176, 0)"])
def test_smallest_numbers_are_numbers(text: str) -> None:
    assert compile_expression(f"{text} > 0").evaluate({}, ENV) is True


def test_types_that_share_their_parts_are_not_walked() -> None:
    wide = TypeName("number")
    for _ in range(60):
        wide = TypeName("context", (wide, wide), ("a", "b"))
    expression = compile_expression("for x in [1] return x instance of tWide", types={"tWide": wide})
    assert doubts(expression) == ()
    assert expression.evaluate({}, SMALL) == [False]


@pytest.mark.parametrize("text", ["for i in 9e6144..-1 return i", "some i in 1..1e35 satisfies i < 0"])
def test_numbers_without_a_next_one_are_not_walked(text: str) -> None:
    start = time.process_time()
    assert compile_expression(text).evaluate({}, ENV) is None
    assert time.process_time() - start < 1


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*c", "(.*)*x", "(a?){50}a{50}"])
def test_pattern_runs_in_linear_time(pattern: str) -> None:
    start = time.process_time()
    expression = compile_expression("matches(text, pattern)")
    assert expression.evaluate({"text": "a" * 50_000 + "b", "pattern": pattern}, ENV) in (True, False)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("(a*)*\\1b", "feel_budget"),
        ("(a|aa)*\\1c", "feel_budget"),
        ("(" * 900 + ")" * 900 + "\\1", None),
        ("(?:" * 8 + "(a)" + "){900}" * 8 + "\\1", None),
        ("(?:" * 8 + "){900}" * 8 + "(a)\\1", None),
    ],
)
def test_back_references_use_bounded_steps(pattern: str, answer: str | None) -> None:
    start = time.process_time()
    expression = compile_expression("matches(text, pattern)")
    try:
        assert expression.evaluate({"text": "a" * 5_000, "pattern": pattern}, SMALL) is None
    except FeelError as error:
        assert error.code == answer
    else:
        assert answer is None
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("1 +", 1, 4, "Expected a value"),
        ("1 +\n  )", 2, 3, "Expected a value"),
        ('"abc', 1, 1, "no closing quote"),
        ("a = 1 2", 1, 7, "Expected the end"),
        ("金额 ＞ 5", 1, 4, "'＞'"),
        ("if a then b", 1, 12, "Expected 'else'"),
        ("{a 1}", 1, 5, "colon"),
        ("1 # 2", 1, 3, "Unexpected character"),
        ("/* a", 1, 1, "comment"),
        ("", 1, 1, "Expected a value"),
    ],
)
def test_error_points_at_its_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in caught.value.message.en


def test_long_or_chains_are_no_nesting() -> None:
    text = " or ".join(f"n = {number}" for number in range(3_000))
    assert compile_expression(text).evaluate({"n": 2_999}, ENV) is True


def test_shared_parts_are_not_written_out_without_end() -> None:
    value = compile_expression("{f: function(l, n) if n = 0 then l else f([l, l], n - 1), r: f([1], 40)}.r").evaluate(
        {}, ENV
    )
    for write in (to_wire, to_json, from_python):
        with pytest.raises(FeelError):
            write(value)


def test_partial_results_hold_no_circles() -> None:
    assert compile_expression("for i in 1..3 return partial").evaluate({}, ENV) == [[], [[]], [[], [[]]]]
