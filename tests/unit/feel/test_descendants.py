"""``value...name``: all values of a name, however deep."""

import pytest

from engine.feel import FeelError, SqlColumn, compile_expression, to_sql
from tests.unit.feel.cases import ENV, shown

SCHOOL = '{east: {head: {name: "Li"}, name: "East"}, name: "Hu", rooms: [{name: "101"}, [{name: null}, {name: "102"}]]}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SCHOOL}...name", '["Li", "East", "Hu", "101", "102"]'),
        (f"{SCHOOL}...head", '[{name: "Li"}]'),
        (f"{SCHOOL}...none", "[]"),
        (f"{SCHOOL}...name[1]", '"Li"'),
        (f'flatten({SCHOOL}...rooms)[name = "101"]...name', '["101"]'),
        ("{a: {a: {a: 1}}}...a", "[{a: {a: 1}}, {a: 1}, 1]"),
        ("{a: [{a: 1}]}...a", "[[{a: 1}], 1]"),
        ("{a: {home address: 1}}...home address", "[1]"),
        ("{a: {b: {c: 1}}}...b.c", "[1]"),
        ("{if: 1}...if", "[1]"),
        ("null...a", "[]"),
        ("1...a", "[]"),
        ('["a"]...a', "[]"),
        ("2 in [1...5]", "false"),
        ("0.7 in [0...8]", "true"),
    ],
)
def test_values_of_the_name_come_in_order_and_outer_ones_first(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_data_that_repeats_itself_uses_up_the_steps() -> None:
    value: object = {"a": 1}
    for _ in range(40):
        value = {"left": value, "right": value}
    with pytest.raises(FeelError) as caught:
        compile_expression("tree...a", names=["tree"]).evaluate({"tree": value}, ENV)
    assert caught.value.code == "feel_budget"


def test_the_whole_value_is_what_is_read() -> None:
    found = compile_expression("school.east...name[x = limit]", names=["school", "limit"]).references
    assert found == {("school", "east"), ("limit",)}


def test_database_conditions_refuse_it() -> None:
    with pytest.raises(FeelError) as caught:
        to_sql(compile_expression("count(a...b) > 1"), lambda path: SqlColumn("a", "number"), ENV)
    assert caught.value.code == "feel_not_sql"
