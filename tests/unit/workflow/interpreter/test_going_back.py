"""Sub-processes that somebody went back into: each round is undone with the data it had (BPMN 2.0.2 10.7, 13.5.5)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import nodes
from tests.unit.workflow.driver import CheckedEngine, document, flows, run

COMPENSATE = "<compensateEventDefinition/>"


def undo(node: str) -> str:
    """A boundary event and a handler that tells which voucher it sees."""
    return (
        f'<boundaryEvent id="c_{node}" attachedToRef="{node}">{COMPENSATE}</boundaryEvent>'
        f'<serviceTask id="u_{node}" isForCompensation="true"><extensionElements><school:handler name="undo">'
        f'<school:input name="what" value="={node_text(node)}"/></school:handler></extensionElements></serviceTask>'
        f'<association id="l_{node}" sourceRef="c_{node}" targetRef="u_{node}"/>'
    )


def node_text(node: str) -> str:
    return f"&quot;{node}&quot; + string(voucher)"


HANDLER = (
    '<subProcess id="own" triggeredByEvent="true"><startEvent id="os">{}</startEvent>'
    '<intermediateThrowEvent id="ot">{}</intermediateThrowEvent><endEvent id="oe"/>{}</subProcess>'
).format(COMPENSATE, "{}", flows("os -> ot -> oe"))
INSIDE = (
    '<dataObject id="voucher"/><startEvent id="is"/><userTask id="a"/><userTask id="b"/><endEvent id="ie"/>'
    + undo("a")
    + undo("b")
    + flows("is -> a -> b -> ie")
)


def model(inside: str, beside: str = "") -> str:
    body = (
        f'<startEvent id="s"/><subProcess id="sub">{inside}</subProcess>{beside}<userTask id="c"/>'
        '<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="sub"/></intermediateThrowEvent>'
        '<userTask id="end"/>' + flows("s -> sub -> c -> t -> end")
    )
    return document(body)


def play(source: str) -> tuple[CheckedEngine, Instance, list[Any]]:
    told: list[Any] = []

    def tell(inputs: Any) -> dict[str, Any]:
        told.append(inputs["what"])
        return {}

    engine, case = run(source, functions={"undo": tell})
    case.complete("a", {"voucher": 1})
    case.complete("b")
    return engine, case, told


def back(case: Instance, target: str, *undone: str) -> None:
    case.do(do.MoveToken((case.tasks[0].id,), target, "again", compensate=frozenset(undone)))


@pytest.mark.parametrize("which", ["", ' activityRef="a"', ' activityRef="b"'])
def test_each_round_is_undone_with_its_own_data_by_the_handler_of_the_whole(which: str) -> None:
    throw = f"<compensateEventDefinition{which}/>"
    _, case, told = play(model(INSIDE + HANDLER.format(throw)))
    back(case, "b")
    assert case.state.scopes[case.state.tokens[case.tasks[0].id].scope].vars["voucher"] == 1
    case.complete("b", {"voucher": 2})
    case.complete("c")
    expected = {"": ["b2", "b1", "a1"], ' activityRef="a"': ["a1"], ' activityRef="b"': ["b2", "b1"]}
    assert (told, [task.element for task in case.tasks]) == (expected[which], ["end"])


def test_rounds_nest_and_what_was_undone_on_the_way_back_is_not_undone_again() -> None:
    _, case, told = play(model(INSIDE + HANDLER.format(COMPENSATE)))
    back(case, "b", "b")
    assert told == ["b1"]
    case.complete("b", {"voucher": 2})
    back(case, "a", "a", "b")
    assert told == ["b1", "b2", "a1"]
    case.complete("a", {"voucher": 3})
    case.complete("b")
    case.complete("c")
    assert told == ["b1", "b2", "a1", "b3", "a3"]


def test_inner_steps_of_a_sub_process_with_a_handler_beside_it_see_their_data() -> None:
    beside = (
        f'<boundaryEvent id="cs" attachedToRef="sub">{COMPENSATE}</boundaryEvent>'
        '<task id="whole" isForCompensation="true"/><association id="ls" sourceRef="cs" targetRef="whole"/>'
    )
    _, case, told = play(model(INSIDE, beside))
    back(case, "b", "b")
    assert told == ["b1"]
    case.complete("b", {"voucher": 2})
    case.complete("c")
    assert (told, case.trace().count("whole")) == (["b1"], 1)


PLAIN = (
    '<dataObject id="voucher"/><startEvent id="is"/><userTask id="a"/><userTask id="b"/><endEvent id="ie"/>'
    + flows("is -> a -> b -> ie")
)
DEEP = (
    f'<dataObject id="outer"/><startEvent id="os"/><subProcess id="deep">{PLAIN}</subProcess><userTask id="o"/>'
    + flows("os -> deep -> o")
)


def around(case: Instance, element: str) -> dict[str, Any]:
    """What the scope holds in which a task of that element is open."""
    return case.state.scopes[case.state.tokens[case.task(element).id].scope].vars


@pytest.mark.parametrize("late", ["finished", "interrupted"])
def test_sub_process_without_compensation_has_its_data_again(late: str) -> None:
    event = '<boundaryEvent id="stop" attachedToRef="sub"><messageEventDefinition messageRef="m"/></boundaryEvent>'
    body = f'<startEvent id="s"/><subProcess id="sub">{PLAIN}</subProcess>{event}<userTask id="c"/>'
    engine, case = run(document(body + flows("s -> sub -> c; stop -> c"), '<message id="m" name="stop"/>'))
    case.complete("a", {"voucher": 1})
    if late == "interrupted":
        engine.correlate("stop")
    else:
        case.complete("b", {"voucher": 2})
    back(case, "b")
    assert around(case, "b") == {"voucher": 1 if late == "interrupted" else 2}
    case.complete("b", {"voucher": 3})
    case.complete("c")
    assert (case.variables.get("voucher"), case.status) == (None, "completed")


def test_sub_processes_inside_one_another_have_their_data_again_also_twice() -> None:
    source = document(
        '<startEvent id="s"/><subProcess id="sub">' + DEEP + '</subProcess><userTask id="c"/>' + flows("s -> sub -> c")
    )
    _, case = run(source)
    case.complete("a", {"voucher": 1, "outer": 5})
    case.complete("b")
    case.complete("o", {"outer": 6})
    for last in (2, 3):
        back(case, "b")
        case.complete("b", {"voucher": last})
        assert around(case, "o") == {"outer": 6}
        case.complete("o")
    nodes.rename(case.state, {"deep": "deeper", "sub": "under"}, ())
    assert case.state.scopes[0].left == {"under": [{"outer": 6}, {"deeper": [{"voucher": 3}, {}]}]}
    nodes.rename(case.state, {"deeper": "deep", "under": "sub"}, ())
    back(case, "a")
    assert around(case, "a") == {"voucher": 3}


def test_round_of_a_loop_begins_without_the_data_of_the_last() -> None:
    choice = '<exclusiveGateway id="x" default="x_e"/><endEvent id="e"/>' + flows(
        "sub -> x; x -> sub [again]; x -> e [default]"
    )
    _, case = run(
        document(f'<startEvent id="s"/><subProcess id="sub">{PLAIN}</subProcess>{choice}' + flows("s -> sub"))
    )
    case.complete("a", {"voucher": 1})
    case.complete("b", {"again": True})
    assert around(case, "a") == {"voucher": None}
    assert case.state.scopes[0].left == {"sub": [{"voucher": 1}, {}]}
