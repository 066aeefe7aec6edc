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
