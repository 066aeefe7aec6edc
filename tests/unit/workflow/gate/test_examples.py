"""The example that explains a deadlock: its way through the model, and its words."""

from hypothesis import example, given, settings

from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import Finding
from engine.workflow.gate import soundness
from tests.unit.workflow.driver import document
from tests.unit.workflow.gate.test_soundness import Net, nets

PARTS = """<startEvent id="s"/><exclusiveGateway id="way" name="金额"/><userTask id="a" name="校长批"/>
<userTask id="b" name="主管批"/><parallelGateway id="join" name="汇合"/><endEvent id="e"/>
<sequenceFlow id="f0" sourceRef="s" targetRef="way"/>
<sequenceFlow id="f1" name="大于五千" sourceRef="way" targetRef="a"/>
<sequenceFlow id="f2" sourceRef="way" targetRef="b"/><sequenceFlow id="f3" sourceRef="a" targetRef="join"/>
<sequenceFlow id="f4" sourceRef="b" targetRef="join"/><sequenceFlow id="f5" sourceRef="join" targetRef="e"/>"""
INNER = f"""<startEvent id="s0"/><subProcess id="inner">{PARTS}</subProcess><endEvent id="e0"/>
<sequenceFlow id="g0" sourceRef="s0" targetRef="inner"/><sequenceFlow id="g1" sourceRef="inner" targetRef="e0"/>"""


MEETING = Net(("x", "x", "+", "+"), ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (2, 3), (3, 4), (4, 5)))
"""Two ways of a fork meet in an exclusive gateway, and the join behind it gets two tokens for one."""


def told(source: str) -> list[Finding]:
    return [one for process in load(source).model.processes for one in soundness.check(process)]


def deadlocks(source: str) -> list[Finding]:
    return [one for one in told(source) if one.rule == "soundness.deadlock"]


def test_deadlock_is_told_with_the_choice_that_leads_to_it() -> None:
    (found,) = deadlocks(document(PARTS))
    assert found.text.zh.endswith("例如“金额”走“大于五千”时，“汇合”等不到从“主管批”来的路径")
    assert found.text.en.endswith("For example, when 金额 goes to 大于五千, nothing comes from 主管批")
    assert found.path == ("s", "f0", "way", "f1", "a", "f3", "join")


def test_unnamed_way_is_told_by_where_it_leads() -> None:
    (found,) = deadlocks(document(PARTS.replace(' name="大于五千"', "")))
    assert "“金额”走“校长批”时" in found.text.zh


def test_example_inside_a_subprocess_stays_inside() -> None:
    (found,) = deadlocks(document(INNER))
    assert found.path == ("s", "f0", "way", "f1", "a", "f3", "join")


def test_long_way_is_told_by_its_last_choices() -> None:
    ways = "".join(
        f'<exclusiveGateway id="w{n}" name="选{n}"/><task id="x{n}"/><exclusiveGateway id="m{n}"/>'
        f'<sequenceFlow id="p{n}" sourceRef="{"s" if n == 0 else f"m{n - 1}"}" targetRef="w{n}"/>'
        f'<sequenceFlow id="q{n}" name="过" sourceRef="w{n}" targetRef="m{n}"/>'
        f'<sequenceFlow id="r{n}" sourceRef="w{n}" targetRef="x{n}"/>'
        f'<sequenceFlow id="t{n}" sourceRef="x{n}" targetRef="m{n}"/>'
        for n in range(6)
    )
    (found,) = deadlocks(document(ways + PARTS.replace('sourceRef="s"', 'sourceRef="m5"')))
    assert "例如经过 3 个分支，最后“选3”走“过”，“选4”走“过”，“选5”走“过”，“金额”走“大于五千”时" in found.text.zh


@given(nets())
@example(MEETING)
@settings(max_examples=60, deadline=None)
def test_every_deadlock_of_a_small_net_has_an_example_that_ends_there(net: Net) -> None:
    """But where tokens that nobody joined meet: that has a finding of its own, and comes first."""
    found = told(net.xml())
    for one in [one for one in found if one.rule == "soundness.deadlock"]:
        if not one.path:
            assert any(other.rule == "soundness.twice" for other in found)
            continue
        assert one.path[0] == "n0"
        assert one.element_id in one.path
        assert len(set(one.path)) == len(one.path)
