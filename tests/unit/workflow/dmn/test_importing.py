"""A model that uses the parts of another one."""

from engine.feel.builtins.conversion import describe
from engine.workflow.dmn import load_decisions
from tests.unit.workflow.dmn.models import ENV, data, decision, definitions, text

LIBRARY = definitions(
    '<itemDefinition name="tRate"><typeRef>number</typeRef></itemDefinition>'
    '<itemDefinition name="tLoan"><itemComponent name="rate"><typeRef>tRate</typeRef></itemComponent></itemDefinition>',
    data("base", "number"),
    decision("doubled", text("base * 2"), requires=("i_base",)),
    '<businessKnowledgeModel id="k_add" name="add tax"><encapsulatedLogic><formalParameter name="x"/>'
    f"{text('x * 1.06')}</encapsulatedLogic></businessKnowledgeModel>",
).replace(b"urn:m", b"urn:lib")
IMPORT = '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
REQUIRES = (
    '<informationRequirement><requiredDecision href="urn:lib#doubled"/></informationRequirement>'
    '<informationRequirement><requiredInput href="urn:lib#i_base"/></informationRequirement>'
    '<knowledgeRequirement><requiredKnowledge href="urn:lib#k_add"/></knowledgeRequirement>'
)


def test_imported_parts_are_known_under_the_prefix() -> None:
    logic = REQUIRES + text("lib.add tax(lib.doubled + lib.base)")
    model = load_decisions(definitions(IMPORT, decision("d", logic)), {"urn:lib": load_decisions(LIBRARY)})
    assert model.findings == ()
    assert describe(model.evaluate("d", {"lib": {"base": 100}}, ENV).value) == "318.00"
    assert describe(model.evaluate("d", {"base": 100}, ENV).value) == "318.00"


def test_imported_types_are_known_under_the_prefix() -> None:
    xml = definitions(IMPORT, decision("d", text("{rate: 0.1}"), type_ref="lib.tLoan"))
    wrong = definitions(IMPORT, decision("d", text('{rate: "high"}'), type_ref="lib.tLoan"))
    library = {"urn:lib": load_decisions(LIBRARY)}
    assert describe(load_decisions(xml, library).evaluate("d", {}, ENV).value) == "{rate: 0.1}"
    assert load_decisions(wrong, library).evaluate("d", {}, ENV).value is None


def test_missing_import_is_a_finding() -> None:
    model = load_decisions(definitions(IMPORT, decision("d", text("1"))))
    assert [finding.rule for finding in model.findings] == ["dmn.import_missing"]


def test_parts_of_an_import_without_a_name_are_known_plainly() -> None:
    plain = IMPORT.replace('name="lib"', 'name=""')
    logic = REQUIRES + text("{rate: add tax(doubled + base)}")
    xml = definitions(plain, decision("d", logic, type_ref="tLoan"))
    model = load_decisions(xml, {"urn:lib": load_decisions(LIBRARY)})
    assert model.findings == ()
    assert describe(model.evaluate("d", {"base": 100}, ENV).value) == "{rate: 318.00}"


def test_service_over_imported_decisions_takes_their_inputs_by_qualified_name() -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="urn:lib#doubled"/>'
        '<inputData href="urn:lib#i_base"/></decisionService>'
        '<decisionService id="t" name="t"><outputDecision href="urn:lib#more"/>'
        '<inputDecision href="urn:lib#doubled"/></decisionService>'
    )
    requires = (
        '<knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="#t"/></knowledgeRequirement>'
    )
    more = decision("more", text("doubled + 1"), requires=("doubled",)).encode() + b"</definitions>"
    library = load_decisions(LIBRARY.replace(b"</definitions>", more))
    logic = requires + text("[s(7), s(lib.base: 8), t(5), t(lib.doubled: 6), s(base: 9)]")
    model = load_decisions(definitions(IMPORT, service, decision("d", logic)), {"urn:lib": library})
    assert model.findings == ()
    assert model.find("s").inputs == ("lib.base",)
    assert describe(model.evaluate("d", {}, ENV).value) == "[14, 16, 6, 7, null]"
    assert describe(model.evaluate("s", {"lib.base": 4}, ENV).value) == "8"
    assert describe(model.evaluate("t", {"lib": {"doubled": 4}}, ENV).value) == "5"


def test_service_names_the_outputs_of_imported_decisions_with_their_prefix() -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="urn:lib#doubled"/><outputDecision href="#doubled"/>'
        '<inputData href="urn:lib#i_base"/></decisionService>'
    )
    xml = definitions(IMPORT, service, decision("doubled", text('"own"')))
    model = load_decisions(xml, {"urn:lib": load_decisions(LIBRARY)})
    answer = model.evaluate("s", {"lib": {"base": 4}}, ENV).value
    assert describe(answer) == '{"lib.doubled": 8, doubled: "own"}'


def test_value_given_for_an_imported_decision_under_its_prefix_is_taken() -> None:
    logic = REQUIRES + text("[lib.doubled, doubled]")
    xml = definitions(IMPORT, data("doubled"), decision("d", logic, requires=("i_doubled",)))
    model = load_decisions(xml, {"urn:lib": load_decisions(LIBRARY)})
    for given in ({"lib.doubled": 5, "doubled": 6}, {"lib": {"doubled": 5}, "doubled": 6}):
        assert describe(model.evaluate("d", given, ENV).value) == "[5, 6]"
    assert describe(model.evaluate("d", {"lib": {"base": 4}, "doubled": 6}, ENV).value) == "[8, 6]"


def test_imported_names_may_hold_words_and_signs_of_the_language() -> None:
    library = definitions(
        '<itemDefinition name="tFee"><itemComponent name="fee-net"><typeRef>number</typeRef></itemComponent>'
        "</itemDefinition>",
        decision("f", text('{"fee-net": 12}'), name="fee for one or two", type_ref="tFee"),
    ).replace(b"urn:m", b"urn:lib")
    requires = '<informationRequirement><requiredDecision href="urn:lib#f"/></informationRequirement>'
    xml = definitions(IMPORT, decision("d", requires + text("lib.fee for one or two.fee-net + 1")))
    model = load_decisions(xml, {"urn:lib": load_decisions(library)})
    assert model.findings == ()
    assert describe(model.evaluate("d", {}, ENV).value) == "13"


def test_inputs_of_imported_decisions_are_listed_with_their_prefix() -> None:
    inner = definitions(
        '<import name="low" namespace="urn:low" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
        data("b"),
        decision(
            "sum",
            '<informationRequirement><requiredDecision href="urn:low#neg"/></informationRequirement>'
            + text("low.neg + b"),
            requires=("i_b",),
        ),
    ).replace(b"urn:m", b"urn:lib")
    low = load_decisions(definitions(data("a"), decision("neg", text("-a"), requires=("i_a",))))
    library = load_decisions(inner, {"urn:low": low})
    requires = '<informationRequirement><requiredDecision href="urn:lib#sum"/></informationRequirement>'
    model = load_decisions(definitions(IMPORT, decision("d", requires + text("lib.sum"))), {"urn:lib": library})
    assert sorted(model.find("d").inputs) == ["lib.b", "lib.low.a"]
    assert describe(model.evaluate("d", {"lib.b": 10, "lib.low.a": 3}, ENV).value) == "7"
    assert describe(model.evaluate("d", {"lib": {"b": 10, "low": {"a": 4}}}, ENV).value) == "6"


def test_parts_of_imports_without_a_name_are_required_by_their_ids_as_if_they_were_own() -> None:
    plain = IMPORT.replace('name="lib"', 'name=""')
    second = plain.replace("urn:lib", "urn:low")
    low = load_decisions(
        definitions(decision("deep", text("3")), decision("both", text("30")), decision("mine", text("300")))
    )
    library = load_decisions(
        definitions(plain.replace("urn:lib", "urn:low"), decision("both", text("40"))), {"urn:low": low}
    )
    xml = definitions(
        plain + second,
        decision("mine", text("500")),
        decision("d", text("[deep, both, mine]"), requires=("deep", "both", "mine")),
    )
    model = load_decisions(xml, {"urn:lib": library, "urn:low": low})
    assert model.findings == ()
    assert describe(model.evaluate("d", {}, ENV).value) == "[3, 40, 500]"
