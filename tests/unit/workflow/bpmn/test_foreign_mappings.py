"""Mappings that other tools write."""

from engine.workflow import Engine
from tests.unit.workflow.driver import document, documents


def test_targets_that_are_paths_set_parts_of_a_variable() -> None:
    io = (
        '<zeebe:input source="=order.total" target="pay.amount"/><zeebe:input source="CNY" target="pay.in"/>'
        '<zeebe:output source="=id" target="order.receipt.id"/><zeebe:output source="=at" target="order.receipt.at"/>'
        '<zeebe:output source="=id" target="last"/>'
    )
    task = f'<serviceTask id="t"><extensionElements><zeebe:ioMapping>{io}</zeebe:ioMapping></extensionElements>'
    engine = Engine()
    engine.deploy(document(task + "</serviceTask>"))
    case = engine.start(None, {"order": {"total": 5}})
    assert case.jobs[0].inputs == {"pay": {"amount": 5, "in": "CNY"}}
    case.complete_job("t", {"id": "R-1", "at": "noon"})
    assert case.variables == {"order": {"total": 5, "receipt": {"id": "R-1", "at": "noon"}}, "last": "R-1"}


def test_signal_carries_what_its_definition_lists() -> None:
    listed = '<extensionElements><camunda:in source="n" target="m"/></extensionElements>'
    thrown = f'<signalEventDefinition signalRef="a">{listed}</signalEventDefinition>'
    engine = Engine()
    engine.deploy(document(f'<endEvent id="e">{thrown}</endEvent>', '<signal id="a" name="alarm"/>'))
    engine.start(None, {"n": 4, "o": 5})
    assert [(one.name, one.payload) for one in engine.sent] == [("alarm", {"m": 4})]


def test_call_that_inherits_variables_gives_all_and_takes_what_it_lists() -> None:
    listed = '<extensionElements><flowable:out source="twice" target="result"/></extensionElements>'
    call = f'<callActivity id="c" calledElement="q" flowable:inheritVariables="true">{listed}</callActivity>'
    script = '<scriptTask id="t"><script>{twice: n * 2, other: 1}</script></scriptTask>'
    both = documents(
        f'<process id="p" isExecutable="true">{call}</process><process id="q" isExecutable="true">{script}</process>'
    ).replace("<definitions ", '<definitions xmlns:flowable="http://flowable.org/bpmn" ')
    engine = Engine()
    engine.deploy(both)
    assert engine.start("p", {"n": 4}).variables == {"n": 4, "result": 8}
