"""Item definitions: types of inputs, results and parameters."""

import pytest

from tests.unit.workflow.dmn.models import data, decision, definitions, evaluate, shown, text

TYPES = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef>'
    '<allowedValues><text>"A", "B"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>'
    '<itemDefinition name="tSame"><typeRef>tGrade</typeRef></itemDefinition>'
    '<itemDefinition name="tOther"><typeRef>tSame</typeRef>'
    '<allowedValues><text>"B", "C"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tStudent"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("type_ref", "logic", "expected"),
    [
        ("number", "5", "5"),
        ("number", '"5"', "null"),
        ("number", "[5]", "5"),
        ("tGrade", '"A"', '"A"'),
        ("tGrade", '"C"', "null"),
        ("tGrades", '["A", "B"]', '["A", "B"]'),
        ("tGrades", '["A", "C"]', "null"),
        ("tGrades", '"A"', '["A"]'),
        ("tSame", '["A", "C"][2]', "null"),
        ("tOther", '"C"', '"C"'),
        ("tOther", '"A"', "null"),
        ("tOther", "1", "null"),
        ("tStudent", '{full name: "Li", born: @"2010-01-01"}', '{full name: "Li", born: 2010-01-01}'),
        ("tStudent", '{full name: 1, born: @"2010-01-01"}', "null"),
        ("tStudent", '{full name: "Li", born: null, age: 9}', '{full name: "Li", born: null, age: 9}'),
        ("tStudent", '{full name: "Li"}', "null"),
        ("date and time", '@"2010-01-01"', "2010-01-01T00:00:00Z"),
        ("Any", "1", "1"),
        ("", '{full name: "Li", born: null} instance of tStudent', "true"),
        ("", "{full name: 1, born: null} instance of tStudent", "false"),
        ("", '["A"] instance of tGrades', "true"),
        ("", '(function(s: tStudent) s.full name)({full name: "Li", born: null})', '"Li"'),
        ("", "(function(s: tStudent) s)(5)", "null"),
        ("", '(function(g: tGrade, n: number) g)("B", 1)', '"B"'),
        ("", '(function(g: tGrade, n: number) g)("C", 1)', "null"),
        ("", '{f: function(g: tSame) "called", r: [f(["A"]), f("C")]}.r', '["called", null]'),
    ],
)
def test_result_is_held_to_its_type(type_ref: str, logic: str, expected: str) -> None:
    assert shown(definitions(TYPES, decision("d", text(logic), type_ref=type_ref)), "d") == expected


@pytest.mark.parametrize(("given", "value"), [("true", True), ("false", False), ("yes", None), (True, True)])
def test_input_text_becomes_a_boolean_where_the_type_says_so(given: object, value: bool | None) -> None:
    model = definitions(data("b", "boolean"), decision("d", text("b"), requires=("i_b",)))
    assert evaluate(model, "d", {"b": given}).value is value


def test_input_texts_become_dates_where_the_type_says_so() -> None:
    xml = definitions(TYPES, data("s", "tStudent"), decision("d", text("s.born.year"), requires=("i_s",)))
    assert shown(xml, "d", {"s": {"full name": "Li", "born": "2010-05-06"}}) == "2010"


def test_missing_parts_of_an_input_are_null() -> None:
    xml = definitions(TYPES, data("s", "tStudent"), decision("d", text("s"), requires=("i_s",)))
    assert shown(xml, "d", {"s": {"born": "2010-05-06"}}) == "{born: 2010-05-06, full name: null}"


FUNCTIONS = (
    '<itemDefinition name="tMarks" isCollection="true"><typeRef>tMark</typeRef></itemDefinition>'
    '<itemDefinition name="tMark"><functionItem outputTypeRef="string"><parameters name="a" typeRef="string"/>'
    '<parameters name="b" typeRef="number"/></functionItem></itemDefinition>'
    '<itemDefinition name="tSelf"><functionItem outputTypeRef="tSelf"/></itemDefinition>'
    '<itemDefinition name="tOpen"><functionItem><parameters name="a"/></functionItem></itemDefinition>'
)
GRADE = (
    '<businessKnowledgeModel id="k" name="grade"><variable name="grade" typeRef="string"/><encapsulatedLogic>'
    '<formalParameter name="who" typeRef="string"/><formalParameter name="marks" typeRef="number"/>'
    f"{text('who')}</encapsulatedLogic></businessKnowledgeModel>"
)


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("grade instance of tMark", "true"),
        ("grade instance of tOpen", "false"),
        ("abs instance of tOpen", "true"),
        ('(function(x: string, y: number) "A") instance of tMark', "true"),
        ('(function(x: string, y: string) "A") instance of tMark', "false"),
        ("(function(x: string, y: number) y) instance of tMark", "false"),
        ("[grade, function(x: string, y: Any) x] instance of tMarks", "true"),
        ("(function() 1) instance of tSelf", "true"),
        ('(function(f: tMark) f("B", 1))(grade)', '"B"'),
        ('(function(f: tMark) f = null)(function(x: number, y: number) "C")', "null"),
    ],
)
def test_functions_are_held_to_the_types_of_their_parameters_and_results(logic: str, expected: str) -> None:
    requires = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
    assert shown(definitions(FUNCTIONS, GRADE, decision("d", requires + text(logic))), "d") == expected


def test_result_that_should_be_a_function_is_null_when_it_is_another_one() -> None:
    wrong = decision("d", text("{f: function(x: number) x}.f"), type_ref="tMark")
    assert shown(definitions(FUNCTIONS, wrong), "d") == "null"


def test_input_of_wrong_type_is_null_with_reason() -> None:
    xml = definitions(data("n", "number"), decision("d", text("n"), requires=("i_n",)))
    result = evaluate(xml, "d", {"n": "many"})
    assert (result.value, result.problems[0].element_id) == (None, "i_n")


GRADING = (
    TYPES + '<itemDefinition name="tGrading"><functionItem outputTypeRef="tGrade"><parameters name="x"/></functionItem>'
    "</itemDefinition>"
)
FORMAL = '<formalParameter name="x"/>'


@pytest.mark.parametrize(
    ("logic", "wrong"),
    [
        ('<decisionTable><output/><rule><outputEntry typeRef="tGrade"><text>g</text></outputEntry></rule>'
         "</decisionTable>", "null"),
        ('<decisionTable><output name="a"/><output name="b"/><rule><outputEntry typeRef="tGrade"><text>g</text>'
         "</outputEntry><outputEntry><text>g</text></outputEntry></rule></decisionTable>", '{a: null, b: "C"}'),
        (f"<invocation>{text('function(x) x')}<binding><parameter name=\"x\" typeRef=\"tGrade\"/>{text('g')}</binding>"
         "</invocation>", "null"),
        (f'<invocation><functionDefinition typeRef="tGrading">{FORMAL}{text("x")}</functionDefinition><binding>'
         f'<parameter name="x"/>{text("g")}</binding></invocation>', "null"),
        (text("k(g)"), "null"),
    ],
)  # fmt: skip
def test_values_are_held_to_the_type_where_it_is_declared(logic: str, wrong: str) -> None:
    knowledge = (
        f'<businessKnowledgeModel id="k_k" name="k"><encapsulatedLogic typeRef="tGrading">{FORMAL}{text("x")}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    xml = definitions(GRADING, data("g"), knowledge, decision("d", logic, requires=("i_g", "k_k")))
    assert shown(xml, "d", {"g": "A"}) == wrong.replace("null", '"A"').replace('"C"', '"A"')
    assert shown(xml, "d", {"g": "C"}) == wrong


def test_a_parameter_whose_type_nobody_says_is_of_any_type() -> None:
    typed = text("function(x: string) x", typeRef="tGrading")
    xml = definitions(GRADING, decision("f", typed), decision("d", text('f("A")'), requires=("f",)))
    assert shown(xml, "d") == '"A"'


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("12", "12"),
        ("-0.50", "-0.5"),
        ("1E+20", "1E20"),
        ("1E9999", "null"),
        ("twelve", "null"),
        ("1,200", "null"),
        ("", "null"),
        ([" 1"], "null"),
        (["7"], "7"),
    ],
)
def test_number_from_outside_may_be_its_text(given: str | list[str], taken: str) -> None:
    xml = definitions(data("n", "number"), decision("d", text("n"), requires=("i_n",)))
    compared = definitions(data("n", "number"), decision("d", text(f"n = {taken}"), requires=("i_n",)))
    assert shown(compared, "d", {"n": given}) == "true"
    assert (shown(xml, "d", {"n": given}) == "null") == (taken == "null")


def test_text_is_no_number_inside_a_model() -> None:
    service = '<decisionService id="k_s" name="s"><outputDecision href="#e"/><inputData href="#i_n"/></decisionService>'
    xml = definitions(
        data("n", "number"),
        decision("e", text("n"), requires=("i_n",)),
        service,
        decision("d", text('[s(5), s("5")]'), requires=("k_s",)),
    )
    assert shown(xml, "d") == "[5, null]"
