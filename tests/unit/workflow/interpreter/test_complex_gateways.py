"""Complex gateways: both phases, what their conditions see, and each rule of the reset (BPMN 2.0.2 10.6.5, 13.4.5).

Every step works on a restored state (driver.CheckedEngine).
"""

from __future__ import annotations

from typing import Any

import pytest

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import document, flows, run

WAYS = "s -> f -> a -> c; f -> b -> c; f -> d -> c; "


def model(condition: str, behind: str = "c -> z", more: str = "", ways: str = WAYS) -> str:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><userTask id="d"/>'
        f'<complexGateway id="c"><activationCondition>{condition}</activationCondition></complexGateway>'
        '<userTask id="z"/>' + more
    )
    return document(body + flows(ways + behind))


def begun(source: str, **variables: Any) -> Instance:
    _, case = run(source, variables)
    return case


def passed(case: Instance, node: str = "z") -> int:
    return case.trace("entered").count(node)


@pytest.mark.parametrize(
    ("condition", "variables", "after"),
    [
        ("activationCount &gt;= 2", {}, [0, 1, 1]),
        ("activationCount &gt;= needed", {"needed": 3}, [0, 0, 1]),
        ("urgent or activationCount = 3", {"urgent": True}, [1, 1, 1]),
        ("urgent or activationCount = 3", {}, [0, 0, 1]),
        ("a_c + d_c = 2", {}, [0, 0, 1]),
        ("waitingForStart and b_c = 1", {}, [0, 1, 1]),
    ],
)
def test_condition_is_asked_at_each_arrival_and_holds_once(
    condition: str, variables: dict[str, Any], after: list[int]
) -> None:
    case = begun(model(condition), **variables)
    seen = []
    for task in ("a", "b", "d"):
        case.complete(task)
        seen.append(passed(case))
    assert seen == after
    case.complete("z")
    assert case.status == "completed"


def test_condition_sees_data_as_it_is_at_the_arrival() -> None:
    case = begun(model("activationCount &gt;= needed"), needed=3)
    case.complete("a")
    case.complete("b")
    case.set_variables(needed=1)
    assert passed(case) == 0
    case.complete("d")
    assert passed(case) == 1


def test_second_token_of_a_flow_waits_for_the_next_start() -> None:
    """The start takes one token of each flow that has any; what is left belongs to the next one."""
    ways = "s -> f -> a -> pq -> c; f -> b -> c; f -> d -> c; "
    more = '<task id="pq" completionQuantity="2"/>'
    case = begun(model("activationCount &gt;= 3", more=more, ways=ways))
    case.complete("a")
    assert (passed(case), case.arrived) == (0, [("c", "pq_c"), ("c", "pq_c")])
    case.complete("b")
    assert (passed(case), case.arrived) == (1, [("c", "pq_c")])
    case.complete("d")
    assert (passed(case), case.arrived) == (1, [("c", "pq_c")])


def test_reset_begins_the_next_start_with_what_is_left() -> None:
    ways = "s -> f -> a -> pq -> c; f -> b -> c; f -> d -> c; "
    more = '<task id="pq" completionQuantity="2"/>'
    case = begun(model("pq_c &gt;= 1", more=more, ways=ways))
    case.complete("a")
    assert (passed(case), case.arrived) == (1, [("c", "pq_c")])
    case.complete("b")
    assert passed(case) == 1
    case.complete("d")
    assert (passed(case), case.arrived) == (2, [])
    case.complete("z")
    case.complete("z")
    assert case.status == "completed"


def test_reset_swallows_one_token_of_each_flow_that_had_not_come() -> None:
    case = begun(model("activationCount = 1"))
    case.complete("b")
    assert passed(case) == 1
    case.complete("z")
    assert case.status == "running"
    case.complete("a")
    case.complete("d")
    assert (passed(case), case.status, case.arrived) == (1, "completed", [])


def test_reset_waits_only_for_what_can_still_come() -> None:
    """The expected tokens are told as at an inclusive join: a way that nobody is on any more is not waited for."""
    ways = "s -> f -> a -> c; f -> b -> x; x -> c [good]; x -> e [default]; f -> d -> c; "
    case = begun(model("activationCount = 1", more='<exclusiveGateway id="x"/><endEvent id="e"/>', ways=ways))
    case.complete("a")
    case.complete("z")
    case.complete("d")
    assert case.status == "running"
    case.complete("b")
    assert (case.status, passed(case)) == ("completed", 1)


def test_start_without_a_way_out_is_an_incident_and_its_tokens_are_taken() -> None:
    case = begun(model("activationCount = 2", "c -> z [go]"))
    case.complete("a")
    case.complete("b")
    assert [(one.element, one.code) for one in case.incidents] == [("c", "flow.none_taken")]
    case.set_variables(go=True)
    case.retry("c")
    assert passed(case) == 1
    case.complete("d")
    case.complete("z")
    assert case.status == "completed"


def test_default_flow_is_taken_at_the_start_and_never_at_the_reset() -> None:
    behind = "c -> z [waitingForStart and go]; c -> late [default]"
    source = model("activationCount = 2", behind, '<userTask id="late"/>').replace(
        'id="c">', 'id="c" default="c_late">'
    )
    case = begun(source)
    for task in ("a", "b"):
        case.complete(task)
    assert (passed(case), passed(case, "late")) == (0, 1)
    case.complete("d")
    assert (passed(case), passed(case, "late")) == (0, 1)


def test_conditions_tell_start_and_reset_apart_and_see_the_tokens_of_each() -> None:
    behind = "c -> z [waitingForStart]; c -> y [not(waitingForStart) and activationCount = 1 and d_c = 1]"
    case = begun(model("activationCount = 2", behind, '<userTask id="y"/>'))
    for task in ("a", "b"):
        case.complete(task)
    assert (passed(case), passed(case, "y")) == (1, 0)
    case.complete("d")
    assert (passed(case), passed(case, "y")) == (1, 1)
    case.complete("z")
    case.complete("y")
    assert case.status == "completed"


def test_gateway_in_a_sub_process_is_reset_before_that_ends() -> None:
    inside = model("activationCount = 1").partition("<process")[2].partition(">")[2].rpartition("</process>")[0]
    case = begun(
        document(
            f'<startEvent id="o"/><subProcess id="sub">{inside}</subProcess><userTask id="end"/>'
            + flows("o -> sub -> end")
        )
    )
    case.complete("a")
    case.complete("z")
    assert passed(case, "end") == 0
    case.complete("b")
    case.complete("d")
    assert passed(case, "end") == 1
