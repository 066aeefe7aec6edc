"""What the translation to SQL refuses and what it writes."""

import pytest

from engine.feel import FeelError, SqlColumn, SqlValue, compile_expression, to_sql
from tests.unit.feel.cases import ENV

COLUMNS = {"amount": "number", "name": "string", "born": "date", "at": "date and time", "vip": "boolean"}


def resolve(path: tuple[str, ...]) -> SqlColumn | SqlValue | None:
    if path == ("user", "branches"):
        return SqlValue(["east", "west"])
    return SqlColumn(f't."{path[0]}"', COLUMNS[path[0]]) if path[0] in COLUMNS and len(path) == 1 else None


def test_sql_binds_constants_and_wraps_root() -> None:
    condition = to_sql(compile_expression('name = "x"'), resolve, ENV, prefix="p")
    assert condition.sql == (
        '((t."name" = CAST(:p_2 AS text)) AND coalesce((t."name" IS NOT DISTINCT FROM CAST(:p_1 AS text)), false))'
    )
    assert condition.parameters == {"p_1": "x", "p_2": "x"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('name = "x" and amount > 1 and vip', ['(t."name" = CAST(', '(t."amount" > CAST(']),
        ('name = "x" or amount > 1', []),
        ('not(name = "x")', []),
        ('name > "x"', []),
        ("name = null", []),
        ("name != null", []),
    ],
)
def test_sql_says_beside_the_condition_what_an_index_can_answer(text: str, plain: list[str]) -> None:
    condition = to_sql(compile_expression(text), resolve, ENV)
    found = condition.sql.removeprefix("(").split("coalesce(")[0].split(" AND ")[: len(plain)]
    assert [one.startswith(wanted) for one, wanted in zip(found, plain, strict=True)] == [True] * len(plain)
    assert condition.sql.startswith("coalesce(") is not bool(plain)


@pytest.mark.parametrize("name", ["number", "date", "count"])
def test_sql_reads_a_column_named_like_a_function(name: str) -> None:
    condition = to_sql(compile_expression(f'{name} = "x"', names=(name,)), lambda path: SqlColumn("c", "string"), ENV)
    assert condition.sql == (
        "((c = CAST(:feel_2 AS text)) AND coalesce((c IS NOT DISTINCT FROM CAST(:feel_1 AS text)), false))"
    )


def test_sql_takes_known_list_as_one_array() -> None:
    condition = to_sql(compile_expression("name in user.branches"), resolve, ENV)
    assert condition.parameters == {"feel_1": ["east", "west"]}


@pytest.mark.parametrize(
    "text",
    [
        "evil.field != 1",
        "evil != 1",
        "amount",
        'amount = "1"',
        'amount in [1, "a"]',
        "born = at",
        'at > @"2020-01-01T00:00:00"',
        "vip < true",
        "amount > 1 and name",
        "some x in [1] satisfies x = amount",
        'matches(name, "a")',
        "amount ** 2 = 4",
        'upper case(name) = "A"',
        'name = "a\\u0000b"',
        "amount in [[amount]]",
        "name > amount",
    ],
)
def test_sql_refuses_what_is_outside_of_subset(text: str) -> None:
    with pytest.raises(FeelError) as caught:
        to_sql(compile_expression(text), resolve, ENV)
    assert caught.value.code == "feel_not_sql"
    assert caught.value.line == 1
