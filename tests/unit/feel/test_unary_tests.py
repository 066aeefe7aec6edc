"""Unary tests of decision table cells."""

from decimal import Decimal

import pytest

from engine.feel import FeelError, Value, compile_unary_tests
from tests.unit.feel.cases import passes

D = Decimal


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", None, True),
        ("-", D(1), True),
        ("-1", D(-1), True),
        ("5", D(5), True),
        ("5", D(6), False),
        ("< 5", D(4), True),
        (">= 5, 1", D(1), True),
        ("[1..5]", D(5), True),
        ("[1..5)", D(5), False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', "c", True),
        ("not(< 5)", D(7), True),
        ("null", None, True),
        ("null", D(1), False),
        ("< 5", None, None),
        ("true", True, True),
        ("true", False, False),
        ("? > 3", D(4), True),
        ("> ? - 1", D(4), True),
        ("not(< ?)", D(4), True),
        ("? > 3 and ? < 5", D(6), False),
        ('contains(?, "x")', "axb", True),
        ('not(contains(?, "x"))', "axb", False),
        ("[1, 2, 3]", D(2), True),
        ("5", "5", None),
        ("> limit", D(8), True),
        ("limit", D(7), True),
        ("limit > 5", "anything", True),
        ('string length("?") = 1', "anything", None),
        ("1 = 1", True, True),
        ('("123", true)', "123", True),
        ('("123", true)', False, None),
        ("(1, 2), 4", D(2), True),
        ("(> 5, < 0)", D(-1), True),
        ("(1..5)", D(1), False),
        ("!= 5", D(4), True),
        ("count(?) > 1", [D(1), D(2)], True),
        ('@"2020-01-01"', None, False),
    ],
)
def test_tests_pass_as_standard_says(tests: str, value: Value, expected: bool | None) -> None:
    assert passes(tests, value, {"limit": D(7)}) is expected


def test_tests_refuse_rest_of_text() -> None:
    with pytest.raises(FeelError) as caught:
        compile_unary_tests("< 5 6")
    assert (caught.value.line, caught.value.column) == (1, 5)
