"""What a drawing leaves open can be closed by accepting: then it deploys, and it runs."""

import pytest

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.gate import Surroundings
from tests.unit.workflow.driver import document, flows

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
ROOTS = '<signal id="sig" name="alarm"/><error id="err" errorCode="bad"/>'


def step(tag: str, inside: str = "", attributes: str = "") -> str:
    """Start, this step `t`, end."""
    return f'{START}<{tag} id="t" name="某步"{attributes}>{inside}</{tag}>{END}{flows("s -> t -> e")}'


def errors(source: str) -> list[tuple[str, str]]:
    return [(one.element_id, one.rule) for one in Engine().check(source, in_school=True) if one.severity == "error"]


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        (step("serviceTask", attributes=' implementation="##WebService"'), "work.person:t"),
        (step("businessRuleTask"), "work.person:t"),
        (step("callActivity"), "work.person:t"),
        (step("scriptTask", "<script>do what is needed</script>"), "work.person:t"),
        (step("scriptTask", '<script>mails.send("x");</script>', ' scriptFormat="java"'), "work.person:t"),
        (step("sendTask"), "reference.create:t"),
        (step("userTask", attributes=' startQuantity="2"'), "quantity.one:t"),
        (step("userTask") + flows("t -> s"), "flows.remove:s"),
        (step("userTask") + flows("e -> t"), "flows.remove:e"),
        (step("userTask") + '<dataObject id="t"/>', "id.renew:t"),
        (step("userTask", "<multiInstanceLoopCharacteristics/>"), "repeat.remove:t"),
        (step("userTask", "<standardLoopCharacteristics/>"), "repeat.remove:t"),
        (step("intermediateCatchEvent", "<timerEventDefinition/>"), "event.person:t"),
        (step("intermediateCatchEvent", "<conditionalEventDefinition><condition/></conditionalEventDefinition>"),
         "event.person:t"),
        (step("userTask").replace(START, '<startEvent id="s"><timerEventDefinition><timeDate/></timerEventDefinition>'
                                  "</startEvent>"), "event.plain:s"),
        (step("userTask") + '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition/></boundaryEvent>',
         "boundary.remove:b"),
        (step("userTask") + '<userTask id="lost"/>', "node.remove:lost"),
        (step("userTask").replace(END, '<endEvent id="e"><errorEventDefinition/></endEvent>'), "reference.create:e"),
    ],
)  # fmt: skip
def test_open_step_can_be_closed_by_accepting(body: str, fix: str) -> None:
    source = document(body, ROOTS)
    assert errors(source)
    assert fix in [one.id for one in doctor.examine(source).fixes]
    assert errors(doctor.apply(source, [fix])) == []


def test_step_done_by_a_person_keeps_its_name_and_waits() -> None:
    source = doctor.apply(document(step("serviceTask", attributes=' camunda:class="com.x.Y"')), ["work.person:t"])
    engine = Engine()
    engine.deploy(source)
    case = engine.start()
    assert [(task.element, task.name) for task in case.tasks] == [("t", "某步")]
    case.complete("t")
    assert case.status == "completed"


CHOICE = START + '<exclusiveGateway id="g" name="够吗"/><task id="a" name="甲"/><task id="b" name="乙"/>' + END


@pytest.mark.parametrize("conditions", [("", ""), ("是", "金额不够 500 元"), ("", "the rest of them")])
def test_gateway_with_conditions_for_people_lets_a_person_choose(conditions: tuple[str, str]) -> None:
    ways = "".join(
        f'<sequenceFlow id="{way}" name="{name}" sourceRef="g" targetRef="{way[0]}"><conditionExpression>{text}'
        "</conditionExpression></sequenceFlow>"
        for way, name, text in (("a1", "是", conditions[0]), ("b1", "否", conditions[1]))
    )
    source = document(CHOICE + ways + flows("s -> g; a -> e; b -> e"))
    assert [fix.id for fix in doctor.examine(source).fixes] == ["gateway.person:g"]
    engine = Engine()
    engine.deploy(doctor.apply(source, ["gateway.person:g"]))
    case = engine.start()
    case.complete("choose_g", outcome="否")
    assert (case.status, case.trace()[-2:]) == ("completed", ["b", "e"])


def test_inclusive_gateway_without_conditions_takes_its_ways_every_time() -> None:
    source = document(CHOICE.replace("exclusive", "inclusive") + flows("s -> g; g -> a -> e; g -> b -> e"))
    engine = Engine()
    engine.deploy(doctor.apply(source, ["gateway.all:g"]))
    assert sorted(engine.start().trace()) == ["a", "b", "e", "e", "g", "s"]


def test_join_that_would_wait_for_ever_becomes_inclusive() -> None:
    ways = flows("s -> g; g -> a [x = 1]; g -> b [default]; a -> j; b -> j; j -> e")
    source = document(CHOICE.replace('id="g"', 'id="g" default="g_b"') + '<parallelGateway id="j"/>' + ways)
    assert errors(source) == [("j", "soundness.deadlock")]
    mend = doctor.apply(source, ["gateway.inclusive:j"])
    assert errors(mend) == []
    engine = Engine()
    engine.deploy(mend)
    assert engine.start().status == "completed"


def test_rough_drawing_deploys_after_accepting_round_by_round() -> None:
    body = (
        '<startEvent id="s"><timerEventDefinition><timeDate/></timerEventDefinition></startEvent>'
        '<inclusiveGateway id="i" default="i_c"/><serviceTask id="w"/><callActivity id="c"/><subProcess id="x">'
        '<multiInstanceLoopCharacteristics isSequential="false"/><startEvent id="xs"/><task id="xt">'
        "<standardLoopCharacteristics/></task>" + flows("xs -> xt") + '</subProcess><userTask id="u"/>'
        '<boundaryEvent id="b" attachedToRef="u" cancelActivity="false"><conditionalEventDefinition><condition/>'
        '</conditionalEventDefinition></boundaryEvent><task id="late"/><parallelGateway id="j"/>'
        '<endEvent id="e"><signalEventDefinition/></endEvent>'
        + flows("s -> i -> w -> x -> j; i -> c -> u -> j; b -> late -> j; j -> e")
    )
    source, accepted = doctor.mend(document(body))
    assert errors(source) == []
    assert accepted == (
        "gateway.all:i", "reference.create:e", "boundary.remove:b", "event.plain:s", "work.person:w", "work.person:c",
        "repeat.remove:x", "repeat.remove:xt", "node.remove:late", "gateway.inclusive:j",
    )  # fmt: skip
    engine = Engine()
    engine.deploy(source)
    case = engine.start()
    case.complete("w")
    assert case.status == "completed"


@pytest.mark.parametrize(
    ("tag", "inside", "attributes"),
    [
        (
            "callActivity",
            '<extensionElements><school:call binding="latest"/></extensionElements>',
            ' calledElement="gone"',
        ),
        ("businessRuleTask", '<extensionElements><school:decision ref="gone"/></extensionElements>', ""),
        ("serviceTask", '<extensionElements><school:handler name="gone"/></extensionElements>', ""),
    ],
)
def test_step_whose_work_is_not_in_this_school_may_be_done_by_a_person(tag: str, inside: str, attributes: str) -> None:
    school = Surroundings(processes=frozenset(), decisions=frozenset(), handlers={})
    source = document(step(tag, inside, attributes))
    found = doctor.examine(source, school)
    assert [one.id for one in found.fixes] == ["work.person:t"]
    mended = doctor.apply(source, ["work.person:t"], school)
    assert not has_errors(doctor.examine(mended, school).findings)
    assert '"gone"' not in mended


def test_condition_on_data_with_spaces_in_its_name_is_no_sentence() -> None:
    way = '<conditionExpression>Order state = "late"</conditionExpression>'
    body = (
        f'{START}<dataObject id="d" name="Order state"/><exclusiveGateway id="g"/><task id="t"/>{END}'
        f'{flows("s -> g; t -> e; g -> e")}<sequenceFlow id="w" sourceRef="g" targetRef="t">{way}</sequenceFlow>'
    )
    assert [one.id for one in doctor.examine(document(body)).fixes] == ["gateway.default:g"]


def test_literal_expression_inside_a_text_is_taken_out() -> None:
    boxed = (
        '&lt;d:literalExpression xmlns:d="https://www.omg.org/spec/DMN/20191111/MODEL/"&gt;&lt;d:text&gt;answer.rows[1]'
        "&lt;/d:text&gt;&lt;/d:literalExpression&gt;"
    )
    inside = (
        '<ioSpecification><dataOutput id="o" name="answer"/><inputSet/><outputSet><dataOutputRefs>o</dataOutputRefs>'
        "</outputSet></ioSpecification><dataOutputAssociation><sourceRef>o</sourceRef><targetRef>r</targetRef>"
        f'<transformation language="https://www.omg.org/spec/DMN/20191111/MODEL/">{boxed}</transformation>'
        "</dataOutputAssociation>"
    )
    data = '<dataObject id="d" name="first"/><dataObjectReference id="r" dataObjectRef="d"/>'
    engine = Engine()
    engine.deploy(document(step("userTask", inside) + data))
    case = engine.start()
    case.complete("t", {"answer": {"rows": [7, 8]}})
    assert case.variables["first"] == 7
    broken = document(step("userTask", inside.replace("&lt;/d:text&gt;", "")) + data)
    assert "answer.rows[1]&lt;/d:literal" in doctor.treat(broken)[0]
