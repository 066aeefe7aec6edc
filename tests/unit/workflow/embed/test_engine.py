"""The embedding engine: saving, called instances, messages nobody or too many wait for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.kernel.errors import Conflict, NotFound
from engine.workflow import Engine
from engine.workflow.interpreter.codec import StateError
from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run

MESSAGE = '<message id="m" name="go"/>'
CALL = documents(
    '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/></process>',
    '<process id="q" isExecutable="true"><userTask id="u"/></process>',
)


def test_saved_instance_goes_on_in_another_engine() -> None:
    xml = document(
        '<userTask id="t" name="Sign"/><boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>PT1H'
        '</timeDuration></timerEventDefinition></boundaryEvent><receiveTask id="r" messageRef="m"/>' + flows("b -> r"),
        MESSAGE,
    )
    engine, instance = run(xml, {"n": 1})
    other = CheckedEngine()
    other.deploy(xml)
    found = other.restore(engine.save(instance))
    assert (found.tasks, found.timers, found.history) == (instance.tasks, instance.timers, instance.history)
    other.advance_time(timedelta(hours=1))
    assert found.active == ["r"]
    assert instance.active == ["t"]
    assert other.correlate("go")
    assert found.status == "completed"


def test_restore_refuses_foreign_bytes_and_unknown_processes() -> None:
    engine, instance = run(document('<userTask id="t"/>'))
    for blob in (b"", b"nonsense", engine.save(instance)):
        with pytest.raises(StateError):
            Engine().restore(blob)


def test_cancelled_called_instance_is_an_incident_of_the_caller() -> None:
    engine, instance = run(CALL)
    engine.instances["2"].cancel("by hand")
    assert [item.code for item in instance.incidents] == ["job.failed"]


UNDO = "<compensateEventDefinition/>"


def called_twice(call: str = "") -> str:
    """`p` calls `q` and compensates after its task `t`: then `ua` undoes what `a` did, with `q`'s data."""
    handler = (
        f'<boundaryEvent id="b" attachedToRef="a">{UNDO}</boundaryEvent><scriptTask id="ua" isForCompensation="true">'
        '<script>{seen: mine}</script></scriptTask><association id="l" sourceRef="b" targetRef="ua"/>'
    )
    return documents(
        f'<process id="p" isExecutable="true"><startEvent id="s"/><callActivity id="c" calledElement="q">{call}'
        f'</callActivity><userTask id="t"/><endEvent id="e">{UNDO}</endEvent>'
        + flows("s -> c -> t -> e")
        + "</process>",
        '<process id="q" isExecutable="true"><scriptTask id="a"><script>{mine: 7}</script></scriptTask>'
        + handler
        + "</process>",
    )


def test_compensation_goes_into_a_finished_called_process_with_its_own_data() -> None:
    engine, instance = run(called_twice())
    instance.complete("t")
    undone = engine.instances["3"]
    assert (undone.trace(), undone.status, undone.variables["seen"]) == (["ua"], "completed", 7)
    assert instance.status == "completed"


def test_each_call_of_a_loop_is_compensated_on_its_own() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    engine, instance = run(called_twice(loop))
    instance.complete("t")
    assert [engine.instances[key].trace() for key in ("4", "5")] == [["ua"], ["ua"]]
    assert instance.status == "completed"


def test_call_of_an_unknown_process_is_an_incident() -> None:
    _, instance = run(document('<callActivity id="c" calledElement="nowhere"/>'))
    assert [item.element for item in instance.incidents] == ["c"]
    with pytest.raises(NotFound):
        Engine().start("nowhere")


def test_thrown_message_several_wait_for_goes_to_none() -> None:
    xml = documents(
        MESSAGE,
        '<process id="a" isExecutable="true"><receiveTask id="r" messageRef="m"/></process>',
        '<process id="b" isExecutable="true"><sendTask id="t" messageRef="m"/></process>',
    )
    engine, first = run(xml)
    second = engine.start("a")
    engine.start("b")
    assert (first.status, second.status) == ("running", "running")
    assert [item.name for item in engine.ambiguous] == ["go"]


def test_message_nobody_takes_in_time_is_forgotten() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><receiveTask id="r" messageRef="m"/>' + flows("s -> t -> r"), MESSAGE
    )
    engine, instance = run(xml, message_ttl=timedelta(minutes=10))
    engine.correlate("go")
    engine.advance_time(timedelta(minutes=11))
    instance.complete("t")
    assert instance.active == ["r"]


def test_decision_files_that_import_each_other_are_deployed_in_any_order() -> None:
    kind = "https://www.omg.org/spec/DMN/20191111/MODEL/"

    def file(name: str, text: str, imported: str = "") -> str:
        heads = f'<import name="{imported}" namespace="urn:{imported}" importType="{kind}"/>' if imported else ""
        requires = (
            f'<informationRequirement><requiredDecision href="urn:{imported}#d"/></informationRequirement>'
            if imported
            else ""
        )
        return (
            f'<definitions xmlns="{kind}" id="{name}" name="{name}" namespace="urn:{name}">{heads}<decision id="d"'
            f' name="{name}">{requires}<literalExpression><text>{text}</text></literalExpression></decision>'
            "</definitions>"
        )

    engine = Engine()
    assert "dmn.import_missing" in {
        one.rule for one in engine.deploy_decisions(file("top", "mid.mid + 1", "mid")).findings
    }
    engine.deploy_decisions(file("mid", "low.low * 2", "low"))
    engine.deploy_decisions(file("low", "21"))
    assert engine.evaluate("top").value == 43
    assert Engine.from_snapshot(engine.snapshot()).evaluate("top").value == 43


def test_tokens_waiting_at_joins_are_told() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><userTask id="b"/><parallelGateway id="j"/>'
        '<task id="t" startQuantity="2"/>' + flows("s -> f -> a -> j; f -> b -> j; f -> t")
    )
    engine = Engine()
    engine.deploy(document(body))
    instance = engine.start()
    assert instance.arrived == [("j", "a_j"), ("t", "f_t")]
    instance.complete("b")
    assert (instance.arrived, instance.status) == ([("t", "f_t")], "running")


def test_marks_of_a_complex_gateway_that_fired_are_no_tokens() -> None:
    gate = '<complexGateway id="g"><activationCondition>activationCount = 1</activationCondition></complexGateway>'
    body = f'<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><userTask id="b"/>{gate}<task id="z"/>'
    engine = Engine()
    engine.deploy(document(body + flows("s -> f -> a -> g -> z; f -> b -> g")))
    assert engine.start().arrived == []


def test_events_are_numbered_over_all_instances_also_after_a_restart() -> None:
    engine = Engine()
    engine.deploy(
        documents(
            '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/><task id="z"/>'
            + flows("c -> z")
            + "</process>",
            '<process id="q" isExecutable="true"><userTask id="t"/></process>',
        )
    )
    engine.start()
    engine = Engine.from_snapshot(engine.snapshot())
    engine.instances["2"].complete("t")
    assert (engine.trace("entered"), engine.trace()) == (["c", "t", "z"], ["t", "c", "z"])


def test_message_can_be_given_to_one_of_several_that_wait() -> None:
    engine = Engine()
    engine.deploy(document('<receiveTask id="r" messageRef="m"/>', MESSAGE))
    first, second = engine.start(), engine.start()
    second.deliver(second.subscriptions[0], {"n": 1})
    assert (first.status, second.status, second.variables) == ("running", "completed", {"n": 1})
    first.deliver("r")
    assert first.status == "completed"


def test_signal_can_be_given_to_one_instance_alone() -> None:
    engine = Engine()
    catch = '<intermediateCatchEvent id="c"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
    engine.deploy(document(catch, '<signal id="s" name="alarm"/>'))
    first, second = engine.start(), engine.start()
    second.deliver("c")
    assert (first.status, second.status) == ("running", "completed")


def test_timer_can_be_fired_before_its_time() -> None:
    engine = Engine()
    event = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    engine.deploy(document(f'<intermediateCatchEvent id="c">{event}</intermediateCatchEvent>'))
    instance = engine.start()
    with pytest.raises(KeyError, match="Expected something open at 'd'"):
        instance.fire("d")
    before = engine.now
    instance.fire("c")
    assert (instance.status, engine.now) == ("completed", before)


def test_cycles_by_the_clock_go_on_by_the_clock() -> None:
    engine = Engine(now=datetime(2026, 9, 4, 1, 30, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
    cycle = "<timerEventDefinition><timeCycle>{}</timeCycle></timerEventDefinition>"
    engine.deploy(
        document(
            f'<startEvent id="s">{cycle.format("0 0 9 ? * MON-FRI")}</startEvent><userTask id="u"/><userTask id="v"/>'
            f'<boundaryEvent id="b" attachedToRef="u" cancelActivity="false">{cycle.format("0 0 18 * * ?")}'
            "</boundaryEvent>" + flows("s -> u; b -> v")
        )
    )
    engine.advance_time(timedelta(days=2))
    assert list(engine.instances.values()) == []
    engine.advance_time(timedelta(days=2))
    (first, second) = engine.instances.values()
    assert [one.active for one in (first, second)] == [["u", "v"], ["u"]]
    assert [f"{one.due:%m-%dT%H:%M}" for one in first.timers] == ["09-08T10:00"]


@pytest.mark.parametrize("more", ["", '<property id="x" name="x"/>'])
def test_value_given_for_the_name_of_the_task_is_kept(more: str) -> None:
    engine = Engine()
    engine.deploy(document(f'<userTask id="approved">{more}</userTask>'))
    instance = engine.start()
    instance.complete("approved", {"approved": True})
    assert instance.variables["approved"] is True


def test_calls_without_end_stop_with_an_incident() -> None:
    engine = Engine()
    way = '<sequenceFlow id="f" sourceRef="g" targetRef="c"><conditionExpression>n = 1</conditionExpression>'
    gateway = f'<exclusiveGateway id="g" default="d"/>{way}</sequenceFlow>'
    stay = '<endEvent id="e"/><sequenceFlow id="d" sourceRef="g" targetRef="e"/>'
    engine.deploy(document(f'{gateway}{stay}<callActivity id="c" calledElement="p"/>'))
    first = engine.start(None, {"n": 1})
    assert len(engine.instances) == 101
    assert [(one.element, one.code) for one in first.incidents] == [("c", "error.uncaught")]
    assert "calls_too_deep" in first.incidents[0].detail


def test_only_key_may_be_given_by_its_value() -> None:
    message = (
        '<message id="m" name="go"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements>'
        "</message>"
    )
    engine, first = run(document('<receiveTask id="r" messageRef="m"/>', message), {"order": 1})
    second = engine.start(None, {"order": 2})
    with pytest.raises(Conflict):
        engine.start(None, {"order": 2})
        engine.correlate("go", key=2, message_id="a")
    engine.instances["3"].cancel()
    assert engine.correlate("go", key=2, message_id="a")
    assert (first.status, second.status) == ("running", "completed")
    assert not engine.correlate("go", key=3)
    assert engine.correlate("go", keys={"correlationKey": 1})
    assert first.status == "completed"


def test_activity_begins_in_the_instance_of_the_adhoc_body_that_is_named() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    engine = Engine()
    engine.deploy(document(f'<adHocSubProcess id="x">{many}<userTask id="a"/></adHocSubProcess>'))
    instance = engine.start()
    for pair in instance.enabled():
        instance.begin(pair)
    for task in instance.tasks:
        instance.complete(task)
    assert (instance.status, instance.trace()) == ("completed", ["a", "x", "a", "x"])
    with pytest.raises(Conflict):
        instance.begin((99, "a"))
