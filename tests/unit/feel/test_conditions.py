"""A condition decided at a glance is what its closures say; what it cannot decide is left to them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelEnv, FeelFunction, compile_expression
from engine.feel.conditions import condition_of, glance_of
from engine.feel.parser import parse_expression
from engine.feel.runtime import Run
from tests.unit.feel.strategies import VALUES

ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC))
NUMBERS = st.sampled_from([Decimal(0), Decimal(1), Decimal("1.0"), Decimal(5)])
RAW = st.sampled_from([0, 1, 5, float("nan"), 1.0, (), "a", "b", "", True, False, None])
MEMBERS = st.dictionaries(st.sampled_from(["m", "o"]), st.one_of(NUMBERS, RAW), max_size=2)
NAMES = ["x", "y", "z.m", "z.o", "z.none", "count", "missing"]
LITERALS = ["0", "1", "5", '"a"', '""', "true", "null"]


def _compared(left: str, operator: str, right: str) -> str:
    return f"{left} {operator} {right}"


PLAIN = st.one_of(
    st.sampled_from(NAMES),
    st.builds(
        _compared,
        st.sampled_from([*NAMES, *LITERALS]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([*NAMES, *LITERALS]),
    ),
    st.builds("{} between {} and {}".format, st.sampled_from(NAMES), st.sampled_from("015"), st.sampled_from("015")),
    st.builds('{} in ("a", {})'.format, st.sampled_from(NAMES), st.sampled_from(['"b"', '"a"', "1", "null", "x"])),
)
CONDITIONS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.builds("not({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=5,
)
CONTEXTS = st.fixed_dictionaries(
    {"x": st.one_of(NUMBERS, RAW, VALUES), "y": st.one_of(NUMBERS, RAW), "z": st.one_of(MEMBERS, RAW)},
    optional={"count": RAW},
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(CONDITIONS, st.sampled_from([*NAMES, *LITERALS])), CONTEXTS)
def test_answer_at_a_glance_is_what_the_closures_say(text: str, context: dict[str, Any]) -> None:
    glance = glance_of(parse_expression(text, ()))
    told = compile_expression(text).run(context, Run(ENV))
    assert glance is None or glance(context) in (None, told)


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("x > 5000", {"x": Decimal(6000)}, True),
        ("5000 >= x", {"x": Decimal(6000)}, False),
        ('z.outcome = "approved"', {"z": {"outcome": "approved"}}, True),
        ("x != y", {"x": Decimal(1), "y": Decimal("1.0")}, False),
        ("x = null", {"x": "a"}, False),
        ("x != null", {"x": "a"}, True),
        ("x between 1 and 5", {"x": Decimal(5)}, True),
        ('x in ("a", "b")', {"x": "c"}, False),
        ('not(x) and (y = "b" or y = "c")', {"x": False, "y": "c"}, True),
        ("x and y", {"x": False}, False),
    ],
)
def test_usual_forms_are_decided(text: str, context: dict[str, Any], expected: bool) -> None:
    condition = condition_of(parse_expression(text, ()))
    assert condition is not None
    assert condition(context) is expected
    assert compile_expression(text).evaluate(context, ENV) is expected


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [("x", {"x": "a"}, "a"), ("z.m", {"z": {"m": [1]}}, [1]), ('"mail"', {}, "mail"), ("x", {"x": {"m": 1}}, {"m": 1})],
)
def test_variables_members_and_literals_are_answered(text: str, context: dict[str, Any], expected: object) -> None:
    glance = glance_of(parse_expression(text, ()))
    assert glance is not None
    assert glance(context) == expected


@pytest.mark.parametrize(
    ("text", "context", "told"),
    [
        ("x > 5000", {"x": 6000}, True),
        ("x > 5000", {"x": "a"}, None),
        ("x = null", {}, True),
        ("count != null", {}, True),
        ("not(x)", {"x": True, "not": FeelFunction("not", ("negand",), lambda values, run: "mine")}, "mine"),
        ("x and y", {"x": True}, None),
    ],
)
def test_what_cannot_be_decided_is_left_to_the_closures(text: str, context: dict[str, Any], told: object) -> None:
    condition = condition_of(parse_expression(text, ()))
    assert condition is not None
    assert condition(context) is None
    assert compile_expression(text).evaluate(context, ENV) == told
