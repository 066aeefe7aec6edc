"""Fixes for what stands where BPMN does not allow it."""

from engine.workflow import Engine, doctor
from tests.unit.workflow.driver import document, flows

COLLABORATION = (
    '<collaboration id="k"><participant id="pp" processRef="p"/><messageFlow id="f" sourceRef="t" targetRef="e"/>'
    "</collaboration>"
)


def mended(source: str, fix: str) -> set[str]:
    """The rules that speak of errors after the fix."""
    assert fix in {one.id for one in doctor.examine(source).fixes}
    found = Engine().check(doctor.apply(source, [fix]), in_school=True)
    return {one.rule for one in found if one.severity == "error"}


def test_condition_on_the_only_way_is_removed() -> None:
    body = '<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>' + flows("s -> t; t -> e [a = 1]")
    assert mended(document(body), "condition.remove:t_e") == set()


def test_message_flow_inside_a_pool_is_deleted() -> None:
    body = '<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>' + flows("s -> t -> e")
    assert mended(document(body, COLLABORATION), "message_flow.remove:f") == set()


def test_flow_of_a_compensation_event_becomes_an_association() -> None:
    event = (
        '<boundaryEvent id="b" attachedToRef="t"><outgoing>b_u</outgoing><compensateEventDefinition/></boundaryEvent>'
    )
    body = (
        f'<startEvent id="s"/><userTask id="t"/>{event}<userTask id="u"><incoming>b_u</incoming></userTask>'
        '<endEvent id="e"><compensateEventDefinition/></endEvent>' + flows("s -> t -> e; b -> u")
    )
    source = document(body)
    assert mended(source, "compensation.associate:b") == set()
    engine = Engine()
    engine.deploy(doctor.apply(source, ["compensation.associate:b"]))
    case = engine.start()
    case.complete("t")
    assert case.active == ["e", "u"]
