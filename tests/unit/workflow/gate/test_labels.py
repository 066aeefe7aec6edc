"""Nodes without a name are told by their kind and a neighbour, not by an id that a tool made up."""

import pytest

from engine.workflow import Engine

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


def test_id_of_words_and_a_node_among_unnamed_ones_keep_their_id() -> None:
    assert texts("is_enough", "审批")["structure.default_missing"][0].startswith("“is_enough”没有默认出口")
    assert texts("Gateway_10x9elw", "")["structure.default_missing"][0].startswith("“Gateway_10x9elw”没有")
