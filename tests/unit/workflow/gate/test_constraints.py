"""What the standard asks beyond its schema: each breach is named at its element, and the like without it passes."""

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import Surroundings, check
from tests.unit.workflow.driver import document, documents, flows

ROOTS = (
    '<message id="m" name="go"/><message id="m2" name="went"/><signal id="sig" name="alarm"/>'
    '<error id="err" errorCode="bad"/><error id="bare"/><escalation id="esc" escalationCode="slow"/>'
)
THREE = "<loopCardinality>3</loopCardinality>"
MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
UNDO = "<compensateEventDefinition/>"
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
CHAIN = flows("s -> t -> u -> e")
HANDLER = '<userTask id="un" isForCompensation="true"/>'
BOUND = f'<boundaryEvent id="b" attachedToRef="t">{UNDO}</boundaryEvent>'
ASSOCIATED = '<association id="as" sourceRef="b" targetRef="un"/>'


def told(body: str, roots: str = "") -> set[tuple[str, str, str]]:
    """(element, rule, severity) of everything the reader and the gate say, without remarks on missing people."""
    library = load(document(body, ROOTS + roots))
    found = (*library.findings, *check(library, Surroundings()))
    return {(one.element_id, one.rule, one.severity) for one in found if one.rule != "people.nobody"}


def chain(task: str = "", *, start: str = START, end: str = END, more: str = "", attributes: str = "") -> str:
    """Start, user tasks `t` (with these insides) and `u`, end."""
    return f'{start}<userTask id="t"{attributes}>{task}</userTask><userTask id="u"/>{end}{CHAIN}{more}'


def caught(inner: str) -> str:
    """A catching event `c` behind a task."""
    event = f'<intermediateCatchEvent id="c">{inner}</intermediateCatchEvent>'
    return f'{START}<userTask id="t"/>{event}{END}{flows("s -> t -> c -> e")}'


def timer(form: str, text: str) -> str:
    return caught(f"<timerEventDefinition><{form}>{text}</{form}></timerEventDefinition>")


def repeated(inner: str, attributes: str = "") -> str:
    many = "multiInstanceLoopCharacteristics"
    return chain(f"<{many}{attributes}>{inner}</{many}>")


def test_default_signal_of_a_repeated_activity_needs_no_name_where_its_border_catches_it() -> None:
    border = '<boundaryEvent id="b" attachedToRef="t"><signalEventDefinition/></boundaryEvent>' + flows("b -> u")
    repeated_task = "<multiInstanceLoopCharacteristics{}>" + THREE + "</multiInstanceLoopCharacteristics>"
    assert told(chain(repeated_task.format(' behavior="None"'), more=border)) == set()
    assert ("b", "reference.event_missing", "error") in told(chain(repeated_task.format(""), more=border))


def test_plain_chain_is_fine() -> None:
    assert told(chain()) == set()


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("PT1X", "timings.text", "error"),
        ("2030-13-41", "timings.text", "error"),
        ("=1 + 2", "timings.text", "error"),
        ("when the moon is full", "expression.wording", "error"),
        ("2030-01-01T00:00:00Z", "timings.form", "warning"),
        ("-PT1H", "timings.negative", "warning"),
    ],
)
def test_duration_that_is_none_is_named(text: str, rule: str, severity: str) -> None:
    assert told(timer("timeDuration", text)) == {("c", rule, severity)}


@pytest.mark.parametrize(
    "text", ["PT1H", "P1M", "waiting_time", '=duration("PT1H")', "=if vip then deadline else null"]
)
def test_duration_or_variable_passes(text: str) -> None:
    assert told(timer("timeDuration", text)) == set()


def test_cycle_where_a_timer_fires_once_is_a_warning() -> None:
    assert told(timer("timeCycle", "R3/PT1H")) == {("c", "timings.once", "warning")}
    repeats = '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><timerEventDefinition><timeCycle>R3/PT1H'
    repeats += "</timeCycle></timerEventDefinition></boundaryEvent>" + flows("b -> late")
    assert told(chain(more=repeats + '<endEvent id="late"/>')) == set()


CHOICE = START + '<exclusiveGateway id="g" default="g_u"/><userTask id="t"/><userTask id="u"/>' + END


@pytest.mark.parametrize(
    ("condition", "label", "is_wording"),
    [
        ("the customer is happy", "", True),
        ("amount > 3 and the weather is nice", "", True),
        ("金额大于1000元", "", True),
        ("学费不超过5000", "", True),
        ("Yes", "yes", True),
        ("同意", "同意", True),
        ("approved", "approved", False),
        ("是否同意", "", False),
        ("金额 &gt; 1000", "金额大于1000", False),
        ('check.outcome = "the customer is happy"', "", False),
    ],
)
def test_condition_worded_for_people_is_refused(condition: str, label: str, is_wording: bool) -> None:
    way = f'<sequenceFlow id="g_t" name="{label}" sourceRef="g" targetRef="t"><conditionExpression>{condition}'
    found = told(CHOICE + way + "</conditionExpression></sequenceFlow>" + flows("s -> g -> u -> e; t -> e"))
    assert found == ({("g_t", "expression.wording", "error")} if is_wording else set())


def test_names_with_spaces_that_the_model_declares_are_names() -> None:
    data = '<ioSpecification><dataInput id="d" name="Order Total"/><inputSet id="is"><dataInputRefs>d</dataInputRefs>'
    data += '</inputSet><outputSet id="os"/></ioSpecification>'
    body = data + CHOICE + flows("s -> g -> u -> e; t -> e; g -> t [Order Total > 5]")
    assert told(body) == set()


@pytest.mark.parametrize(
    ("body", "element", "rule", "severity"),
    [
        (repeated("<loopCardinality>-3</loopCardinality>"), "t", "repeats.number", "error"),
        (repeated("<loopCardinality>2.5</loopCardinality>"), "t", "repeats.number", "error"),
        (repeated(THREE, ' behavior="One"'), "t", "repeats.signal_unheard", "warning"),
        (repeated(THREE, ' behavior="None"'), "t", "repeats.signal_unheard", "warning"),
        (repeated(THREE, ' behavior="Complex"'), "t", "repeats.event_missing", "error"),
        (
            '<dataObject id="o" isCollection="true"/>'
            + repeated("<loopCardinality>3</loopCardinality><loopDataInputRef>o</loopDataInputRef>"),
            "t", "repeats.twofold", "warning",
        ),
        (
            chain('<standardLoopCharacteristics loopMaximum="0"><loopCondition>x</loopCondition>'
                  "</standardLoopCharacteristics>"),
            "t", "repeats.maximum", "warning",
        ),
        (
            chain('<standardLoopCharacteristics loopMaximum="2"/><multiInstanceLoopCharacteristics><loopCardinality>3'
                  "</loopCardinality></multiInstanceLoopCharacteristics>"),
            "t", "loop.twice", "error",
        ),
        (chain(attributes=' startQuantity="2"'), "t", "repeats.quantity", "error"),
        (
            repeated(THREE + '<complexBehaviorDefinition id="k"><condition/></complexBehaviorDefinition>',
                     ' behavior="Complex"'),
            "k", "expression.empty", "error",
        ),
    ],
)  # fmt: skip
def test_repetition_that_contradicts_itself_is_named(body: str, element: str, rule: str, severity: str) -> None:
    assert (element, rule, severity) in told(body)


def test_quantity_that_can_fill_is_fine() -> None:
    body = START + '<parallelGateway id="f"/><userTask id="a"/><userTask id="b"/>'
    body += '<userTask id="t" startQuantity="2"/>' + END + flows("s -> f -> a -> t -> e; f -> b -> t")
    assert not [one for one in told(body) if one[1] == "repeats.quantity"]


@pytest.mark.parametrize(
    ("more", "element", "rule", "severity"),
    [
        (BOUND + HANDLER + ASSOCIATED + flows("un -> u"), "un", "undo.flows", "error"),
        (
            BOUND + HANDLER + ASSOCIATED + '<userTask id="two" isForCompensation="true"/>'
            '<association id="a2" sourceRef="b" targetRef="two"/>',
            "b", "undo.several", "error",
        ),
        (BOUND + '<exclusiveGateway id="un"/>' + ASSOCIATED, "b", "undo.no_activity", "error"),
        (
            BOUND.replace(' attachedToRef="t"', ' attachedToRef="t" cancelActivity="false"') + HANDLER + ASSOCIATED,
            "b", "undo.interrupts", "warning",
        ),
    ],
)  # fmt: skip
def test_compensation_has_one_activity_without_flows(more: str, element: str, rule: str, severity: str) -> None:
    assert (element, rule, severity) in told(chain(more=more))


def test_compensation_drawn_right_is_fine() -> None:
    assert told(chain(more=BOUND + HANDLER + ASSOCIATED)) == set()


@pytest.mark.parametrize(("activity", "rule"), [("s", "undo.no_activity"), ("inner", "undo.out_of_reach"), ("t", None)])
def test_compensation_reaches_activities_around(activity: str, rule: str | None) -> None:
    inside = '<subProcess id="x"><userTask id="inner"/></subProcess>'
    throw = f'<intermediateThrowEvent id="c"><compensateEventDefinition activityRef="{activity}"/>'
    body = START + '<userTask id="t"/>' + BOUND + HANDLER + ASSOCIATED + inside + throw + "</intermediateThrowEvent>"
    found = {one[:2] for one in told(body + END + flows("s -> t -> x -> c -> e")) if one[1].startswith("undo.")}
    assert found == ({("c", rule)} if rule else set())


@pytest.mark.parametrize(
    ("body", "element", "rule", "severity"),
    [
        (
            START + '<subProcess id="x"><startEvent id="s1"/><startEvent id="s2"/><userTask id="a"/>'
            + flows("s1 -> a; s2 -> a") + "</subProcess>" + END + flows("s -> x -> e"),
            "s2", "starts.several", "error",
        ),
        (chain(more='<startEvent id="s2"/>' + flows("s2 -> t")), "s2", "starts.several", "warning"),
        (chain(more=f'<startEvent id="s2">{MESSAGE}</startEvent>'), "s2", "starts.idle", "warning"),
        (
            START + '<userTask id="t"/><receiveTask id="r" instantiate="true" messageRef="m"/>' + END
            + flows("s -> t -> r -> e"),
            "r", "starts.receive_led_to", "error",
        ),
        (
            START + '<receiveTask id="r"/>' + END + flows("s -> r -> e"),
            "r", "starts.receive_message", "warning",
        ),
        (
            START + '<eventBasedGateway id="g" eventGatewayType="Parallel"/>'
            f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
            f'<intermediateCatchEvent id="d">{SIGNAL}</intermediateCatchEvent>' + END
            + flows("s -> g -> c -> e; g -> d -> e"),
            "g", "starts.gateway_waits_for_all", "warning",
        ),
        (
            START + f'<eventBasedGateway id="g"/><intermediateCatchEvent id="c">{SIGNAL}</intermediateCatchEvent>'
            f'<intermediateCatchEvent id="d">{SIGNAL}</intermediateCatchEvent>' + END
            + flows("s -> g -> c -> e; g -> d -> e"),
            "d", "starts.gateway_same_event", "warning",
        ),
    ],
)  # fmt: skip
def test_beginning_that_cannot_be_is_named(body: str, element: str, rule: str, severity: str) -> None:
    assert (element, rule, severity) in told(body)


def test_step_inside_a_sub_process_that_nothing_leads_to_is_refused() -> None:
    """With a start event, activities without a way in no longer begin by themselves (13.3.4)."""
    inside = '<startEvent id="s1"/><userTask id="a"/><userTask id="x"/>' + flows("s1 -> a")
    body = START + f'<subProcess id="sub">{inside}</subProcess>' + END + flows("s -> sub -> e")
    assert ("x", "structure.unreachable", "error") in told(body)
    without = body.replace('<startEvent id="s1"/>', "").replace(flows("s1 -> a"), "")
    assert not [one for one in told(without) if one[1] == "structure.unreachable"]


def test_boundary_event_stands_beside_its_activity() -> None:
    inside = '<subProcess id="x"><userTask id="inner"/></subProcess>' + flows("u -> x")
    event = f'<boundaryEvent id="b" attachedToRef="inner">{TIMER}</boundaryEvent>' + flows("b -> e")
    assert ("b", "events.boundary_elsewhere", "error") in told(chain(more=inside + event))
    handler = f'<subProcess id="h" triggeredByEvent="true"><startEvent id="hs">{SIGNAL}</startEvent></subProcess>'
    on_handler = event.replace('"inner"', '"h"')
    assert ("b", "events.boundary_on_handler", "error") in told(chain(more=handler + on_handler))


def test_thrown_error_says_which() -> None:
    def end(reference: str) -> str:
        return f'<endEvent id="e"><errorEventDefinition{reference}/></endEvent>'

    assert told(chain(end=end(""))) == {("e", "reference.event_missing", "error")}
    assert told(chain(end=end(' errorRef="bare"'))) == {("e", "reference.code_missing", "warning")}
    assert told(chain(end=end(' errorRef="err"'))) == set()


def test_activity_with_conditions_only_may_stop() -> None:
    body = START + '<userTask id="t"/><userTask id="u"/><userTask id="v"/>' + END
    found = told(body + flows("s -> t; t -> u [a = 1]; t -> v [a = 2]; u -> e; v -> e"))
    assert found == {("t", "structure.default_missing", "warning")}


def test_call_that_is_certain_to_come_back_is_refused() -> None:
    body = START + '<callActivity id="c" calledElement="{0}"/>' + END + flows("s -> c -> e")
    assert ("c", "calls.endless", "error") in told(body.format("p"))
    other = '<process id="q"><startEvent id="qs"/><callActivity id="qc" calledElement="p"/>{0}</process>'
    back = other.format(flows("qs -> qc"))
    assert ("c", "calls.endless", "error") in told(body.format("q"), back)
    chosen = other.format('<userTask id="qt"/>' + flows("qs -> qt -> qc"))
    assert not [one for one in told(body.format("q"), chosen) if one[1] == "calls.endless"]


def test_call_is_certain_to_come_back_also_from_inside_and_where_nothing_leads_to_it() -> None:
    call = '<callActivity id="c" calledElement="p"/>'
    assert ("c", "calls.endless", "error") in told(f'<userTask id="t"/>{call}')
    assert ("c", "calls.endless", "error") in told(f'{START}<subProcess id="u">{call}</subProcess>{flows("s -> u")}')
    waited = f'{START}<subProcess id="u"><userTask id="t"/>{call}{flows("t -> c")}</subProcess>{flows("s -> u")}'
    assert not [one for one in told(waited) if one[1] == "calls.endless"]


def test_event_that_is_certain_to_start_the_same_again_is_refused() -> None:
    def process(event: str, thrown: str, between: str = "task") -> str:
        start, end = f'<startEvent id="s">{event}</startEvent>', f'<endEvent id="e">{thrown}</endEvent>'
        return f'{start}<{between} id="t"/>{end}{flows("s -> t -> e")}'

    assert ("e", "thrown.endless", "error") in told(process(SIGNAL, SIGNAL))
    assert ("e", "thrown.endless", "error") in told(process(MESSAGE, MESSAGE))
    assert not [one for one in told(process(SIGNAL, SIGNAL, "userTask")) if one[1] == "thrown.endless"]
    assert not [one for one in told(process(SIGNAL, MESSAGE)) if one[1] == "thrown.endless"]
    unnamed = "<messageEventDefinition/>"
    assert not [one for one in told(process(unnamed, unnamed)) if one[1] == "thrown.endless"]
    other = f'<process id="q"><startEvent id="qs">{MESSAGE}</startEvent><endEvent id="qe">{SIGNAL}</endEvent>'
    back = f"{other}{flows('qs -> qe')}</process>"
    assert ("e", "thrown.endless", "error") in told(process(SIGNAL, MESSAGE), back)
    taken = (
        f'{other}<intermediateCatchEvent id="qc">{MESSAGE}</intermediateCatchEvent>{flows("qs -> qc -> qe")}</process>'
    )
    assert not [one for one in told(process(SIGNAL, MESSAGE), taken) if one[1] == "thrown.endless"]


def test_call_of_something_that_is_no_process_is_refused() -> None:
    body = chain(more='<callActivity id="c" calledElement="t"/>' + flows("u -> c"))
    assert ("c", "reference.not_callable", "error") in told(body)


def test_lanes_side_by_side_share_nothing_and_nested_ones_repeat() -> None:
    ref = "<flowNodeRef>t</flowNodeRef>"
    twice = f'<laneSet id="l"><lane id="a">{ref}</lane><lane id="b">{ref}</lane></laneSet>'
    inner = f'<childLaneSet id="l2"><lane id="b">{ref}</lane></childLaneSet>'
    nested = f'<laneSet id="l"><lane id="a">{ref}{inner}</lane></laneSet>'
    assert ("t", "lanes.twice", "warning") in told(twice + chain())
    assert told(nested + chain()) == set()


def test_message_flow_and_its_task_name_one_message() -> None:
    pools = (
        '<collaboration id="k"><participant id="pp" processRef="p"/><participant id="box"/>'
        '<messageFlow id="f" messageRef="{0}" sourceRef="box" targetRef="r"/></collaboration>'
    )
    body = START + '<receiveTask id="r" messageRef="m"/>' + END + flows("s -> r -> e")
    assert told(body, pools.format("m2")) == {("f", "conversations.message_differs", "warning")}
    assert told(body, pools.format("m")) == set()


def test_process_without_an_id_is_refused() -> None:
    library = load(documents(f'<process isExecutable="true">{chain()}</process>'))
    assert ("definitions_1", "id.missing", "error") in {(f.element_id, f.rule, f.severity) for f in library.findings}
