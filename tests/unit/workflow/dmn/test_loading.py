"""Files that are no DMN, and faults inside of DMN files."""

import pytest

from engine.workflow.dmn import DmnError, load_decisions
from tests.unit.workflow.dmn.models import ENV, data, decision, definitions, table, text

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


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
