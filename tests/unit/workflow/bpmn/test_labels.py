"""Nodes and flows without a name are told by kind and neighbour, not by an id that a tool made up."""

import pytest

from engine.workflow import Engine, doctor

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="all" targetNamespace="urn:t">'


def texts(gateway: str, task: str, start: str = "s") -> dict[str, tuple[str, str]]:
    """What is said of a start, a task and a gateway that may find no way, by rule."""
    ways = "".join(
        f'<sequenceFlow id="w{n}" sourceRef="{gateway}" targetRef="e{n}"><conditionExpression>x = {n}'
        f'</conditionExpression></sequenceFlow><endEvent id="e{n}"/>'
        for n in (1, 2)
    )
    back = f'<sequenceFlow id="c" sourceRef="t" targetRef="{start}"/>'
    body = (
        f'<startEvent id="{start}"/><userTask id="t" name="{task}"/><exclusiveGateway id="{gateway}"/>{ways}'
        f'<sequenceFlow id="a" sourceRef="{start}" targetRef="t"/>{back}'
        f'<sequenceFlow id="b" sourceRef="t" targetRef="{gateway}"/>'
    )
    found = Engine().check(f'{HEAD}<process id="p" isExecutable="true">{body}</process></definitions>')
    return {one.rule: (one.text.zh, one.text.en) for one in found}


@pytest.mark.parametrize(
    "made_up", ["Gateway_10x9elw", "_8", "sid-EA94CD8C-3002-421E-BD64-B46EBDD8070F", "exclusivegateway1"]
)
def test_unnamed_gateway_is_told_by_its_neighbour(made_up: str) -> None:
    zh, en = texts(made_up, "部门审批")["structure.default_missing"]
    assert zh == "“部门审批”之后的排他网关没有默认出口：条件都不满足时流程会停下报异常"
    assert en.startswith("The exclusive gateway after 部门审批 has no default way")


def test_start_without_a_name_is_told_by_what_comes_after_it() -> None:
    zh, en = texts("g", "报名", start="StartEvent_1")["events.start_led_to"]
    assert zh.startswith("“报名”之前的开始事件")
    assert en.startswith("The start event before 报名")


def test_id_of_words_stays() -> None:
    assert texts("is_enough", "审批")["structure.default_missing"][0].startswith("“is_enough”没有默认出口")


def test_nodes_with_no_name_around_are_told_by_kind_and_counted() -> None:
    zh, en = texts("Gateway_10x9elw", "")["structure.default_missing"]
    assert zh.startswith("排他网关没有默认出口")
    assert en.startswith("The exclusive gateway has no default way")
    body = "".join(f'<userTask id="Activity_0000{n}ab"/>' for n in (1, 2))
    found = Engine().check(f'{HEAD}<process id="p" isExecutable="true">{body}</process></definitions>', in_school=True)
    nobody = [(one.element_id, one.text.en) for one in found if one.rule == "people.nobody"]
    assert nobody == [
        ("Activity_00001ab", "User task 1 names nobody: it goes to the administrators"),
        ("Activity_00002ab", "User task 2 names nobody: it goes to the administrators"),
    ]


def test_fixes_and_flows_are_told_so_too() -> None:
    body = (
        '<startEvent id="StartEvent_1"/><exclusiveGateway id="Gateway_10x9elw"/><userTask id="a" name="同意"/>'
        '<userTask id="b" name="拒绝"/><sequenceFlow id="Flow_0abcde1" sourceRef="StartEvent_1" targetRef="a">'
        "<conditionExpression>amount &gt; 5</conditionExpression></sequenceFlow>"
        '<sequenceFlow id="Flow_0abcde2" sourceRef="a" targetRef="Gateway_10x9elw"/>'
        '<sequenceFlow id="Flow_0abcde3" sourceRef="Gateway_10x9elw" targetRef="b"/>'
        '<sequenceFlow id="Flow_0abcde4" sourceRef="Gateway_10x9elw" targetRef="a"/>'
    )
    fixes = doctor.examine(f'{HEAD}<process id="p" isExecutable="true">{body}</process></definitions>').fixes
    told = {fix.id: (fix.text.zh, fix.text.en) for fix in fixes}
    assert told["gateway.person:Gateway_10x9elw"] == (
        "“同意”之后的排他网关没有条件：由人选择走哪个出口",
        "The exclusive gateway after 同意 has no conditions: a person chooses the way",
    )
    assert told["condition.remove:Flow_0abcde1"] == (
        "删除“同意”之前的开始事件到“同意”的连线上的条件",
        "Remove the condition on the flow from the start event before 同意 to 同意",
    )


def test_duplicate_id_is_told_as_it_is() -> None:
    body = '<userTask id="Activity_00001ab"/><userTask id="Activity_00001ab"/>'
    found = Engine().check(f'{HEAD}<process id="p" isExecutable="true">{body}</process></definitions>')
    assert "标识“Activity_00001ab”重复" in [one.text.zh for one in found]


def test_incident_tells_an_unnamed_node_by_its_neighbour() -> None:
    engine = Engine()
    ways = '<sequenceFlow id="w" sourceRef="Gateway_10x9elw" targetRef="e"><conditionExpression>false'
    engine.deploy(
        f'{HEAD}<process id="p" isExecutable="true"><task id="t" name="核对"/><exclusiveGateway id="Gateway_10x9elw"/>'
        f'<sequenceFlow id="b" sourceRef="t" targetRef="Gateway_10x9elw"/>{ways}</conditionExpression></sequenceFlow>'
        '<endEvent id="e"/></process></definitions>'
    )
    (incident,) = engine.start("p").incidents
    assert incident.text.zh == "“核对”之后的排他网关的所有条件都不成立，也没有默认连线"
    assert incident.text.en.startswith("No condition leaving the exclusive gateway after 核对 holds")
