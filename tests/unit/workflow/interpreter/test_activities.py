"""Activities, data and operations (BPMN 2.0.2 10.3, 10.4, 13.3)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.kernel.errors import Conflict
from engine.workflow.handlers import BpmnError
from engine.workflow.interpreter import commands as do
from tests.unit.workflow.driver import document, documents, flows, run

ERROR = '<error id="err" errorCode="bad"/>'


def test_user_task_result_and_form_values_become_variables() -> None:
    xml = document('<startEvent id="s"/><userTask id="t"/><userTask id="u"/>' + flows("s -> t -> u"))
    engine, instance = run(xml)
    instance.complete("t", {"amount": 5}, outcome="approve", comment="好", by="li")
    assert instance.variables["amount"] == 5
    assert instance.variables["t"] == {
        "outcome": "approve",
        "comment": "好",
        "by": "li",
        "by_name": "li",
        "at": engine.now,
    }


def test_script_context_sets_variables_and_a_plain_value_the_variable_of_the_task() -> None:
    xml = document(
        '<startEvent id="s"/><scriptTask id="a"><script>{x: 1, y: x + 1}</script></scriptTask><scriptTask id="b">'
        "<script>y * 10</script></scriptTask>" + flows("s -> a -> b")
    )
    assert run(xml)[1].variables == {"x": 1, "y": 2, "b": 20}


def test_script_may_call_a_registered_function_and_its_bpmn_error_is_caught() -> None:
    xml = document(
        '<startEvent id="s"/><scriptTask id="a" scriptFormat="function"><script>charge</script></scriptTask>'
        '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition errorRef="err"/></boundaryEvent>'
        '<userTask id="ok"/><userTask id="bad"/>' + flows("s -> a -> ok; b -> bad"),
        ERROR,
    )

    def charge(inputs: object) -> dict[str, object]:
        if inputs["n"] > 3:  # type: ignore[index]
            raise BpmnError("bad", "too much")
        return {"charged": True}

    assert run(xml, {"n": 1}, functions={"charge": charge})[1].active == ["ok"]
    assert run(xml, {"n": 9}, functions={"charge": charge})[1].active == ["bad"]
    _, instance = run(xml, {"n": 1})
    assert [item.code for item in instance.incidents] == ["handler.failed"]


def test_handler_maps_inputs_and_outputs_and_retries_by_timer() -> None:
    xml = document(
        '<startEvent id="s"/><serviceTask id="a"><extensionElements><school:handler name="h" retries="2">'
        '<school:input name="x" value="=n + 1"/><school:output name="y" value="=result.z"/></school:handler>'
        "</extensionElements></serviceTask>" + flows("s -> a")
    )
    seen: list[object] = []

    def handler(inputs: object) -> dict[str, object]:
        seen.append(inputs)
        return {"z": 5}

    _, instance = run(xml, {"n": 1}, functions={"h": handler})
    assert (seen, instance.variables) == ([{"x": Decimal(2)}], {"n": 1, "y": 5})


def test_handler_failure_is_retried_with_backoff_then_an_incident() -> None:
    from engine.workflow.bpmn.compiler import load
    from engine.workflow.interpreter import effects as fx
    from engine.workflow.interpreter.advance import advance
    from engine.workflow.interpreter.env import Env
    from engine.workflow.interpreter.state import new_state
    from tests.unit.workflow.driver import CheckedEngine

    xml = document(
        '<startEvent id="s"/><serviceTask id="a"><extensionElements><school:handler name="h" retries="1"/>'
        "</extensionElements></serviceTask>" + flows("s -> a")
    )
    program, env = load(xml).programs["p"], Env(now=CheckedEngine().now)
    state, effects = advance(program, new_state("p"), do.Start(), env)
    (call,) = [effect for effect in effects if isinstance(effect, fx.CallHandler)]
    state, effects = advance(program, state, do.HandlerFailed(call.activation, "boom"), env)
    (timer,) = effects
    assert isinstance(timer, fx.ArmTimer)
    assert timer.kind == "retry"
    assert timedelta(seconds=30) <= timer.due - env.now <= timedelta(seconds=36)
    state, effects = advance(program, state, do.FireTimer(timer.activation), env)
    assert [type(effect) for effect in effects] == [fx.DisarmTimer, fx.CallHandler]
    state, effects = advance(program, state, do.HandlerFailed(call.activation, "boom"), env)
    assert [type(effect) for effect in effects] == [fx.RaiseIncident]


def test_external_job_completes_fails_and_throws_errors() -> None:
    xml = document(
        '<startEvent id="s"/><serviceTask id="a"><extensionElements><school:job type="mail" retries="2"/>'
        '</extensionElements></serviceTask><boundaryEvent id="b" attachedToRef="a">'
        '<errorEventDefinition errorRef="err"/>'
        '</boundaryEvent><userTask id="ok"/><userTask id="bad"/>' + flows("s -> a -> ok; b -> bad"),
        ERROR,
    )
    _, instance = run(xml, {"n": 1})
    assert [(job.type, job.inputs, job.retries) for job in instance.jobs] == [("mail", {"n": 1}, 2)]
    instance.fail_job("a", "down")
    assert instance.jobs[0].retries == 1
    instance.fail_job("a", "down")
    assert [item.code for item in instance.incidents] == ["job.failed"]
    instance.do(do.Retry(instance.incidents[0].id))
    instance.complete_job("a", {"sent": True})
    assert (instance.active, instance.variables["sent"]) == (["ok"], True)
    _, instance = run(xml)
    instance.throw_error("a", "bad")
    assert instance.active == ["bad"]


def test_business_rule_task_uses_the_decision_in_force() -> None:
    xml = document(
        '<startEvent id="s"/><businessRuleTask id="d"><extensionElements><school:decision ref="level" result="level"/>'
        "</extensionElements></businessRuleTask>" + flows("s -> d")
    )
    _, instance = run(xml, {"n": 3}, decide=lambda ref, binding, context: f"{ref}:{binding}:{context['n']}")
    assert instance.variables["level"] == "level:deployment:3"
    assert [item.code for item in run(xml)[1].incidents] == ["decision.none"]


def call(mapping: str = "") -> str:
    return documents(
        ERROR,
        '<process id="p" isExecutable="true"><startEvent id="s"/><callActivity id="c" calledElement="q">'
        f'<extensionElements>{mapping}</extensionElements></callActivity><boundaryEvent id="b" attachedToRef="c">'
        '<errorEventDefinition errorRef="err"/></boundaryEvent><userTask id="ok"/><userTask id="bad"/>'
        + flows("s -> c -> ok; b -> bad")
        + "</process>",
        '<process id="q" isExecutable="true"><startEvent id="qs"/><userTask id="qt"/><exclusiveGateway id="g" '
        'default="g_qe"/><endEvent id="qe"/><endEvent id="qx"><errorEventDefinition errorRef="err"/></endEvent>'
        + flows("qs -> qt -> g; g -> qx [fail = true]; g -> qe")
        + "</process>",
    )


def test_call_activity_runs_another_instance_and_maps_data() -> None:
    mapping = (
        '<school:call><school:input name="a" value="=n + 1"/><school:output name="r" value="=result.a"/></school:call>'
    )
    engine, instance = run(call(mapping), {"n": 1})
    child = engine.instances["2"]
    assert child.variables == {"a": 2}
    child.complete("qt", {"secret": 1})
    assert (instance.active, instance.variables) == (["ok"], {"n": 1, "r": 2})


def test_error_of_a_called_process_reaches_the_boundary_and_interruption_cancels_it() -> None:
    engine, instance = run(call())
    engine.instances["2"].complete("qt", {"fail": True})
    assert instance.active == ["bad"]
    assert engine.instances["2"].status == "error"
    engine, instance = run(call())
    instance.cancel("no more")
    assert engine.instances["2"].status == "cancelled"


def test_global_task_can_be_called() -> None:
    xml = documents(
        '<globalUserTask id="q" name="Global"/>',
        '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/></process>',
    )
    engine, instance = run(xml)
    engine.instances["2"].complete("q")
    assert instance.status == "completed"


def test_subprocess_data_object_is_local_and_mapping_carries_it_out() -> None:
    xml = document(
        '<startEvent id="s"/><subProcess id="x"><extensionElements><school:output name="out" value="=inner"/>'
        '</extensionElements><dataObject id="inner"/><startEvent id="sx"/><scriptTask id="t">'
        "<script>{inner: 3, outer: 4}"
        f"</script></scriptTask>{flows('sx -> t')}</subProcess>" + flows("s -> x")
    )
    assert run(xml)[1].variables == {"out": 3, "outer": 4}
    xml = xml.replace('<school:output name="out" value="=inner"/>', "")
    assert run(xml)[1].variables == {"outer": 4}


def test_data_associations_copy_between_data_objects_and_task() -> None:
    xml = document(
        '<dataObject id="order"/><dataObjectReference id="r1" dataObjectRef="order"/><dataObject id="total"/>'
        '<startEvent id="s"/><scriptTask id="t"><ioSpecification><dataInput id="in1" name="input"/><dataOutput id="o1" '
        'name="output"/></ioSpecification><dataInputAssociation><sourceRef>r1</sourceRef><targetRef>in1</targetRef>'
        "</dataInputAssociation><dataOutputAssociation><sourceRef>o1</sourceRef><targetRef>total</targetRef>"
        "</dataOutputAssociation><script>{output: input * 2}</script></scriptTask>" + flows("s -> t")
    )
    assert run(xml, {"order": 21})[1].variables["total"] == 42


def adhoc(attributes: str, body: str, condition: str = "") -> str:
    found = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    return document(
        f'<startEvent id="s"/><adHocSubProcess id="x" {attributes}>{body}{found}</adHocSubProcess>'
        f'<userTask id="after"/>' + flows("s -> x -> after")
    )


def test_adhoc_steps_are_chosen_by_people() -> None:
    body = '<userTask id="a"/><userTask id="b"/>'
    _, instance = run(adhoc("", body, "done = true"))
    assert [node for _, node in instance.enabled()] == ["a", "b"]
    host = instance.enabled()[0][0]
    instance.do(do.ActivateAdHoc(host, "b"))
    instance.do(do.ActivateAdHoc(host, "b"))
    instance.complete("b", {"done": True})
    assert instance.active == ["after"]
    assert instance.trace("cancelled") == ["b"]


def test_adhoc_sequential_allows_one_at_a_time_and_people_can_finish_it() -> None:
    _, instance = run(adhoc('ordering="Sequential"', '<userTask id="a"/><userTask id="b"/>'))
    host = instance.enabled()[0][0]
    instance.do(do.ActivateAdHoc(host, "a"))
    with pytest.raises(Conflict):
        instance.do(do.ActivateAdHoc(host, "b"))
    instance.complete("a")
    assert "x" in instance.active
    instance.do(do.FinishAdHoc(host))
    assert instance.active == ["after"]


def test_adhoc_with_a_list_of_what_begins_stops_at_an_activity_that_it_has_not() -> None:
    listed = '<extensionElements><zeebe:adHoc activeElementsCollection="=todo"/></extensionElements>'
    inner = listed + '<task id="a"/><task id="b"/><userTask id="c"/>' + flows("b -> c")
    xml = document(f'<adHocSubProcess id="x">{inner}</adHocSubProcess>')
    for wrong in (["c"], ["a", "nobody"], "a b"):
        _, instance = run(xml, {"todo": wrong})
        assert [(one.element, one.code) for one in instance.incidents] == [("x", "adhoc.activity")]
        instance.set_variables(todo=["a"])
        instance.retry("x")
        assert (instance.status, instance.trace()) == ("completed", ["a", "x"])
    assert run(xml, {"todo": None})[1].trace() == ["x"]


def test_only_an_adhoc_sub_process_is_begun_and_finished_by_people() -> None:
    _, instance = run(document('<subProcess id="x"><userTask id="a"/></subProcess>'))
    [host] = [token.id for token in instance.state.tokens.values() if token.node == "x"]
    for command in (do.ActivateAdHoc(host, "a"), do.FinishAdHoc(host)):
        with pytest.raises(Conflict):
            instance.do(command)
    assert instance.active == ["a", "x"]


def test_adhoc_without_people_runs_each_activity_once() -> None:
    for attributes in ("", 'ordering="Sequential"'):
        _, instance = run(adhoc(attributes, '<task id="a"/><task id="b"/>'))
        assert instance.trace() == ["s", "a", "b", "x"]


def test_skip_move_and_cancel() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="a"/><subProcess id="x"><startEvent id="sx"/><userTask id="b"/>'
        f'<userTask id="c"/>{flows("sx -> b -> c")}</subProcess><userTask id="d"/>' + flows("s -> a -> x -> d")
    )
    _, instance = run(xml)
    instance.do(do.Skip(instance.task("a").id, "absent"))
    assert instance.active == ["b", "x"]
    instance.do(do.MoveToken((instance.task("b").id,), "a", reason="again"))
    assert instance.active == ["a"]
    instance.do(do.MoveToken((instance.task("a").id,), "c"))
    assert instance.active == ["c", "x"]
    instance.complete("c")
    assert instance.active == ["d"]
    instance.cancel("enough")
    assert instance.status == "cancelled"
    assert instance.trace("cancelled") == ["b", "x", "a", "d"]


def test_variable_names_and_ids_that_break_other_engines_work() -> None:
    xml = document('<startEvent id="Start"/><userTask id="t"/><endEvent id="End"/>' + flows("Start -> t -> End"))
    _, instance = run(xml, {"typename": "x", "date": "2026-01-01", "客户": "王"})
    instance.complete("t", {"金额": Decimal("1.50")})
    assert instance.status == "completed"
    assert str(instance.variables["金额"]) == "1.50"
    assert "End" in instance.trace()
