"""What BPMN forbids though its schema allows it, in the places where the gate and the reader look."""

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import Surroundings, check
from tests.unit.workflow.driver import document, flows

ROOTS = (
    '<message id="m" name="go"/><signal id="sig" name="alarm"/><error id="err" errorCode="bad"/>'
    '<escalation id="esc" escalationCode="slow"/>'
)
MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
LINK = '<linkEventDefinition name="far"/>'
UNDO = "<compensateEventDefinition/>"
END = "<terminateEventDefinition/>"
CONDITION = "<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>"


def told(body: str, roots: str = "") -> set[tuple[str, str, str]]:
    """(element, rule, severity) of everything the reader and the gate say."""
    library = load(document(body, ROOTS + roots))
    found = (*library.findings, *check(library, Surroundings()))
    return {(one.element_id, one.rule, one.severity) for one in found}


def event(kind: str, inner: str) -> str:
    """One event `x` between two tasks, with the flows its kind has."""
    tasks = '<startEvent id="s"/><userTask id="t"/><userTask id="u"/><endEvent id="e"/>'
    if kind == "boundaryEvent":
        return (
            f'{tasks}<boundaryEvent id="x" attachedToRef="t">{inner}</boundaryEvent>{flows("s -> t -> e; x -> u -> e")}'
        )
    way = "s -> t -> x" if kind == "endEvent" else "s -> t -> x -> u -> e"
    return f'{tasks}<{kind} id="x">{inner}</{kind}>{flows(way)}'


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        ("intermediateCatchEvent", ERROR),
        ("intermediateCatchEvent", UNDO),
        ("intermediateCatchEvent", END),
        ("intermediateThrowEvent", ERROR),
        ("intermediateThrowEvent", TIMER),
        ("intermediateThrowEvent", END),
        ("intermediateThrowEvent", "<cancelEventDefinition/>"),
        ("endEvent", TIMER),
        ("endEvent", CONDITION),
        ("endEvent", LINK),
        ("boundaryEvent", LINK),
        ("boundaryEvent", END),
    ],
)
def test_kind_of_event_the_place_does_not_allow_is_refused(kind: str, inner: str) -> None:
    assert ("x", "positions.event_kind", "error") in told(event(kind, inner))


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        ("intermediateCatchEvent", MESSAGE),
        ("intermediateCatchEvent", TIMER),
        ("intermediateThrowEvent", SIGNAL),
        ("endEvent", ERROR),
        ("endEvent", END),
        ("boundaryEvent", MESSAGE),
    ],
)
def test_kind_of_event_the_place_allows_passes(kind: str, inner: str) -> None:
    assert not [one for one in told(event(kind, inner)) if one[1].startswith("positions.")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (event("intermediateCatchEvent", "<conditionalEventDefinition/>"), ("x", "positions.condition_missing")),
        (event("intermediateThrowEvent", LINK), ("x", "positions.link_leads_on")),
        (event("intermediateCatchEvent", LINK), ("x", "positions.link_led_to")),
        (event("boundaryEvent", UNDO), ("x", "positions.compensation_flow")),
        (f'<startEvent id="x">{UNDO}</startEvent>', ("x", "events.start_kind")),
        (f'<startEvent id="x">{LINK}</startEvent>', ("x", "events.start_kind")),
        (
            '<task id="t"/><subProcess id="h" triggeredByEvent="true">'
            f'<startEvent id="x">{END}</startEvent></subProcess>',
            ("x", "positions.event_kind"),
        ),
        ('<adHocSubProcess id="x"/>', ("x", "positions.adhoc_empty")),
        (
            '<adHocSubProcess id="h"><task id="t"/><startEvent id="x"/>' + flows("x -> t") + "</adHocSubProcess>",
            ("x", "positions.adhoc_event"),
        ),
        ('<task id="t"/><task id="u"/>' + flows("t -> u [a = 1]"), ("t_u", "positions.condition_alone")),
        ('<startEvent id="s"/><task id="u"/>' + flows("s -> u [a = 1]"), ("s_u", "positions.condition_unread")),
        (
            '<task id="t"/><eventBasedGateway id="x" instantiate="true"/><receiveTask id="r" messageRef="m"/>'
            f'<intermediateCatchEvent id="c">{SIGNAL}</intermediateCatchEvent>' + flows("t -> x -> r; x -> c"),
            ("x", "positions.gateway_led_to"),
        ),
        (
            '<task id="t"/><eventBasedGateway id="x"/><receiveTask id="r" messageRef="m"/>'
            f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>' + flows("t -> x -> r; x -> c"),
            ("x", "positions.gateway_mixed"),
        ),
        (
            '<task id="t"/><eventBasedGateway id="g"/><receiveTask id="x" messageRef="m"/>'
            f'<intermediateCatchEvent id="c">{SIGNAL}</intermediateCatchEvent>'
            f'<boundaryEvent id="b" attachedToRef="x">{TIMER}</boundaryEvent>' + flows("t -> g -> x; g -> c; b -> t"),
            ("x", "positions.gateway_boundary"),
        ),
    ],
)
def test_place_that_forbids_it_is_named(body: str, expected: tuple[str, str]) -> None:
    assert (*expected, "error") in told(body)


def test_called_process_without_a_plain_start_is_refused() -> None:
    called = f'<process id="q"><startEvent id="i">{MESSAGE}</startEvent><endEvent id="o"/>{flows("i -> o")}</process>'
    body = '<callActivity id="c" calledElement="q"/>'
    assert ("c", "positions.call_start", "error") in told(body, called)
    assert ("c", "positions.call_start", "error") not in told(body, called.replace(MESSAGE, ""))


def test_shapes_that_only_look_wrong_are_warnings() -> None:
    start = '<startEvent id="s"/><task id="t"/>' + flows("s -> t")
    assert ("s", "shape.end_missing", "warning") in told(start)
    assert ("e", "shape.start_missing", "warning") in told('<task id="t"/><endEvent id="e"/>' + flows("t -> e"))
    dangling = '<startEvent id="s"/><task id="t"/><task id="u"/><endEvent id="e"/>' + flows("s -> t -> e; s -> u")
    assert ("u", "shape.end_missing", "warning") in told(dangling)
    gateway = '<startEvent id="s"/><parallelGateway id="g" gatewayDirection="Mixed"/><endEvent id="e"/>'
    found = told(gateway + flows("s -> g -> e"))
    assert {("g", "shape.gateway_idle", "warning"), ("g", "shape.gateway_direction", "warning")} <= found


POOLS = (
    '<collaboration id="k"><participant id="pp" processRef="p"/><participant id="pq" processRef="q"/>'
    '<participant id="box"/>{flow}</collaboration><process id="q"><startEvent id="i"/><userTask id="v"/>'
    '<endEvent id="o"/>' + flows("i -> v -> o") + "</process>"
)
INSIDE = '<startEvent id="s"/><userTask id="t"/><exclusiveGateway id="g"/><endEvent id="e"/>' + flows(
    "s -> t -> g -> e"
)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("t", "e", ("conversations.same_pool", "error")),
        ("pp", "t", ("conversations.same_pool", "error")),
        ("g", "v", ("conversations.node_kind", "error")),
        ("s", "v", ("conversations.node_kind", "error")),
        ("t", "o", ("conversations.node_kind", "error")),
        ("t", "gone", ("conversations.dangling", "error")),
        ("t", "i", ("conversations.event_kind", "warning")),
        ("t", "v", None),
        ("t", "box", None),
        ("pq", "t", None),
    ],
)
def test_message_flow_joins_two_pools(source: str, target: str, expected: tuple[str, str] | None) -> None:
    flow = f'<messageFlow id="f" sourceRef="{source}" targetRef="{target}"/>'
    found = {one[1:] for one in told(INSIDE, POOLS.format(flow=flow)) if one[1].startswith("conversations.")}
    assert (expected in found) if expected else found == set()


@pytest.mark.parametrize(
    ("body", "roots", "expected"),
    [
        ("", '<messageFlow/><collaboration id="k"><messageFlow id="f" sourceRef="a" targetRef="b" messageRef="gone"/>'
         "</collaboration>", ("f", "reference.missing", "error")),
        ('<subProcess id="x"><choreographyTask id="c" initiatingParticipantRef="a"/></subProcess>', "",
         ("c", "choreography.in_process", "error")),
        ("", '<collaboration id="k"><participant id="a"><participantMultiplicity minimum="3" maximum="2"/>'
         "</participant></collaboration>", ("a", "participant.multiplicity", "error")),
        ('<task id="t"><dataInputAssociation id="d"><sourceRef>o</sourceRef><sourceRef>o2</sourceRef>'
         '<targetRef>o</targetRef></dataInputAssociation></task><dataObject id="o"/><dataObject id="o2"/>', "",
         ("d", "data.sources", "error")),
        ('<task id="t"><ioSpecification><dataInput id="i"/><inputSet id="is"/><outputSet id="os"/></ioSpecification>'
         "</task>", "", ("i", "data.set", "warning")),
        ('<dataObject id="o" itemSubjectRef="gone"/><task id="t"/>', "", ("o", "reference.missing", "warning")),
        ('<dataObject id="o" itemSubjectRef="one" isCollection="true"/><task id="t"/>',
         '<itemDefinition id="one" isCollection="false"/>', ("o", "data.collection", "warning")),
        ('<startEvent id="s"/><task id="t"><incoming>gone</incoming></task>' + flows("s -> t"), "",
         ("t", "flow.listed_wrongly", "warning")),
        ('<dataObject id="o"/><task id="t"/><boundaryEvent id="b" attachedToRef="o">' + TIMER + "</boundaryEvent>", "",
         ("b", "boundary.host_missing", "error")),
    ],
)  # fmt: skip
def test_reader_names_what_the_model_does_not_keep(body: str, roots: str, expected: tuple[str, str, str]) -> None:
    assert expected in told(body, roots)


def test_references_into_other_documents_are_not_followed() -> None:
    body = '<dataObject id="o" itemSubjectRef="xsd:string" xmlns:xsd="http://www.w3.org/2001/XMLSchema"/><task id="t"/>'
    assert not [one for one in told(body) if one[1] == "reference.missing"]
