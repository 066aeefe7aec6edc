"""The paths an expression reads, its unknown names, and the strict mode."""

import pytest

from engine.feel import FeelError, compile_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contract.amount > 5", {"contract.amount"}),
        ("contract != null and contract.amount > 5", {"contract", "contract.amount"}),
        ("a.b.c + a.b.d", {"a.b.c", "a.b.d"}),
        ("lines[amount > 5].name", {"lines.amount", "lines.name"}),
        ("count(lines[item.amount > limit])", {"lines", "lines.amount", "lines.limit", "limit"}),
        ("for l in lines return l.amount", {"lines.amount"}),
        ("for l in lines return 1", {"lines"}),
        ("some l in lines satisfies l.tags[1] = x", {"lines.tags", "x"}),
        ("{k: a, v: k + b}.v", {"a", "b"}),
        ("function(x) x + y", {"y"}),
        ("today() > due", {"due"}),
        ("for i in 1..n return i", {"n"}),
        ("sum(lines.amount)", {"lines.amount"}),
    ],
)
def test_references_are_paths_of_free_names(text: str, expected: set[str]) -> None:
    known = ("contract", "lines", "limit", "a", "b", "x", "y", "n", "due")
    assert {".".join(path) for path in compile_expression(text, known).references} == expected


def test_unknown_names_are_listed_with_their_place() -> None:
    found = compile_expression("amout > 5 and amount < 9", names=("amount",)).unknown
    assert [(unknown.name, unknown.at) for unknown in found] == [("amout", 0)]


def test_strict_mode_refuses_unknown_names() -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression("1 + amout", names=("amount",), strict=True)
    assert (caught.value.code, caught.value.column) == ("feel_unknown_name", 5)


@pytest.mark.parametrize(
    ("names", "text", "value"),
    [
        (("loan amount", "loan"), "loan amount + 1", "8"),
        (("a-b", "a", "b"), "a-b", "7"),
        (("金额（元）",), "金额（元） + 1", "8"),
        (("terms and conditions",), "terms and conditions", "7"),
        (("date and time of birth",), "date and time of birth", "7"),
        (("item count",), "[1, 2][item count = 7]", "[1, 2]"),
    ],
)
def test_longest_known_name_wins(names: tuple[str, ...], text: str, value: str) -> None:
    from engine.feel.builtins.conversion import describe
    from tests.unit.feel.cases import ENV

    assert describe(compile_expression(text, names).evaluate({names[0]: 7}, ENV)) == value
