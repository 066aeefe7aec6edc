"""Loops and multi-instance (BPMN 2.0.2 13.3.6, 13.3.7)."""

from decimal import Decimal

import pytest

from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.state import Wait
from tests.unit.workflow.driver import document, flows, run


def multi(inner: str, *, sequential: bool = False, task: str = "userTask", body: str = "", more: str = "") -> str:
    mode = "true" if sequential else "false"
    return document(
        f'<startEvent id="s"/><{task} id="t">{body}<multiInstanceLoopCharacteristics isSequential="{mode}">{inner}'
        f'</multiInstanceLoopCharacteristics></{task}><userTask id="after"/>{more}' + flows("s -> t -> after"),
        '<signal id="sig" name="alarm"/>',
    )


SIGN = (
    '<extensionElements><school:task><school:outcome name="approve"/><school:outcome name="reject" style="danger"/>'
    '<school:countersign mode="{}" value="{}"/></school:task></extensionElements>'
)
LIST = (
    '<extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" '
    'outputCollection="results" outputElement="=item * 2"/></extensionElements>'
)


def vote(instance: Instance, *outcomes: str) -> None:
    for outcome in outcomes:
        instance.complete("t", outcome=outcome, by="u" + outcome)


def test_parallel_cardinality_opens_all_and_waits_for_all() -> None:
    _, instance = run(multi("<loopCardinality>3</loopCardinality>"))
    assert [task.item for task in instance.tasks] == [1, 2, 3]
    vote(instance, "done", "done")
    assert instance.active == ["t"]
    vote(instance, "done")
    assert instance.active == ["after"]
    assert instance.trace() == ["s", "t", "t", "t"]


def test_sequential_opens_one_after_the_other() -> None:
    _, instance = run(multi("<loopCardinality>2</loopCardinality>", sequential=True))
    assert [task.item for task in instance.tasks] == [1]
    vote(instance, "done")
    assert [task.item for task in instance.tasks] == [2]
    vote(instance, "done")
    assert instance.active == ["after"]


def test_collection_gives_items_and_collects_outputs_in_order() -> None:
    for sequential in (False, True):
        _, instance = run(multi(LIST, sequential=sequential, task="scriptTask"), {"items": [1, 2, 3]})
        assert instance.variables["results"] == [2, 4, 6]
        assert "item" not in instance.variables
        assert instance.active == ["after"]


def test_item_variable_is_local_to_each_task() -> None:
    _, instance = run(multi(LIST), {"items": [10, 20]})
    assert [task.local["item"] for task in instance.tasks] == [10, 20]


def test_completion_condition_cancels_the_rest() -> None:
    _, instance = run(
        multi(
            "<loopCardinality>5</loopCardinality>"
            "<completionCondition>numberOfCompletedInstances &gt;= 2</completionCondition>"
        )
    )
    vote(instance, "done", "done")
    assert instance.active == ["after"]
    assert instance.trace("cancelled").count("t") == 3


def test_completion_condition_reads_the_votes_of_the_task() -> None:
    condition = "t.approved / t.total &gt;= 0.5"
    inner = f"<loopCardinality>4</loopCardinality><completionCondition>{condition}</completionCondition>"
    _, instance = run(multi(inner, body=SIGN.format("", "")))
    vote(instance, "approve", "approve")
    assert instance.active == ["after"]


@pytest.mark.parametrize(
    ("mode", "value", "votes", "outcome"),
    [
        ("all", "", ["approve", "approve", "approve"], "approve"),
        ("all", "", ["approve", "reject"], "reject"),
        ("any", "", ["reject"], "reject"),
        ("any", "", ["approve"], "approve"),
        ("ratio", "0.6", ["approve", "reject", "approve"], "approve"),
        ("ratio", "0.6", ["reject", "reject"], "reject"),
        ("number", "2", ["reject", "approve", "approve"], "approve"),
        ("number", "2", ["reject", "reject"], "reject"),
        ("in_order", "", ["approve", "reject"], "reject"),
        ("in_order", "", ["approve", "approve", "approve"], "approve"),
    ],
)
def test_countersign_is_decided_as_early_as_possible(mode: str, value: str, votes: list[str], outcome: str) -> None:
    _, instance = run(multi("<loopCardinality>3</loopCardinality>", body=SIGN.format(mode, value)))
    vote(instance, *votes[:-1])
    assert instance.active[0] == "t"
    vote(instance, votes[-1])
    assert instance.active == ["after"]
    result = instance.variables["t"]
    assert result["outcome"] == outcome
    assert result["approved"] == votes.count("approve")
    assert result["rejected"] == votes.count("reject")
    assert [item["outcome"] for item in result["votes"]] == votes


def test_empty_collection_completes_at_once() -> None:
    _, instance = run(multi(LIST), {"items": []})
    assert instance.active == ["after"]
    assert instance.variables["results"] == []


def test_missing_collection_is_an_incident() -> None:
    _, instance = run(multi(LIST))
    assert [item.code for item in instance.incidents] == ["multi.collection"]
    instance.set_variables(items=[1])
    instance.do(do.Retry(instance.incidents[0].id))
    assert len(instance.tasks) == 1


def test_items_can_be_added_and_removed() -> None:
    _, instance = run(multi(LIST), {"items": [1, 2]})
    instance.do(do.AddItem(instance.tasks[0].id, 3))
    assert [task.local["item"] for task in instance.tasks] == [1, 2, 3]
    instance.do(do.RemoveItem(instance.tasks[0].id))
    vote(instance, "done", "done")
    assert instance.active == ["after"]
    assert instance.variables["t"]["total"] == 2


def test_multi_instance_subprocess_has_a_scope_per_item() -> None:
    body = '<startEvent id="si"/><userTask id="u"/>' + flows("si -> u")
    _, instance = run(multi(LIST, task="subProcess", body=body), {"items": [5, 6]})
    assert instance.active == ["t", "t", "u", "u"]
    instance.complete(instance.tasks[1])
    instance.complete(instance.tasks[0])
    assert instance.active == ["after"]
    assert instance.variables["results"] == [10, 12]


def test_boundary_event_cancels_all_items() -> None:
    more = (
        '<boundaryEvent id="b" attachedToRef="t"><signalEventDefinition signalRef="sig"/></boundaryEvent>'
        '<userTask id="stopped"/>' + flows("b -> stopped")
    )
    engine, instance = run(multi("<loopCardinality>3</loopCardinality>", more=more))
    engine.signal("alarm")
    assert instance.active == ["stopped"]
    assert [task.element for task in instance.tasks] == ["stopped"]


def test_behavior_none_throws_per_item_and_one_only_for_the_first() -> None:
    for behavior, attribute, expected in (
        ("None", "noneBehaviorEventRef", 3),
        ("One", "oneBehaviorEventRef", 1),
        ("All", "noneBehaviorEventRef", 0),
    ):
        xml = document(
            f'<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics behavior="{behavior}" '
            f'{attribute}="ev"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>'
            '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><signalEventDefinition signalRef="sig"/>'
            '</boundaryEvent><task id="n"/>' + flows("s -> t; b -> n"),
            '<signal id="sig" name="alarm"/><signalEventDefinition id="ev" signalRef="sig"/>',
        )
        _, instance = run(xml)
        vote(instance, "done", "done", "done")
        assert instance.trace().count("n") == expected
        assert instance.status == "completed"


@pytest.mark.parametrize(("behavior", "completed"), [("None", [1, 2, 3]), ("One", [1])])
def test_behavior_without_an_event_throws_the_default_signal_with_the_runtime_attributes(
    behavior: str, completed: list[int]
) -> None:
    """BPMN 2.0.2 10.3.8: None throws when each instance completes, One when the first does."""
    xml = document(
        f'<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics behavior="{behavior}">'
        "<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><signalEventDefinition/></boundaryEvent>'
        '<scriptTask id="n"><script>'
        "{seen: append(seen, [loopCounter, numberOfCompletedInstances, numberOfInstances, numberOfActiveInstances])}"
        "</script></scriptTask>" + flows("s -> t; b -> n")
    )
    _, instance = run(xml, {"seen": []})
    while instance.tasks:
        instance.complete(instance.tasks[-1])
    seen = instance.variables["seen"]
    assert seen == [[4 - number, number, 3, 3 - number] for number in completed]
    assert instance.status == "completed"


def test_default_signal_reaches_the_border_of_its_own_activity_only() -> None:
    """BPMN 2.0.2 10.3.8: boundary events of the activity catch it; interrupting, one ends all instances."""
    xml = document(
        '<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics behavior="One"><loopCardinality>3'
        '</loopCardinality></multiInstanceLoopCharacteristics></userTask><boundaryEvent id="b" attachedToRef="t">'
        '<signalEventDefinition/></boundaryEvent><userTask id="quick"/>' + flows("s -> t; b -> quick")
    )
    engine, instance = run(xml)
    other = engine.start()
    instance.complete("t")
    assert instance.active == ["quick"]
    assert [task.element for task in other.tasks] == ["t", "t", "t"]


def loop(attributes: str, condition: str) -> str:
    body = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    return document(
        f'<startEvent id="s"/><scriptTask id="t"><standardLoopCharacteristics {attributes}>{body}'
        "</standardLoopCharacteristics><script>{n: n + 1}</script></scriptTask>" + flows("s -> t")
    )


def test_standard_loop_tests_after_or_before_and_stops_at_the_maximum() -> None:
    assert run(loop("", "n &lt; 3"), {"n": 0})[1].variables["n"] == 3
    assert run(loop("", "n &lt; 3"), {"n": 5})[1].variables["n"] == 6
    assert run(loop('testBefore="true"', "n &lt; 3"), {"n": 5})[1].variables["n"] == 5
    assert run(loop('loopMaximum="4"', "true"), {"n": 0})[1].variables["n"] == 4
    assert [item.code for item in run(loop('loopMaximum="0"', "true"), {"n": 0})[1].incidents] == ["loop.maximum"]


def test_cycle_of_nodes_runs_ten_thousand_rounds_with_the_right_result() -> None:
    xml = document(
        '<startEvent id="s"/><exclusiveGateway id="m"/><scriptTask id="t"><script>{n: n + 1}</script></scriptTask>'
        '<exclusiveGateway id="x" default="x_e"/><endEvent id="e"/>'
        + flows("s -> m -> t -> x; x -> m [n < 10000]; x -> e")
    )
    _, instance = run(xml, {"n": 0})
    assert (instance.status, instance.variables["n"]) == ("completed", Decimal(10000))


def test_endless_automatic_loop_is_an_incident() -> None:
    xml = document('<startEvent id="s"/><exclusiveGateway id="m"/><task id="t"/>' + flows("s -> m -> t -> m"))
    assert [item.code for item in run(xml)[1].incidents] == ["step.budget"]


def test_start_and_completion_quantity() -> None:
    xml = document(
        '<startEvent id="s"/><task id="a" completionQuantity="3"/><userTask id="t" startQuantity="2"/><userTask '
        'id="u"/>' + flows("s -> a -> t -> u")
    )
    _, instance = run(xml)
    assert instance.active == ["t"]
    assert instance.status == "running"


def test_task_that_begins_again_after_it_had_gathered_its_tokens_waits_for_no_others() -> None:
    xml = document(
        '<startEvent id="s"/><task id="a" completionQuantity="2"/><userTask id="t" startQuantity="2"/><userTask '
        'id="u"/>' + flows("s -> a -> t -> u")
    )
    _, instance = run(xml)
    instance.do(do.MoveToken((instance.task("t").id,), "t", "again"))
    assert instance.active == ["t"]
    instance.complete("t")
    instance.complete("u")
    assert instance.status == "completed"


EMPTY = (
    '<userTask id="all"><multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef>'
    '<inputDataItem id="one"/></multiInstanceLoopCharacteristics></userTask><dataObject id="people"/>'
    '<task id="again"><standardLoopCharacteristics testBefore="true"><loopCondition>count(people) > 0</loopCondition>'
    '</standardLoopCharacteristics></task><userTask id="end"/>'
) + flows("all -> again -> end")


def test_activity_without_rounds_is_in_history_and_trace() -> None:
    """BPMN 2.0.2 13.3.6, 13.3.7: entered and completed all the same, with no item."""
    _, case = run(document(EMPTY), {"people": []})
    assert (case.trace("entered"), case.trace()) == (["all", "again", "end"], ["all", "again"])
    ends = [(one.element, dict(one.data)) for one in case.history if one.kind == "completed"]
    assert ends == [("all", {"host": True, "items": 0}), ("again", {"host": True, "items": 0})]


def test_activity_with_rounds_is_in_the_trace_once_for_each() -> None:
    _, case = run(document(EMPTY), {"people": ["li", "wang"]})
    case.complete("all")
    assert case.trace() == ["all"]
    case.complete("all", {"people": []})
    assert case.trace() == ["all", "all", "again"]
    assert dict(case.history[-3].data) == {"host": True, "items": 0}


def test_repeated_activity_that_was_skipped_is_not_said_to_have_had_none() -> None:
    _, case = run(document(EMPTY), {"people": ["li", "wang"]})
    host = next(token.id for token in case.state.tokens.values() if token.wait == Wait.ITEMS)
    case.do(do.Skip(host, "nobody is there", {"people": []}))
    assert (case.trace(), case.trace("cancelled"), case.trace("skipped")) == (["again"], ["all", "all"], ["all"])
