"""Data associations with parts, transformations, states and sets, in both directions (BPMN 2.0.2 10.4.1, 10.4.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.workflow.bpmn.compiler import load
from tests.unit.workflow.driver import CheckedEngine, document, flows, run

STORE = '<dataStore id="ds" name="stock"/>'
REFERENCE = '<dataStoreReference id="r" dataStoreRef="ds"/>'


SETS = "".join(f'<inputSet id="s_{x}"><dataInputRefs>{x}</dataInputRefs></inputSet>' for x in "xz")


def script(text: str, *, into: str = "", out: str = "", sets: str = "") -> str:
    sets = sets or "<inputSet><dataInputRefs>x</dataInputRefs></inputSet>"
    return (
        '<scriptTask id="t"><ioSpecification><dataInput id="x" name="x"/><dataInput id="z" name="z"/>'
        f'<dataOutput id="y" name="y"/>{sets}<outputSet><dataOutputRefs>y</dataOutputRefs></outputSet>'
        f"</ioSpecification>{into}{out}<script>{text}</script></scriptTask>"
    )


def reads(source: str, rest: str = "", target: str = "x") -> str:
    ends = f"<sourceRef>{source}</sourceRef><targetRef>{target}</targetRef>"
    return f'<dataInputAssociation id="i_{target}">{ends}{rest}</dataInputAssociation>'


def writes(target: str, rest: str = "") -> str:
    ends = f"<sourceRef>y</sourceRef><targetRef>{target}</targetRef>"
    return f'<dataOutputAssociation id="o">{ends}{rest}</dataOutputAssociation>'


def assigns(source: str, target: str) -> str:
    return f"<assignment><from>{source}</from><to>{target}</to></assignment>"


CHOOSES = '<dataObject id="a" name="a"/><dataObject id="b" name="b"/>' + script(
    "{seen: [x, z]}", into=reads("a") + reads("b", target="z"), sets=SETS
)


def play(body: str, roots: str = "", stock: Any = None, **variables: Any) -> tuple[CheckedEngine, dict[str, Any]]:
    engine = CheckedEngine()
    assert not [one for one in engine.deploy(document(body, roots)).findings if one.severity == "error"]
    if stock is not None:
        engine.stores["stock"] = stock
    case = engine.start("p", variables)
    assert case.status == "completed", case.incidents
    return engine, case.variables


def test_part_of_a_data_object_is_assigned_and_its_other_parts_stay() -> None:
    body = '<dataObject id="d" name="order"/>' + script("{y: 7}", out=writes("d", assigns("y", "order.sum.net")))
    _, found = play(body, order={"id": 1, "sum": {"tax": 2}})
    assert found["order"] == {"id": 1, "sum": {"tax": 2, "net": 7}}


def test_parts_of_a_data_object_make_up_an_input() -> None:
    parts = assigns("order.id", "x.number") + assigns("order.who", "x.name")
    body = '<dataObject id="d" name="order"/>' + script("{seen: x}", into=reads("d", parts))
    _, found = play(body, order={"id": 1, "who": "li", "secret": "s"})
    assert found["seen"] == {"number": 1, "name": "li"}


def test_store_is_read_and_written_in_part() -> None:
    body = REFERENCE + script(
        "{y: x + 1}", into=reads("r", assigns("stock.n", "x")), out=writes("r", assigns("y", "stock.n"))
    )
    engine, _ = play(body, STORE, {"n": Decimal(5), "m": Decimal(1)})
    assert engine.stores == {"stock": {"n": 6, "m": 1}}


def test_store_is_transformed_on_the_way_in_and_out() -> None:
    both = "<transformation>{}</transformation>"
    body = REFERENCE + script(
        "{y: x}", into=reads("r", both.format("stock * 2")), out=writes("r", both.format("y + 1"))
    )
    engine, _ = play(body, STORE, Decimal(5))
    assert engine.stores == {"stock": 11}


def test_reference_inside_a_sub_process_is_the_same_store() -> None:
    inside = REFERENCE + script("{y: x - 1}", into=reads("r"), out=writes("r"))
    engine, _ = play(f'<subProcess id="sub">{inside}</subProcess>', STORE, Decimal(5))
    assert engine.stores == {"stock": 4}


def test_references_with_states_are_one_data_object() -> None:
    states = "".join(
        f'<dataObjectReference id="d_{name}" name="order {name}" dataObjectRef="d"><dataState name="{name}"/>'
        "</dataObjectReference>"
        for name in ("new", "paid")
    )
    work = script("{y: x + 1}", into=reads("d_new"), out=writes("d_paid"))
    _, found = play(f'<dataObject id="d" name="order"/>{states}{work}', order=3)
    assert found["order"] == 4


@pytest.mark.parametrize(
    ("given", "seen"),
    [({"a": 1, "b": 2}, [1, None]), ({"b": 2}, [None, 2]), ({"a": 1}, [1, None])],
)
def test_first_input_set_that_is_complete_counts(given: dict[str, int], seen: list[int | None]) -> None:
    assert play(CHOOSES, "", None, **given)[1]["seen"] == seen


def test_activity_waits_until_one_of_its_input_sets_is_complete() -> None:
    """10.4.2: "if none of the InputSets is available, execution will wait until this condition is met"."""
    late = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><task id="after"/>'
        '<boundaryEvent id="slow" attachedToRef="t"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + flows("s -> f -> t -> after; f -> u")
    )
    for kind in ("scriptTask", "userTask"):
        engine, case = run(document(CHOOSES.replace("scriptTask", kind) + late))
        assert (case.active, case.lacking, case.trace()) == (["t", "u"], [("t", "x")], ["s", "f"])
        case.complete("u", {"b": 2})
        if kind == "userTask":
            assert ([one.element for one in case.tasks], case.lacking) == (["t"], [])
            case.complete("t")
        assert (case.trace()[-2:], case.status) == (["t", "after"], "completed")
    engine, case = run(document(CHOOSES + late))
    engine.advance_time(timedelta(hours=1))
    assert (case.active, case.trace("cancelled")) == (["u"], ["t"])


def test_activity_waits_for_a_store_that_another_case_fills() -> None:
    body = REFERENCE + CHOOSES.replace("<sourceRef>b<", "<sourceRef>r<")
    engine, case = run(document(body, STORE))
    engine.stores["stock"] = Decimal(3)
    case.set_variables(other=1)
    assert (case.status, case.variables["seen"]) == ("completed", [None, 3])


def test_data_that_cannot_be_read_when_they_come_stop_the_activity_with_an_incident() -> None:
    rest = "<transformation>if b = null then null else no_such(b)</transformation>"
    engine = CheckedEngine()
    engine.deploy(document(CHOOSES.replace("<targetRef>z</targetRef>", f"<targetRef>z</targetRef>{rest}")))
    case = engine.start("p")
    case.set_variables(b=1)
    assert [(one.element, one.code) for one in case.incidents] == [("t", "feel_unknown_function")]
    case.skip("t")
    assert case.status == "completed"


@pytest.mark.parametrize("source", ["d", "dr"])
def test_collection_is_the_input_of_a_multi_instance_activity(source: str) -> None:
    loop = (
        f"<multiInstanceLoopCharacteristics><loopDataInputRef>{source}</loopDataInputRef>"
        '<loopDataOutputRef>o</loopDataOutputRef><inputDataItem id="one"/><outputDataItem id="got"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    body = (
        '<dataObject id="d" name="lines" isCollection="true"/><dataObjectReference id="dr" dataObjectRef="d"/>'
        '<dataObject id="o" name="doubled" isCollection="true"/>'
        f'<scriptTask id="t">{loop}<script>{{got: one * 2}}</script></scriptTask>'
    )
    assert play(body, lines=[1, 2])[1]["doubled"] == [2, 4]


def test_store_of_a_case_is_its_own() -> None:
    roots = (
        '<dataStore id="ds" name="stock" capacity="2"><extensionElements><school:store scope="case"/>'
        "</extensionElements></dataStore>"
    )
    engine = CheckedEngine()
    engine.deploy(document(REFERENCE + script("{y: x - 1}", into=reads("r"), out=writes("r")), roots))
    engine.stores["stock"] = Decimal(9)
    cases = [engine.start("p", {"stock": number}) for number in (5, 3)]
    assert ([case.variables["stock"] for case in cases], engine.stores) == ([4, 2], {"stock": 9})


def test_what_is_said_of_stores_is_checked() -> None:
    roots = (
        f'<dataStore id="long" name="{"a" * 201}"/><dataStore id="odd" name="odd"><extensionElements>'
        '<school:store scope="moon"/></extensionElements></dataStore><dataStore id="one" name="twin" capacity="2"/>'
        '<dataStore id="two" name="twin"/><dataStore id="some" name="some" capacity="many"/>'
    )
    found = load(document('<startEvent id="s"/>', roots))
    assert sorted((one.element_id, one.rule, one.severity) for one in found.findings) == [
        ("long", "data.store_name", "error"),
        ("odd", "data.store_scope", "error"),
        ("some", "attribute.integer", "error"),
        ("two", "data.store_twice", "warning"),
    ]
    assert (found.model.store_facts["twin"].capacity, found.model.store_facts["odd"].scope) == (2, "branch")
