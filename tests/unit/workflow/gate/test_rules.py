"""Rules of the gate about loops, events, throwing, types and lanes: one small model each."""

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import Surroundings, check
from tests.unit.workflow.driver import document, flows

ROOTS = (
    '<message id="m" name="go"/><signal id="sig" name="alarm"/><error id="err" errorCode="bad"/>'
    '<error id="err2" errorCode="other"/><escalation id="esc" escalationCode="slow"/>'
)
ERROR = '<errorEventDefinition errorRef="err"/>'
OTHER = '<errorEventDefinition errorRef="err2"/>'
CANCEL = "<cancelEventDefinition/>"
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
LINK = '<linkEventDefinition name="far"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
STAYS = ' cancelActivity="false"'
UNDO = "<compensateEventDefinition/>"


def rules(body: str, surroundings: Surroundings = Surroundings(), **more: str) -> set[tuple[str, str]]:  # noqa: B008
    """(element, rule) of everything the gate says, without remarks on missing people and ends."""
    found = check(load(document(body, ROOTS, **more)), surroundings)
    told = {(one.element_id, one.rule) for one in found}
    return {one for one in told if one[1] != "people.nobody" and not one[1].startswith("shape.")}


def boundary(identity: str, host: str, event: str, more: str = "") -> str:
    return f'<boundaryEvent id="{identity}" attachedToRef="{host}"{more}>{event}</boundaryEvent>'


AUTOMATIC = '<startEvent id="s"/><exclusiveGateway id="m"/><scriptTask id="a"><script>1</script></scriptTask>'


def test_automatic_loop_without_a_way_out_is_refused() -> None:
    assert rules(AUTOMATIC + flows("s -> m -> a -> m")) == {("m", "loops.endless")}


def test_automatic_loop_that_also_splits_off_is_endless_too() -> None:
    body = AUTOMATIC + '<parallelGateway id="f"/><userTask id="u"/>' + flows("s -> m -> a -> f -> m; f -> u")
    assert ("m", "loops.endless") in rules(body)


def test_loop_with_a_choice_or_with_a_person_is_fine() -> None:
    choice = '<exclusiveGateway id="x" default="x_e"/><endEvent id="e"/>'
    body = AUTOMATIC + choice + flows("s -> m -> a -> x; x -> m [n = 1]; x -> e [default]")
    assert rules(body) == set()
    person = '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="a"/>' + flows("s -> m -> a -> m")
    assert ("m", "loops.endless") not in rules(person)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<endEvent id="e"/><userTask id="t"/>' + flows("e -> t"), ("e", "events.end_leads_on")),
        ('<startEvent id="s"/><userTask id="t"/>' + flows("s -> t -> s"), ("s", "events.start_led_to")),
        ('<userTask id="t"/>' + boundary("b", "t", CANCEL), ("b", "events.cancel_outside")),
        ('<endEvent id="e">' + CANCEL + "</endEvent>", ("e", "events.cancel_outside")),
        ('<userTask id="t"/>' + boundary("b", "t", UNDO), ("b", "events.compensation_unbound")),
        ('<task id="t"/>' + boundary("b", "t", HOUR), ("b", "events.boundary_dead")),
        ('<userTask id="t"/>' + boundary("b", "t", ERROR, STAYS), ("b", "events.always_interrupts")),
        ('<startEvent id="s">' + ERROR + "</startEvent>", ("s", "events.start_kind")),
        (
            '<subProcess id="x"><startEvent id="i">' + HOUR + '</startEvent><userTask id="t"/>' + flows("i -> t")
            + "</subProcess>",
            ("i", "events.start_in_subprocess"),
        ),
        (
            '<userTask id="t"/><subProcess id="h" triggeredByEvent="true"><startEvent id="i"/></subProcess>',
            ("i", "events.handler_plain_start"),
        ),
        (
            '<userTask id="t"/><subProcess id="h" triggeredByEvent="true"><userTask id="i"/></subProcess>',
            ("h", "events.handler_starts"),
        ),
        (
            '<userTask id="t"/><subProcess id="h" triggeredByEvent="true"><startEvent id="i">' + SIGNAL
            + "</startEvent></subProcess>" + flows("t -> h"),
            ("h", "events.handler_flows"),
        ),
        (
            '<eventBasedGateway id="g"/><userTask id="t"/><userTask id="u"/>' + flows("g -> t; g -> u"),
            ("g", "events.gateway_target"),
        ),
        (
            '<userTask id="t"/><endEvent id="e">' + LINK + "</endEvent>" + flows("t -> e"),
            ("e", "events.link_missing"),
        ),
    ],
)  # fmt: skip
def test_event_where_it_cannot_be_is_named(body: str, expected: tuple[str, str]) -> None:
    assert expected in rules(body)


def test_error_that_nothing_inside_throws_is_a_warning() -> None:
    inner = '<subProcess id="x"><endEvent id="e">' + ERROR + "</endEvent></subProcess>"
    assert rules(inner + boundary("b", "x", ERROR)) == set()
    assert ("b", "thrown.never_thrown") in rules(inner + boundary("b", "x", OTHER))
    assert ("b", "thrown.never_thrown") in rules('<manualTask id="t"/>' + boundary("b", "t", ERROR))


def test_work_that_may_throw_any_error_is_not_remarked_on() -> None:
    assert rules('<userTask id="t"/>' + boundary("b", "t", ERROR)) == set()


def test_signal_nobody_catches_is_a_warning() -> None:
    throw = '<endEvent id="e">' + SIGNAL + "</endEvent>"
    assert rules(throw) == {("e", "thrown.unheard")}
    assert rules(throw + '<intermediateCatchEvent id="c">' + SIGNAL + "</intermediateCatchEvent>") == set()
    assert rules(throw, Surroundings(caught=frozenset({("signal", "alarm")}))) == set()


def test_escalation_nobody_catches_is_a_warning() -> None:
    throw = '<endEvent id="e"><escalationEventDefinition escalationRef="esc"/></endEvent>'
    assert rules(throw) == {("e", "thrown.escalation_lost")}


def test_compensation_without_handlers_is_a_warning_unless_a_called_process_may_have_some() -> None:
    throw = '<userTask id="t"/><endEvent id="e">' + UNDO + "</endEvent>"
    assert rules(throw + flows("t -> e")) == {("e", "thrown.nothing_to_undo")}
    called = '<callActivity id="c" calledElement="q"/>'
    assert rules(called + throw + flows("c -> t -> e")) == set()


def test_condition_that_is_no_condition_is_refused() -> None:
    body = '<userTask id="t"/><userTask id="u"/><userTask id="v"/>' + flows("t -> u [1 + 2]; t -> v")
    assert rules(body) == {("t_u", "types.wrong")}


DECLARED = (
    '<extensionElements><school:process/><school:variable name="amount" type="money"/>'
    '<school:variable name="note" type="text"/></extensionElements>'
)


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ("amount", "types.wrong"),
        ('amount = "5"', "expression.always_null"),
        ("note > 5", "expression.always_null"),
        ("1 < amount < 5", "expression.always_null"),
        ("starts with(note) or amount > 5", "expression.always_null"),
        ("amount > 5", None),
        ("amount = null", None),
        ('if amount > 5 then "yes" else "no"', "types.wrong"),
    ],
)
def test_declared_types_are_compared(condition: str, rule: str | None) -> None:
    tasks = '<userTask id="t"/><userTask id="u"/><userTask id="v"/>'
    found = rules(DECLARED + tasks + flows(f"t -> u [{condition}]; t -> v"))
    assert found == ({("t_u", rule)} if rule else set())


def test_cardinality_has_to_be_a_number() -> None:
    many = "multiInstanceLoopCharacteristics"
    body = f'<userTask id="t"><{many}><loopCardinality>[1, 2]</loopCardinality></{many}></userTask>'
    assert rules(body) == {("t", "types.wrong")}


def test_lane_lists_what_is_there_once() -> None:
    lanes = (
        '<laneSet id="l"><lane id="a" name="A"><flowNodeRef>t</flowNodeRef><flowNodeRef>u</flowNodeRef></lane>'
        '<lane id="b" name="B"><flowNodeRef>t</flowNodeRef><flowNodeRef>gone</flowNodeRef></lane></laneSet>'
    )
    found = rules(lanes + '<userTask id="t"/><userTask id="u"/>' + flows("t -> u"))
    assert found == {("t", "lanes.twice"), ("b", "lanes.unknown")}


def test_input_sets_that_each_lack_data_are_a_warning() -> None:
    """10.4.2: the activity would wait."""
    sets = "".join(f'<inputSet id="s{x}"><dataInputRefs>{x}</dataInputRefs></inputSet>' for x in "xz")
    inputs = f'<ioSpecification><dataInput id="x" name="x"/><dataInput id="z" name="z"/>{sets}<outputSet id="o"/>'
    task = f'<startEvent id="s"/><task id="t">{inputs}</ioSpecification>{{}}</task>' + flows("s -> t")
    given = "<dataInputAssociation><sourceRef>d</sourceRef><targetRef>z</targetRef></dataInputAssociation>"
    assert rules(task.format("")) == {("t", "data.sets_lacking")}
    assert rules('<dataObject id="d" name="d"/>' + task.format(given)) == set()
    optional = task.replace('sz"><dataInputRefs>z</dataInputRefs>', 'sz"><optionalInputRefs>z</optionalInputRefs>')
    assert rules(optional.format("")) == set()


def test_role_that_nobody_has_is_a_warning() -> None:
    task = (
        '<userTask id="t"><extensionElements><school:task><school:assignee rule="role:finance"/></school:task>'
        "</extensionElements></userTask>"
    )
    held = Surroundings(roles=frozenset({"finance"}), holders=frozenset({"role:finance"}))
    empty = Surroundings(roles=frozenset({"finance"}), holders=frozenset())
    assert rules(task, held) == set()
    assert rules(task, empty) == {("t", "people.no_holder")}


def test_large_chain_is_checked_in_linear_time() -> None:
    """5,000 tasks; a check that looks at all pairs would take minutes."""
    body = '<startEvent id="s"/>' + "".join(f'<task id="a{n}"/>' for n in range(4000))
    chain = " -> ".join(["s", *(f"a{n}" for n in range(4000))])
    assert rules(body + flows(chain)) == set()


def test_loop_of_people_without_a_way_out_is_a_warning() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="a"/>' + flows("s -> m -> a -> m")
    assert rules(body) == {("m", "soundness.never_ends")}


def test_names_are_computed_only_where_there_is_data_for_them() -> None:
    roots = (
        '<message id="m" name="=&quot;go-&quot; + who"/><signal id="g" name="${alarm}"/><error id="x" errorCode="=c"/>'
        '<message id="fixed" name="=&quot;go&quot;"/>'
    )
    body = (
        '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent><receiveTask id="r" messageRef="m"/>'
        '<receiveTask id="f" messageRef="fixed"/>'
        '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>'
        '<subProcess id="sub"><endEvent id="e"><errorEventDefinition errorRef="x"/></endEvent></subProcess>'
        '<boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition errorRef="x"/></boundaryEvent>'
    )
    found = check(load(document(body + flows("s -> r -> f -> c -> sub"), roots)), Surroundings())
    computed = {one.element_id for one in found if (one.rule, one.severity) == ("reference.name_computed", "error")}
    assert computed == {"s", "c", "b"}
    assert not [one for one in found if one.rule.startswith("thrown.")]
