"""Boxed expressions of DMN 7.3 and the requirements graph."""

from engine.workflow.dmn import load_decisions
from tests.unit.workflow.dmn.models import ENV, data, decision, definitions, evaluate, shown, text

A = data("a", "number")


def alone(logic: str, **inputs: object) -> str:
    return shown(definitions(A, decision("d", logic, requires=("i_a",))), "d", inputs)


def test_literal_reads_required_input() -> None:
    assert alone(text("a * 2"), a=4) == "8"


def test_context_gives_its_result_entry() -> None:
    entries = (
        f'<contextEntry><variable name="b"/>{text("a + 1")}</contextEntry>'
        f'<contextEntry><variable name="c d"/>{text("b * 2")}</contextEntry>'
    )
    assert alone(f"<context>{entries}</context>", a=1) == "{b: 2, c d: 4}"
    assert alone(f"<context>{entries}<contextEntry>{text('c d + b')}</contextEntry></context>", a=1) == "6"


def test_list_and_relation_give_lists() -> None:
    assert alone(f"<list>{text('a')}{text('2')}</list>", a=1) == "[1, 2]"
    row = f"<row>{text('a')}{text('2')}</row>"
    columns = '<column name="x"/><column name="y z"/>'
    assert alone(f"<relation>{columns}{row}{row}</relation>", a=1) == "[{x: 1, y z: 2}, {x: 1, y z: 2}]"


def test_conditional_takes_one_side() -> None:
    logic = f"<conditional><if>{text('a > 1')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>"
    assert (alone(logic, a=5), alone(logic, a=0), alone(logic)) == ("1", "2", "2")


def test_iterators_loop_over_their_source() -> None:
    source = f"<in>{text('[1, 2, a]')}</in>"
    assert alone(f'<for iteratorVariable="i">{source}<return>{text("i * 10")}</return></for>', a=3) == "[10, 20, 30]"
    every = f'<every iteratorVariable="i">{source}<satisfies>{text("i < 3")}</satisfies></every>'
    some = f'<some iteratorVariable="i">{source}<satisfies>{text("i > 2")}</satisfies></some>'
    assert (alone(every, a=2), alone(every, a=3), alone(some, a=3), alone(some, a=1)) == (
        "true",
        "false",
        "true",
        "false",
    )


def test_filter_knows_members_of_items() -> None:
    source = f"<in>{text('[{n: 1}, {n: 5}]')}</in>"
    assert alone(f"<filter>{source}<match>{text('n > a')}</match></filter>", a=2) == "[{n: 5}]"
    assert alone(f"<filter>{source}<match>{text('item.n > a')}</match></filter>", a=2) == "[{n: 5}]"


def test_condition_of_a_box_that_is_no_boolean_gives_null_with_a_problem() -> None:
    source, word = f"<in>{text('[1, a]')}</in>", text('if a = 2 then "yes" else a > 2')
    boxes = (
        f'<conditional id="x"><if>{word}</if><then>{text("1")}</then><else>{text("2")}</else></conditional>',
        f'<some id="x" iteratorVariable="i">{source}<satisfies>{word}</satisfies></some>',
        f'<filter id="x">{source}<match>{word}</match></filter>',
    )
    for logic, otherwise in zip(boxes, ("1", "true", "[1, 3]"), strict=True):
        model = definitions(A, decision("d", logic, requires=("i_a",)))
        result = load_decisions(model).evaluate("d", {"a": 2}, ENV)
        assert (result.value, [problem.element_id for problem in result.problems]) == (None, ["x"])
        assert alone(logic, a=3) == otherwise


def test_requirement_of_the_wrong_kind_is_taken_for_what_it_is() -> None:
    asked = '<informationRequirement><requiredInput href="#first"/></informationRequirement>'
    other = '<informationRequirement><requiredDecision href="#i_a"/></informationRequirement>'
    first = f'<decision id="first" name="first">{other}{text("a + 1")}</decision>'
    loaded = load_decisions(definitions(A, first, f'<decision id="d" name="d">{asked}{text("first * 2")}</decision>'))
    assert loaded.evaluate("d", {"a": 3}, ENV).value == 8
    assert [(one.element_id, one.rule, one.severity) for one in loaded.findings] == [
        ("first", "dmn.requirement_kind", "warning"),
        ("d", "dmn.requirement_kind", "warning"),
    ]


def test_knowledge_model_is_called_by_invocation_and_by_name() -> None:
    body = (
        '<businessKnowledgeModel id="k_f" name="rate of"><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/><formalParameter name="y"/>'
        f"{text('x * 10 + y')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{text(value)}</binding>' for name, value in (("y", "2"), ("x", "a"))
    )
    boxed = f"<invocation>{text('rate of')}{bindings}</invocation>"
    for logic in (boxed, text("rate of(a, 2)"), text("rate of(y: 2, x: a)")):
        xml = definitions(A, body, decision("d", logic, requires=("i_a", "k_f")))
        assert shown(xml, "d", {"a": 3}) == "32"
    wrong = definitions(A, body, decision("d", text('rate of("3", 2)'), requires=("i_a", "k_f")))
    assert shown(wrong, "d", {"a": 3}) == "null"


def test_knowledge_model_may_call_itself() -> None:
    body = (
        '<businessKnowledgeModel id="k_f" name="fact"><encapsulatedLogic><formalParameter name="n"/>'
        f"{text('if n <= 1 then 1 else n * fact(n - 1)')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert shown(definitions(body, decision("d", text("fact(5)"), requires=("k_f",))), "d") == "120"


def test_decisions_are_asked_in_the_order_of_their_requirements() -> None:
    xml = definitions(
        A,
        decision("top", text("base price + base price"), requires=("base",)),
        decision("base", text("a + 1"), name="base price", requires=("i_a",)),
    )
    result = evaluate(xml, "top", {"a": 2, "base price": 99})
    assert (str(result.value), {name: str(value) for name, value in result.decisions.items()}) == (
        "6",
        {"base price": "3", "top": "6"},
    )
    assert shown(xml, "base price", {"a": 1}) == "2"


def test_invoking_what_is_no_function_is_explained() -> None:
    result = evaluate(
        definitions(A, decision("d", f'<invocation id="v">{text("a")}</invocation>', requires=("i_a",))), "d", {"a": 1}
    )
    assert (result.value, result.problems[0].element_id) == (None, "v")


def test_service_without_an_output_is_a_finding() -> None:
    loaded = load_decisions(definitions('<decisionService id="s" name="s"/>'))
    assert [(one.element_id, one.rule) for one in loaded.findings] == [("s", "dmn.service_output")]


def service(outputs: str, given: str = "") -> bytes:
    return definitions(
        A,
        decision("x", text("a * 2"), requires=("i_a",)),
        decision("y", text("x + 1"), requires=("x",)),
        f'<decisionService id="s" name="svc">{outputs}{given}<inputData href="#i_a"/></decisionService>',
        decision("d", text("svc(5)" if not given else "svc(5, 100)"), requires=("k_s",)).replace("k_s", "s"),
    )


def test_service_gives_its_outputs() -> None:
    one = '<outputDecision href="#y"/>'
    assert shown(service(one), "s", {"a": 4}) == "9"
    assert shown(service(one), "d") == "11"
    both = f'{one}<outputDecision href="#x"/>'
    assert shown(service(both), "svc", {"a": 4}) == "{y: 9, x: 8}"


def test_service_takes_given_decisions_as_parameters() -> None:
    xml = service('<outputDecision href="#y"/>', '<inputDecision href="#x"/>')
    assert shown(xml, "s", {"a": 4, "x": 50}) == "51"
    assert shown(xml, "d") == "101"


def test_function_definition_is_a_value() -> None:
    function = f'<functionDefinition><formalParameter name="n"/>{text("n + a")}</functionDefinition>'
    entries = f'<contextEntry><variable name="f"/>{function}</contextEntry><contextEntry>{text("f(10)")}</contextEntry>'
    assert alone(f"<context>{entries}</context>", a=1) == "11"


def java(place: str, signature: str) -> str:
    entries = {"class": f'"{place}"', "method signature": f'"{signature}"'}
    context = "".join(
        f'<contextEntry><variable name="{name}"/>{text(said)}</contextEntry>' for name, said in entries.items()
    )
    parameters = '<formalParameter name="p" typeRef="number"/><formalParameter name="q" typeRef="number"/>'
    function = f'<functionDefinition kind="Java">{parameters}<context>{context}</context></functionDefinition>'
    call = f"<contextEntry>{text('f(3, a)')}</contextEntry>"
    return f'<context><contextEntry><variable name="f"/>{function}</contextEntry>{call}</context>'


def test_function_of_java_that_only_calculates_runs() -> None:
    model = definitions(A, decision("d", java("java.lang.Math", "max(int, int)"), requires=("i_a",)))
    loaded = load_decisions(model)
    assert loaded.findings == ()
    assert [loaded.evaluate("d", {"a": value}, ENV).value for value in (2, 7, "x")] == [3, 7, None]


def test_other_functions_of_java_are_a_finding_and_null() -> None:
    model = definitions(A, decision("d", java("java.lang.System", "exit(int, int)"), requires=("i_a",)))
    loaded = load_decisions(model)
    assert [finding.rule for finding in loaded.findings] == ["dmn.function_kind"]
    assert "not known here" in loaded.findings[0].text.en
    assert loaded.evaluate("d", {"a": 1}, ENV).value is None


def knowledge(logic: str, parameter: str, variable: str = "") -> str:
    return (
        f'<businessKnowledgeModel id="k_f" name="f">{variable}<encapsulatedLogic>'
        f'<formalParameter name="x" typeRef="{parameter}"/>{logic}</encapsulatedLogic></businessKnowledgeModel>'
    )


FUNCTIONS = (
    '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
    '<itemDefinition name="toText"><functionItem outputTypeRef="string"/></itemDefinition>'
    '<itemDefinition name="toNumbers"><functionItem outputTypeRef="tNumbers"/></itemDefinition>'
)


def test_call_with_an_argument_of_another_type_is_null_and_nothing_is_called() -> None:
    body = knowledge(text("x = null"), "number")
    for logic, expected in (('f("a")', "null"), ("f(null)", "true"), ("f([1])", "false"), ("f(x: [1, 2])", "null")):
        xml = definitions(body, decision("d", text(logic), requires=("k_f",)))
        assert (logic, shown(xml, "d")) == (logic, expected)
    assert alone(text('(function(x: number) x = null)("a")')) == "null"
    assert alone(text("(function(x: number) x = null)(null)")) == "true"
    assert alone(text("(function(x: number) x = null)(1, 2)")) == "null"
    result = evaluate(definitions(body, decision("d", text('f("a")'), requires=("k_f",))), "d")
    assert [problem.text.en for problem in result.problems] == ["'x' of 'f' is no number"]


def test_service_is_not_asked_with_arguments_of_another_type() -> None:
    parts = (
        data("n", "number"),
        decision("said", text('"given"'), type_ref="string"),
        decision("d", text("n = null or said = null"), requires=("i_n", "said")),
        '<decisionService id="k_s" name="s"><outputDecision href="#d"/><inputDecision href="#said"/>'
        '<inputData href="#i_n"/></decisionService>',
    )
    calls = {
        's(1, "a")': "false",
        "s(null, null)": "true",
        's("1", "a")': "null",
        "s(1, 2)": "null",
        "s([1], null)": "true",
    }
    for logic, expected in calls.items():
        xml = definitions(*parts, decision("e", text(logic), requires=("k_s",)))
        assert (logic, shown(xml, "e")) == (logic, expected)


def test_boxed_invocation_binds_each_parameter_by_its_name() -> None:
    body = knowledge(text("x = null"), "Any")
    for names, expected in ((("x",), "true"), ((), "null"), (("x", "z"), "null")):
        bindings = "".join(f'<binding><parameter name="{name}"/></binding>' for name in names)
        logic = f'<invocation id="call">{text("f")}{bindings}</invocation>'
        xml = definitions(body, decision("d", logic, requires=("k_f",)))
        assert (names, shown(xml, "d")) == (names, expected)


def test_date_becomes_its_midnight_where_a_date_and_time_is_declared() -> None:
    assert alone(text('(function(x: date and time) x)(date("2026-03-01"))')) == "2026-03-01T00:00:00Z"


def test_knowledge_model_gives_the_type_of_its_function() -> None:
    for kind, expected in (("toText", "null"), ("toNumbers", "[7]"), ("number", "7")):
        body = knowledge(text("x"), "number", f'<variable name="f" typeRef="{kind}"/>')
        xml = definitions(FUNCTIONS, body, decision("d", text("f(7)"), requires=("k_f",)))
        assert (kind, shown(xml, "d")) == (kind, expected)


def test_service_gives_the_type_of_its_function() -> None:
    for kind, expected in (("toText", "null"), ("toNumbers", "[8]")):
        variable = f'<variable name="svc" typeRef="{kind}"/>'
        xml = service('<outputDecision href="#x"/>').replace(b'name="svc">', f'name="svc">{variable}'.encode())
        xml = xml.replace(b'<inputData id="i_a"', FUNCTIONS.encode() + b'<inputData id="i_a"')
        assert (kind, shown(xml, "svc", {"a": 4})) == (kind, expected)


def test_service_takes_the_types_of_its_function() -> None:
    kind = (
        '<itemDefinition name="tFew"><typeRef>number</typeRef><allowedValues><text>[1..3]</text></allowedValues>'
        '</itemDefinition><itemDefinition name="tAsk"><functionItem><parameters name="x" typeRef="tFew"/>'
        "</functionItem></itemDefinition>"
    )
    xml = definitions(
        kind,
        decision("x", text("0")),
        decision("y", text("string(x)"), requires=("x",)),
        '<decisionService id="k_s" name="svc"><variable name="svc" typeRef="tAsk"/><outputDecision href="#y"/>'
        '<inputDecision href="#x"/></decisionService>',
        decision("z", text("[svc(2), svc(9)]"), requires=("k_s",)),
    )
    assert [shown(xml, "svc", {"x": x}) for x in (2, [3], 9)] == ['"2"', '"3"', "null"]
    assert [one.element_id for one in evaluate(xml, "svc", {"x": 9}).problems] == ["k_s"]
    assert shown(xml, "z") == '["2", null]'


def test_iso_texts_from_outside_are_read_by_the_types_of_parameters() -> None:
    ask = '<functionItem><parameters name="x" typeRef="date"/></functionItem>'
    xml = definitions(
        f'<itemDefinition name="tAsk">{ask}</itemDefinition>',
        knowledge(text("x.year"), "date"),
        decision("x", text("0")),
        decision("y", text("x.year"), requires=("x",)),
        '<decisionService id="k_s" name="svc"><variable name="svc" typeRef="tAsk"/><outputDecision href="#y"/>'
        '<inputDecision href="#x"/></decisionService>',
        decision("z", text('[f("2026-03-01"), svc("2026-03-01")]'), requires=("k_f", "k_s")),
    )
    assert [shown(xml, key, {"x": "2026-03-01"}) for key in ("f", "svc")] == ["2026", "2026"]
    assert (shown(xml, "f", {"x": "soon"}), shown(xml, "f"), shown(xml, "z")) == ("null", "null", "[null, null]")


def test_decision_given_to_a_service_is_converted_to_its_type() -> None:
    xml = definitions(
        decision("x", text('"never asked"'), type_ref="string"),
        decision("y", text("x = null"), requires=("x",)),
        '<decisionService id="s" name="svc"><outputDecision href="#y"/><inputDecision href="#x"/></decisionService>',
    )
    assert (shown(xml, "svc", {"x": 5}), shown(xml, "svc", {"x": "5"})) == ("true", "false")


def test_decision_without_logic_takes_the_value_given() -> None:
    xml = definitions(decision("x", "", type_ref="number"), decision("y", text("x + 1"), requires=("x",)))
    model = load_decisions(xml)
    assert [(one.rule, one.severity) for one in model.findings] == [("dmn.expression_missing", "warning")]
    assert str(model.evaluate("y", {"x": 4}, ENV).value) == "5"
    assert model.evaluate("y", {"x": "four"}, ENV).value is None
    assert model.evaluate("y", {}, ENV).value is None
