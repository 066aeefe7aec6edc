"""Files that are no DMN, and faults inside of DMN files."""

import pytest

from engine.workflow.dmn import DmnError, load_decisions
from tests.unit.workflow.dmn.models import ENV, NAMESPACE, data, decision, definitions, shown, table, text

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]

OMG = "http://www.omg.org/spec/"
HTTPS = "https://www.omg.org/spec/"
YES = '"yes"'
CELL = (
    f'<decisionTable id="t"><input>{text("1", "inputExpression")}</input><output/><rule id="r">'
    '<inputEntry expressionLanguage="FEEL"><text>[1..3]</text></inputEntry>'
    f"{text(YES, 'outputEntry')}</rule></decisionTable>"
)


@pytest.mark.parametrize("namespace", VERSIONS)
def test_every_version_is_read(namespace: str) -> None:
    model = load_decisions(definitions(decision("d", text("1 + 1")), namespace=namespace))
    assert str(model.evaluate("d", {}, ENV).value) == "2"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\xff\xfe\x00",
        b"<definitions/>",
        b"<a>",
        b'<!DOCTYPE d [<!ENTITY a "b">]><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">&a;</definitions>',
        b"<x>" * 500 + b"</x>" * 500,
    ],
)
def test_other_bytes_are_refused(xml: bytes) -> None:
    with pytest.raises(DmnError):
        load_decisions(xml)


@pytest.mark.parametrize(
    ("parts", "rule", "element"),
    [
        ([decision("d", text("1 +"))], "dmn.expression", "d"),
        ([decision("d", "")], "dmn.expression_missing", "d"),
        ([decision("d", text("x + 1"))], "dmn.unknown_name", "d"),
        ([decision("d", text('upper case("a", 1)'))], "dmn.always_null", "d"),
        ([decision("d", text("1"), requires=("i_gone",))], "dmn.requirement_missing", "d"),
        ([decision("d", text("1")), decision("d", text("2"))], "dmn.id", "d"),
        ([decision("d", text("e"), requires=("e",)), decision("e", text("d"), requires=("d",))], "dmn.cycle", "d"),
        ([decision("d", text("1", expressionLanguage="urn:groovy"))], "dmn.language", "d"),
        ([decision("d", text("1", expressionLanguage=f"{OMG}DMN/20240513/B-FEEL/"))], "dmn.language", "d"),
        ([decision("d", CELL.replace("FEEL", "juel"))], "dmn.language", "r"),
        ([data("a", "tNone")], "dmn.type_unknown", "i_a"),
        ([decision("d", table("WRONG", ("1",), ("o",), ()))], "dmn.hit_policy", "t"),
        ([decision("d", table("UNIQUE", ("1",), ("o",), (("-",),)))], "dmn.rule_shape", "r1"),
        ([decision("d", table("UNIQUE", ("1",), ("o",), (("> >", "1"),)))], "dmn.expression", "r1"),
    ],
)
def test_fault_becomes_a_finding_at_its_element(parts: list[str], rule: str, element: str) -> None:
    model = load_decisions(definitions(*parts))
    assert (element, rule) in {(finding.element_id, finding.rule) for finding in model.findings}
    for key in model.decisions:
        model.evaluate(key, {}, ENV)


@pytest.mark.parametrize(
    ("word", "meant"), [("integer", "number"), ("Number", "number"), ("tGread", "tGrade"), ("urn", "")]
)
def test_unknown_type_is_told_with_what_was_meant(word: str, meant: str) -> None:
    grade = '<itemDefinition name="tGrade"><typeRef>string</typeRef></itemDefinition>'
    (finding,) = load_decisions(definitions(grade, data("a", word))).findings
    assert finding.text.en == f"There is no type {word!r}" + (f". Did you mean {meant!r}?" if meant else "")


@pytest.mark.parametrize(
    "language", ["feel", "FEEL", f"{OMG}FEEL/20140401", f"{OMG}DMN/20180521/FEEL/", f"{HTTPS}DMN/20240513/FEEL/"]
)
def test_feel_goes_by_the_names_of_all_versions(language: str) -> None:
    model = load_decisions(definitions(decision("d", CELL.replace("FEEL", language))))
    assert model.findings == ()
    assert model.evaluate("d", {}, ENV).value == "yes"


def test_unknown_decision_is_refused() -> None:
    with pytest.raises(DmnError):
        load_decisions(definitions()).evaluate("none", {}, ENV)


def test_decision_lists_all_inputs_it_depends_on() -> None:
    xml = definitions(
        data("a"),
        data("b"),
        decision("x", text("a"), requires=("i_a",)),
        decision("d", text("x + b"), requires=("x", "i_b")),
    )
    assert set(load_decisions(xml).find("d").inputs) == {"a", "b"}


def test_nodes_are_found_by_their_own_names_when_their_variables_are_named_otherwise() -> None:
    xml = definitions(
        '<inputData id="i" name="Rate"><variable name="rate"/></inputData>'
        '<decision id="d" name="Yearly fee"><variable name="fee"/>'
        '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
        f"{text('rate * 12')}</decision>"
        '<decision id="e" name="Both"><variable name="both"/>'
        '<informationRequirement><requiredDecision href="#d"/></informationRequirement>'
        f"{text('fee + 1')}</decision>"
    )
    assert [shown(xml, key, {"rate": 5}) for key in ("d", "fee", "Yearly fee", "Both")] == ["60", "60", "60", "61"]
    assert shown(xml, "Both", {"Rate": 6}) == "73"


def test_names_of_parameters_may_hold_dots() -> None:
    xml = definitions(
        data("Pupil"),
        '<businessKnowledgeModel id="k_b" name="badge"><encapsulatedLogic><formalParameter name="Pupil.Name"/>'
        '<formalParameter name="Pupil.Hours"/>'
        + table("UNIQUE", ("Pupil.Hours",), ("o",), (("> 10", 'Pupil.Name + "*"'), ("<= 10", "Pupil.Name")))
        + "</encapsulatedLogic></businessKnowledgeModel>",
        decision(
            "d",
            f"<invocation>{text('badge')}<binding><parameter name='Pupil.Name'/>{text('Pupil.Name')}</binding>"
            f"<binding><parameter name='Pupil.Hours'/>{text('Pupil.Hours')}</binding></invocation>",
            requires=("i_Pupil", "k_b"),
        ),
        decision("e", text('badge(Pupil.Name: "Wu", Pupil.Hours: 3)'), requires=("k_b",)),
    )
    assert shown(xml, "d", {"Pupil": {"Name": "Li", "Hours": 12}}) == '"Li*"'
    assert shown(xml, "e") == '"Wu"'


def test_namespace_of_dmn_may_be_declared_and_not_used_and_of_a_version_to_come() -> None:
    forgotten = f'<definitions xmlns="urn:own" xmlns:dmn="{NAMESPACE}" id="m" name="m"/>'
    later = '<definitions xmlns="https://www.omg.org/spec/DMN/20290101/MODEL/" id="m" name="m"/>'
    assert [load_decisions(one.encode()).name for one in (forgotten, later)] == ["m", "m"]
    process = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:dmn="{NAMESPACE}"/>'
    for other in (process, '<definitions xmlns="urn:own"/>', "<definitions/>"):
        with pytest.raises(DmnError):
            load_decisions(other.encode())


def test_finding_of_a_text_says_where_it_stands() -> None:
    column = f'<input label="金额">{text("amount", "inputExpression")}</input>'
    cells = f"<rule>{text('-', 'inputEntry')}{text('1', 'outputEntry')}</rule>"
    cells += f"<rule>{text('> 5，000', 'inputEntry')}{text('amuont', 'outputEntry')}</rule>"
    logic = f'<decisionTable>{column}<output name="rate"/>{cells}</decisionTable>'
    model = load_decisions(
        definitions(
            data("amount"), decision("d", logic, name="折扣", requires=("i_amount",)), decision("e", text("1 +"))
        )
    )
    assert [one.text.zh.partition("列：")[0] for one in model.findings] == [
        "“折扣”第 2 条规则“金额”：第 1 行第 4 ",
        "“折扣”第 2 条规则“rate”：“amuont”不在作用域内，其值为空。是不是“amount”？",
        "“e”：第 1 行第 4 ",
    ]
    assert model.findings[0].text.en.startswith("'折扣', rule 2, '金额': Line 1, column 4: ")
