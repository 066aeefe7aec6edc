"""Gateways (BPMN 2.0.2 13.4)."""

from tests.unit.workflow.driver import document, flows, run


def test_parallel_join_counts_flows_not_arrivals() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><exclusiveGateway id="m"/>'
        '<userTask id="c"/><parallelGateway id="j"/><endEvent id="e"/>'
        + flows("s -> f -> a -> m; f -> b -> m -> j; f -> c -> j -> e")
    )
    _, instance = run(xml)
    instance.complete("a")
    instance.complete("b")
    assert instance.trace().count("j") == 0
    instance.complete("c")
    assert instance.trace().count("j") == 1
    assert instance.status == "running"


def test_exclusive_takes_first_true_condition_in_order_and_default_otherwise() -> None:
    xml = document(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_c"/><userTask id="a"/><userTask id="b"/>'
        '<userTask id="c"/>' + flows("s -> g; g -> a [x > 5]; g -> b [x > 3]; g -> c")
    )
    assert run(xml, {"x": 9})[1].active == ["a"]
    assert run(xml, {"x": 4})[1].active == ["b"]
    assert run(xml, {"x": 1})[1].active == ["c"]


def test_exclusive_without_true_branch_is_an_incident_that_retry_mends() -> None:
    from engine.workflow.interpreter.commands import Retry

    xml = document(
        '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>'
        + flows("s -> g; g -> a [x = 1]; g -> b [x = 2]")
    )
    _, instance = run(xml, {"x": 3})
    assert [incident.code for incident in instance.incidents] == ["flow.none_taken"]
    instance.set_variables(x=2)
    instance.do(Retry(instance.incidents[0].id))
    assert instance.active == ["b"]
    assert instance.incidents == []


def test_inclusive_waits_only_for_tokens_that_can_come() -> None:
    xml = document(
        '<startEvent id="s"/><inclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        '<inclusiveGateway id="j"/><endEvent id="e"/>'
        + flows("s -> g; g -> a [x]; g -> b [y]; g -> c [z]; a -> j; b -> j; c -> j; j -> e")
    )
    _, instance = run(xml, {"x": True, "y": True, "z": False})
    assert instance.active == ["a", "b"]
    instance.complete("a")
    assert instance.status == "running"
    instance.complete("b")
    assert instance.status == "completed"
    assert instance.trace().count("j") == 1


def test_inclusive_join_in_a_loop_synchronises_each_round() -> None:
    xml = document(
        '<startEvent id="s"/><exclusiveGateway id="m"/><inclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>'
        '<inclusiveGateway id="j"/><exclusiveGateway id="x" default="x_e"/><endEvent id="e"/>'
        + flows("s -> m -> g; g -> a [true]; g -> b [true]; a -> j; b -> j; j -> x; x -> m [again]; x -> e")
    )
    _, instance = run(xml, {"again": True})
    for _round in range(2):
        instance.complete("a")
        instance.complete("b")
    assert instance.trace().count("j") == 2
    instance.complete("b")
    instance.complete("a", {"again": False})
    assert instance.status == "completed"


def test_inclusive_default_flow_when_no_condition_holds() -> None:
    xml = document(
        '<startEvent id="s"/><inclusiveGateway id="g" default="g_b"/><userTask id="a"/><userTask id="b"/>'
        + flows("s -> g; g -> a [false]; g -> b")
    )
    assert run(xml)[1].active == ["b"]


def test_conditional_flows_on_an_activity_and_its_default() -> None:
    xml = document(
        '<startEvent id="s"/><task id="t" default="t_c"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        + flows("s -> t; t -> a [x > 1]; t -> b [x > 2]; t -> c")
    )
    assert run(xml, {"x": 3})[1].active == ["a", "b"]
    assert run(xml, {"x": 0})[1].active == ["c"]


def test_several_outgoing_flows_of_an_activity_split_implicitly() -> None:
    xml = document(
        '<startEvent id="s"/><task id="t"/><userTask id="a"/><userTask id="b"/>' + flows("s -> t -> a; t -> b")
    )
    assert run(xml)[1].active == ["a", "b"]


def test_implicit_merge_runs_an_activity_once_per_token() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><task id="t"/><userTask id="u"/>'
        + flows("s -> f -> t -> u; f -> u")
    )
    assert run(xml)[1].active == ["u", "u"]


def test_complex_gateway_fires_at_two_of_three_and_absorbs_the_third() -> None:
    xml = document(
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
        '<complexGateway id="g"><activationCondition>activationCount &gt;= 2</activationCondition></complexGateway>'
        '<userTask id="after"/>' + flows("s -> f; f -> a -> g; f -> b -> g; f -> c -> g; g -> after")
    )
    _, instance = run(xml)
    instance.complete("a")
    assert instance.active == ["b", "c"]
    instance.complete("b")
    assert instance.active == ["after", "c"]
    instance.complete("c")
    assert instance.active == ["after"]
    instance.complete("after")
    assert instance.status == "completed"


def test_event_gateway_first_event_wins() -> None:
    from datetime import timedelta

    xml = document(
        '<startEvent id="s"/><eventBasedGateway id="g"/>'
        '<intermediateCatchEvent id="m"><messageEventDefinition messageRef="msg"/></intermediateCatchEvent>'
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
        '</intermediateCatchEvent><userTask id="a"/><userTask id="b"/>' + flows("s -> g; g -> m -> a; g -> t -> b"),
        '<message id="msg" name="paid"/>',
    )
    engine, instance = run(xml)
    assert [item.name for item in instance.subscriptions] == ["paid"]
    assert engine.correlate("paid", {"amount": 5})
    assert instance.active == ["a"]
    assert instance.variables["amount"] == 5
    assert (instance.timers, instance.subscriptions) == ([], [])
    engine, instance = run(xml)
    engine.advance_time(timedelta(hours=1))
    assert instance.active == ["b"]


def test_process_without_end_event_completes() -> None:
    xml = document('<startEvent id="s"/><task id="t"/>' + flows("s -> t"))
    assert run(xml)[1].status == "completed"


def test_implicit_starts_all_begin() -> None:
    xml = document('<userTask id="a"/><userTask id="b"/><task id="c"/>' + flows("a -> c"))
    assert run(xml)[1].active == ["a", "b"]
