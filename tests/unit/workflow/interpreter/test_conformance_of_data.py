"""Data in every place BPMN gives it: stores, sub-processes, messages, calls, global tasks (10.4, 10.3.4)."""

import pytest

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, document, documents, flows, run
from tests.unit.workflow.interpreter.matrix import PARALLEL
from tests.unit.workflow.interpreter.pieces import ESCALATION, MESSAGE, ROOTS, SIGNAL, boundary

OUT = "<dataOutputAssociation><sourceRef>{}</sourceRef><targetRef>{}</targetRef></dataOutputAssociation>"
IN = "<dataInputAssociation><sourceRef>{}</sourceRef><targetRef>{}</targetRef></dataInputAssociation>"


def data(name: str, reference: str) -> str:
    return f'<dataObject id="{name}_d" name="{name}"/><dataObjectReference id="{reference}" dataObjectRef="{name}_d"/>'


def test_data_store_is_known_by_its_name_through_every_reference() -> None:
    body = (
        '<dataStoreReference id="r1" dataStoreRef="ds"/><dataStoreReference id="r2" name="other" dataStoreRef="ds"/>'
        '<startEvent id="s"/><scriptTask id="t">'
        + OUT.format("o", "r1")
        + '<script>{o: 5}</script></scriptTask><scriptTask id="u">'
        + IN.format("r2", "given")
        + "<script>{seen: given + stock}</script></scriptTask>"
        + flows("s -> t -> u")
    )
    process = f'<process id="p" isExecutable="true">{body}</process>'
    _, instance = run(documents('<dataStore id="ds" name="stock"/>', process))
    assert (instance.variables["stock"], instance.variables["seen"]) == (5, 10)


def test_data_object_of_a_subprocess_goes_out_by_its_association_only() -> None:
    inner = data("inner", "ir") + '<startEvent id="xs"/><scriptTask id="k"><script>{inner: 5}</script></scriptTask>'
    body = data("outer", "or") + f'<startEvent id="s"/><subProcess id="x">{inner}{flows("xs -> k")}'
    _, instance = run(document(body + OUT.format("ir", "or") + "</subProcess>" + flows("s -> x")))
    assert instance.variables == {"outer": 5}


def test_items_of_a_multi_instance_subprocess_have_data_objects_of_their_own() -> None:
    inner = (
        data("n", "nr") + '<startEvent id="xs"/><scriptTask id="k"><script>{n: loopCounter * 10}</script></scriptTask>'
    )
    add = "{total: (if total = null then 0 else total) + n}"
    inner += f'<userTask id="t"/><scriptTask id="w"><script>{add}</script></scriptTask>'
    body = f'<startEvent id="s"/><subProcess id="x">{PARALLEL}{inner}{flows("xs -> k -> t -> w")}</subProcess>'
    _, instance = run(document(body + flows("s -> x")))
    instance.complete("t")
    instance.complete("t")
    assert instance.variables["total"] == 30
    assert "n" not in instance.variables


def test_transformation_and_assignment_of_an_output() -> None:
    changed = OUT.format("r", "tr").replace("</data", "<transformation>r * 2</transformation></data")
    assigned = (
        "<dataOutputAssociation><targetRef>tr</targetRef><assignment><from>total + 1</from><to>total</to></assignment>"
        "</dataOutputAssociation>"
    )
    body = (
        data("total", "tr")
        + f'<startEvent id="s"/><scriptTask id="k">{changed}<script>{{r: 5}}</script></scriptTask>'
        + f'<task id="m">{assigned}</task>'
        + flows("s -> k -> m")
    )
    assert run(document(body))[1].variables["total"] == 11


@pytest.mark.parametrize("payload", ["hello", {"x": "hello"}])
def test_message_reaches_the_data_of_what_catches_it(payload: object) -> None:
    caught = '<dataOutput id="do" name="x"/>' + OUT.format("do", "gr") + MESSAGE
    body = data("got", "gr") + f'<startEvent id="s"/><intermediateCatchEvent id="c">{caught}</intermediateCatchEvent>'
    engine, instance = run(document(body + flows("s -> c"), ROOTS))
    engine.correlate("go", payload)
    assert instance.variables == {"got": "hello"}


def test_thrown_message_and_signal_carry_the_data_of_what_throws() -> None:
    given = '<dataInput id="{0}" name="x"/>' + IN.format("vr", "{0}")
    body = (
        data("val", "vr")
        + '<startEvent id="s"/><intermediateThrowEvent id="th">'
        + given.format("di")
        + MESSAGE
        + '</intermediateThrowEvent><endEvent id="e">'
        + given.format("dj")
        + SIGNAL
        + "</endEvent>"
        + flows("s -> th -> e")
    )
    engine, _ = run(document(body, ROOTS), {"val": 3})
    assert [(item.name, item.payload) for item in engine.sent] == [("go", {"x": 3}), ("alarm", {"x": 3})]


def test_called_process_gets_and_gives_by_associations() -> None:
    inout = (
        '<ioSpecification><dataInput id="ci" name="x"/><dataOutput id="co" name="y"/><inputSet><dataInputRefs>ci'
        "</dataInputRefs></inputSet><outputSet><dataOutputRefs>co</dataOutputRefs></outputSet></ioSpecification>"
    )
    call = (
        f'<callActivity id="c" calledElement="q">{inout}{IN.format("ar", "ci")}{OUT.format("co", "rr")}</callActivity>'
    )
    body = data("amount", "ar") + data("result", "rr") + '<startEvent id="s"/>' + call + flows("s -> c")
    called = '<process id="q" isExecutable="true"><scriptTask id="t"><script>{y: x * 2}</script></scriptTask></process>'
    _, instance = run(documents(f'<process id="p" isExecutable="true">{body}</process>', called), {"amount": 4})
    assert instance.variables["result"] == 8


def escalating_call(call: str, catch: str) -> str:
    """`p` calls `q`, which sets `n` and `own`, escalates with `own` as its data, and waits at `qu`."""
    given = '<dataInput id="di" name="why"/><dataInputAssociation><sourceRef>o</sourceRef><targetRef>di</targetRef>'
    throws = f'<intermediateThrowEvent id="qt">{given}</dataInputAssociation>{ESCALATION}</intermediateThrowEvent>'
    called = '<dataObject id="o" name="own"/><startEvent id="qs"/><scriptTask id="k"><script>{n: 5, own: 7}</script>'
    caller = f'<callActivity id="c" calledElement="q">{call}</callActivity>{catch}<userTask id="told"/>'
    return documents(
        ROOTS,
        f'<process id="p" isExecutable="true">{caller}{flows("b -> told") if catch else ""}</process>',
        f'<process id="q" isExecutable="true">{called}</scriptTask>{throws}<userTask id="qu"/>'
        + flows("qs -> k -> qt -> qu")
        + "</process>",
    )


def test_data_of_an_escalating_called_process_reach_the_caller_at_once() -> None:
    stays, ends = (boundary("b", "c", ESCALATION, one) for one in (True, False))
    maps = (
        '<extensionElements><school:call><school:output name="got" value="=n * 2"/></school:call></extensionElements>'
    )
    for catch in (stays, ends):
        _, case = run(escalating_call("", catch))
        assert case.variables == {"n": 5, "own": 7, "why": 7}
        _, case = run(escalating_call(maps, catch))
        assert case.variables == {"got": 10, "why": 7}
    engine, case = run(escalating_call(maps, stays))
    engine.instances["2"].complete("qu", {"n": 6})
    assert case.variables["got"] == 12


def test_escalation_that_no_caller_catches_brings_nothing() -> None:
    assert run(escalating_call("", ""))[1].variables == {}
    unlike = boundary("b", "c", '<escalationEventDefinition escalationRef="other"/>', stays=True)
    other = '<escalation id="other" escalationCode="down"/>'
    assert run(escalating_call("", unlike).replace("<process", other + "<process", 1))[1].variables == {}


GLOBAL = {
    "globalTask": "",
    "globalUserTask": "",
    "globalManualTask": "",
    "globalScriptTask": "<script>{ran: true}</script>",
    "globalBusinessRuleTask": '<extensionElements><school:decision ref="d"/></extensionElements>',
}


@pytest.mark.parametrize("kind", GLOBAL)
@pytest.mark.parametrize("loop", ["", PARALLEL])
def test_every_kind_of_global_task_can_be_called(kind: str, loop: str) -> None:
    engine = CheckedEngine(decide=lambda ref, binding, context: {"ran": True})
    task = f'<{kind} id="g">{GLOBAL[kind]}</{kind}>'
    body = f'<startEvent id="s"/><callActivity id="c" calledElement="g">{loop}</callActivity><task id="z"/>'
    engine.deploy(documents(task, f'<process id="p" isExecutable="true">{body}{flows("s -> c -> z")}</process>'))
    instance: Instance = engine.start()
    for child in instance.children:
        if child.tasks:
            child.complete("g", {"ran": True})
    assert [child.trace() for child in instance.children] == [["g"]] * (2 if loop else 1)
    assert (instance.process, instance.status) == ("p", "completed")
    assert instance.variables.get("ran", False) is (kind != "globalTask")
