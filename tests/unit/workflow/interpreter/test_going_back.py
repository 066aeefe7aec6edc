"""Sub-processes that somebody went back into: each round is undone with the data it had (BPMN 2.0.2 10.7, 13.5.5)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
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
