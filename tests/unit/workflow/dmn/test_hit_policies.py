"""Each hit policy of DMN 8.2.8 over one table of three overlapping rules."""

import pytest

from engine.workflow.dmn import load_decisions
from tests.unit.workflow.dmn.models import ENV, data, decision, definitions, evaluate, shown, table, text

GRADES = '<output name="grade"><outputValues><text>"high", "middle", "low"</text></outputValues></output>'
RULES = (("> 0", '"low"'), ("> 10", '"high"'), ("> 20", '"middle"'))
NUMBERS = (("> 0", "5"), ("> 10", "2"), ("> 20", "9"))


def grade(policy: str, amount: int, output: str = GRADES, rules: tuple[tuple[str, ...], ...] = RULES) -> str:
    logic = table(policy, ("amount",), (output,), rules)
    return shown(
        definitions(data("amount", "number"), decision("d", logic, requires=("i_amount",))), "d", {"amount": amount}
    )


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ("UNIQUE", 5, '"low"'),
        ("UNIQUE", 15, "null"),
        ("UNIQUE", 0, "null"),
        ("ANY", 5, '"low"'),
        ("ANY", 15, "null"),
        ("FIRST", 25, '"low"'),
        ("PRIORITY", 25, '"high"'),
        ("PRIORITY", 5, '"low"'),
        ("RULE_ORDER", 25, '["low", "high", "middle"]'),
        ("RULE_ORDER", 0, "null"),
        ("OUTPUT_ORDER", 25, '["high", "middle", "low"]'),
        ("COLLECT", 25, '["low", "high", "middle"]'),
        ("COLLECT", 0, "[]"),
    ],
)
def test_policy_chooses_outputs(policy: str, amount: int, expected: str) -> None:
    assert grade(policy, amount) == expected


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ("COLLECT SUM", 25, "16"),
        ("COLLECT MIN", 25, "2"),
        ("COLLECT MAX", 25, "9"),
        ("COLLECT COUNT", 25, "3"),
        ("COLLECT COUNT", 0, "0"),
        ("COLLECT SUM", 0, "null"),
    ],
)
def test_aggregation_makes_one_value(policy: str, amount: int, expected: str) -> None:
    assert grade(policy, amount, '<output name="n"/>', NUMBERS) == expected


def test_any_accepts_hits_that_agree() -> None:
    assert grade("ANY", 25, GRADES, (("> 0", '"low"'), ("> 10", '"low"'))) == '"low"'


def test_default_output_is_used_without_hit() -> None:
    output = '<output name="g"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>'
    assert grade("UNIQUE", 0, output) == '"none"'
    assert grade("RULE_ORDER", 0, output) == '["none"]'


def test_several_outputs_make_a_context() -> None:
    logic = table(
        "UNIQUE", ("a", "b"), ("x", "y"), (("1", "-", '"one"', "b + 1"), ("not(1)", "[1..3]", '"other"', "b"))
    )
    xml = definitions(data("a"), data("b"), decision("d", logic, requires=("i_a", "i_b")))
    assert shown(xml, "d", {"a": 1, "b": 7}) == '{x: "one", y: 8}'
    assert shown(xml, "d", {"a": 2, "b": 3}) == '{x: "other", y: 3}'


def test_result_names_the_rules_that_matched() -> None:
    logic = table("COLLECT", ("amount",), ("n",), NUMBERS)
    xml = definitions(data("amount"), decision("d", logic, requires=("i_amount",)))
    (match,) = evaluate(xml, "d", {"amount": 15}).matches
    assert (match.table_id, match.rules) == ("t", ("r1", "r2"))


def test_priority_compares_columns_from_left_to_right() -> None:
    first = '<output name="a"><outputValues><text>"x", "y"</text></outputValues></output>'
    second = '<output name="b"><outputValues><text>1, 2</text></outputValues></output>'
    logic = table("PRIORITY", ("n",), (first, second), (("-", '"y"', "1"), ("-", '"x"', "2"), ("-", '"x"', "1")))
    xml = definitions(data("n"), decision("d", logic, requires=("i_n",)))
    assert shown(xml, "d") == '{a: "x", b: 1}'


def test_input_outside_of_its_values_is_null_with_reason() -> None:
    values = text('"a", "b"', "inputValues")
    column = f'<input label="level">{text("v", "inputExpression")}{values}</input>'
    rules = "".join(
        f"<rule>{text(cell, 'inputEntry')}{text(value, 'outputEntry')}</rule>"
        for cell, value in (('"z"', "1"), ("null", "2"), ("-", "3"))
    )
    logic = f'<decisionTable id="t" hitPolicy="RULE ORDER">{column}<output/>{rules}</decisionTable>'
    model = definitions(data("v"), decision("d", logic, requires=("i_v",)))
    result = evaluate(model, "d", {"v": "z"})
    assert result.value == [2, 3]
    assert result.matches[0].inputs == {"level": "z"}
    assert result.problems[0].element_id == "t"
    assert evaluate(model, "d", {"v": "a"}).value == [3]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("UNIQUE", "The rules 1, 3 hit together where one alone may"),
        ("ANY", "The rules 1, 3 hit together with different outputs"),
        ("COLLECT SUM", "The outputs of the rules 1, 3 cannot be brought together"),
    ],
)
def test_hits_that_give_nothing_are_explained(policy: str, said: str) -> None:
    logic = table(policy, ("n",), ("<output/>",), (("> 1", "1"), ("> 9", "2"), ("-", '"a"')))
    result = evaluate(definitions(data("n"), decision("d", logic, requires=("i_n",))), "d", {"n": 2})
    assert (result.value, [(one.element_id, one.text.en) for one in result.problems]) == (None, [("t", said)])


def test_output_outside_of_its_values_is_null_with_reason() -> None:
    first = '<output name="grade"><outputValues><text>"A", "B"</text></outputValues></output>'
    second = '<output name="marks"><outputValues><text>string length(?) &gt; 1</text></outputValues></output>'
    rules = (("1", '"A"', '"ok"'), ("2", '"C"', '"x"'), ("3", '["A", "B"]', '["ok", "y"]'))
    xml = definitions(data("n"), decision("d", table("UNIQUE", ("n",), (first, second), rules), requires=("i_n",)))
    assert shown(xml, "d", {"n": 1}) == '{grade: "A", marks: "ok"}'
    assert shown(xml, "d", {"n": 2}) == "{grade: null, marks: null}"
    assert shown(xml, "d", {"n": 3}) == '{grade: ["A", "B"], marks: null}'
    assert [one.element_id for one in evaluate(xml, "d", {"n": 2}).problems] == ["t", "t"]


def test_list_of_input_values_that_cannot_be_read_allows_nothing() -> None:
    column = f'<input label="level">{text("v", "inputExpression")}{text("1 == 1", "inputValues")}</input>'
    rule = f"<rule>{text('null', 'inputEntry')}{text('1', 'outputEntry')}</rule>"
    logic = f'<decisionTable id="t">{column}<output/>{rule}</decisionTable>'
    model = load_decisions(definitions(data("v"), decision("d", logic, requires=("i_v",))))
    assert [one.rule for one in model.findings] == ["dmn.expression"]
    assert model.evaluate("d", {"v": True}, ENV).value == 1
