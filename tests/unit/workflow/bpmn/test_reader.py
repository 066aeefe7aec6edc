"""The reader: every defect at once, typed errors only, foreign extensions understood."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.errors import SchoolflowError
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.reader import XmlError, read
from engine.workflow.bpmn.xml import BPMN, Limits, decoded
from tests.unit.workflow.driver import document, flows


def rules(xml: str) -> list[tuple[str, str]]:
    return [(finding.rule, finding.element_id) for finding in read(xml)[1]]


def test_all_defects_are_collected_at_once() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t" default="nowhere"/><userTask id="t"/><sequenceFlow id="f" sourceRef="s" '
        'targetRef="gone"/><boundaryEvent id="b" attachedToRef="gone"><messageEventDefinition messageRef="s"/>'
        '</boundaryEvent><intermediateCatchEvent id="c"><timerEventDefinition/></intermediateCatchEvent>'
    )
    assert rules(xml) == [
        ("id.duplicate", "t"),
        ("boundary.host_missing", "b"),
        ("reference.missing", "b"),
        ("timer.expression", "c"),
        ("flow.dangling", "f"),
        ("flow.default_missing", "t"),
    ]


def test_reference_to_an_element_of_another_kind_is_missing() -> None:
    xml = document('<receiveTask id="r" messageRef="sig"/>', '<signal id="sig" name="x"/>')
    assert rules(xml) == [("reference.missing", "r")]


def test_flow_across_a_subprocess_border_is_refused() -> None:
    xml = document('<subProcess id="x"><task id="a"/></subProcess><task id="b"/>' + flows("a -> b"))
    assert rules(xml) == [("flow.crosses_scope", "a_b")]


def test_outgoing_order_is_the_order_of_the_outgoing_elements() -> None:
    xml = document(
        '<exclusiveGateway id="g"><outgoing>g_b</outgoing><outgoing>g_a</outgoing></exclusiveGateway><task id="a"/>'
        '<task id="b"/>' + flows("g -> a; g -> b")
    )
    assert read(xml)[0].processes[0].nodes["g"].outgoing == ("g_b", "g_a")


def test_dtd_depth_size_attribute_and_node_cap() -> None:
    with pytest.raises(XmlError):
        read('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    with pytest.raises(XmlError):
        read("<a>" * 100 + "</a>" * 100)
    with pytest.raises(XmlError):
        read("<a " + " ".join(f'a{number}="1"' for number in range(501)) + "/>")
    with pytest.raises(XmlError):
        read(document(""), Limits(size=10))
    many = "".join(f'<task id="t{number}"/>' for number in range(11))
    assert [finding.rule for finding in read(document(many), Limits(nodes=10))[1]] == ["model.too_large"]


def test_chain_of_five_thousand_tasks_compiles_and_runs() -> None:
    names = [f"t{number}" for number in range(5000)]
    xml = document("".join(f'<task id="{name}"/>' for name in names) + flows(" -> ".join(names)))
    library = load(xml)
    assert library.findings == ()
    assert len(library.programs["p"].ops) == 5000


def test_school_extensions_are_read() -> None:
    xml = document(
        '<extensionElements><school:process record="contract" money="true"/><school:variable name="amount" '
        'type="money"/></extensionElements><userTask id="t"><extensionElements><school:title text="=x"/><school:stage '
        'value="signed"/><school:task form="f" candidates="owner" due="P2D" self="skip" operations="claim cc">'
        '<school:outcome name="approve" label_zh="同意"/><school:assignee rule="role:boss" strategy="all"/>'
        '<school:countersign mode="ratio" value="0.5"/><school:fieldAccess name="a" access="hidden"/>'
        '<school:reminder after="P1D" action="escalate"/></school:task></extensionElements></userTask>'
    )
    model, findings = read(xml)
    process = model.processes[0]
    node = process.nodes["t"]
    assert findings == ()
    assert process.extension is not None
    assert (process.extension.record, process.extension.money, process.extension.variables[0].type) == (
        "contract",
        True,
        "money",
    )
    assert node.task is not None
    assert (node.title, node.stage, node.task.due, node.task.self_approval) == ("=x", "signed", "P2D", "skip")
    assert node.task.operations == ("claim", "cc")
    assert node.task.outcomes[0].label_zh == "同意"
    assert node.task.assignees[0].strategy == "all"
    assert node.task.countersign is not None
    assert node.task.countersign.value == "0.5"
    assert (node.task.fields[0].access, node.task.reminders[0].action) == ("hidden", "escalate")


def test_misspelt_school_extension_is_a_warning() -> None:
    xml = document('<userTask id="t"><extensionElements><school:taks/></extensionElements></userTask>')
    assert rules(xml) == [("extension.unknown", "t")]


def test_camunda_and_zeebe_extensions_are_read() -> None:
    xml = document(
        '<userTask id="a" camunda:assignee="li" camunda:candidateGroups="x,y" camunda:formKey="f"/>'
        '<userTask id="b"><extensionElements><zeebe:assignmentDefinition assignee="=owner"/></extensionElements>'
        '</userTask><serviceTask id="c" camunda:type="external" camunda:topic="mail"/><serviceTask id="d">'
        '<extensionElements><zeebe:taskDefinition type="pay" retries="5"/><zeebe:ioMapping><zeebe:input source="=x" '
        'target="y"/></zeebe:ioMapping></extensionElements></serviceTask><callActivity id="e"><extensionElements>'
        '<zeebe:calledElement processId="other"/></extensionElements></callActivity><serviceTask id="f" '
        'camunda:class="org.example.Delegate"/>'
    )
    nodes = read(xml)[0].processes[0].nodes
    assert nodes["a"].task is not None
    assert [item.rule for item in nodes["a"].task.assignees] == ["user:li", "group:x", "group:y"]
    assert nodes["b"].task is not None
    assert [item.rule for item in nodes["b"].task.assignees] == ["=owner"]
    assert nodes["c"].job is not None
    assert nodes["c"].job.type == "mail"
    assert nodes["d"].job is not None
    assert (nodes["d"].job.retries, nodes["d"].mapped_in[0].name) == (5, "y")
    assert nodes["e"].called == "other"
    assert nodes["f"].foreign == {"camunda:class": "org.example.Delegate"}


def test_broken_expression_is_a_finding_and_an_incident_only_when_reached() -> None:
    library = load(document('<task id="a"/><task id="b"/>' + flows("a -> b [x >]")))
    assert [(item.element_id, item.rule) for item in library.findings] == [("a_b", "expression.invalid")]


def test_operation_says_which_message_is_meant() -> None:
    """8.4.12: what names no message but an operation sends and receives the message that one takes."""
    roots = (
        '<message id="m" name="order"/><interface id="i" name="I"><operation id="o" name="O">'
        "<inMessageRef>m</inMessageRef></operation></interface>"
    )
    body = (
        '<sendTask id="a" operationRef="o"/><receiveTask id="b" operationRef="o"/><intermediateCatchEvent id="c">'
        "<messageEventDefinition><operationRef>o</operationRef></messageEventDefinition></intermediateCatchEvent>"
    )
    library = load(document(body + flows("a -> b -> c"), roots))
    assert library.findings == ()
    nodes = library.model.processes[0].nodes
    assert (nodes["a"].message, nodes["b"].message, nodes["c"].events[0].reference) == ("m", "m", "m")


def test_call_of_a_function_that_there_is_not_is_named() -> None:
    calls = {"foo(3) > 2": "foo", "all(for o in os return is late(o))": "is late", "a.b.size() > 1": "a.b.size"}
    for called, name in calls.items():
        library = load(document('<task id="a"/><task id="b"/>' + flows(f"a -> b [{called}]")))
        (found,) = library.findings
        assert (found.element_id, found.rule, found.severity) == ("a_b", "expression.function_unknown", "error")
        assert name in found.text.en
    own = "{late: function(o) o.days > 3, any: some o in os satisfies late(o)}.any"
    assert load(document('<task id="a"/><task id="b"/>' + flows(f"a -> b [{own}]"))).findings == ()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_typed_error(source: bytes) -> None:
    with pytest.raises(XmlError):
        read(source)


SAMPLE = document(
    '<startEvent id="s"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition></startEvent>'
    '<userTask id="t"><multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
    '</multiInstanceLoopCharacteristics></userTask><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition '
    'errorRef="e"/></boundaryEvent><subProcess id="x" triggeredByEvent="true"><startEvent id="y"/></subProcess>'
    '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>' + flows("s -> t -> u [a > 1]; b -> u"),
    '<error id="e" errorCode="c"/>',
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_documents_load_or_give_a_typed_error(data: st.DataObject) -> None:
    source = bytearray(SAMPLE.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(source) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "copy"]))
        if kind == "change":
            source[start] = data.draw(st.integers(0, 255))
        else:
            part = source[start : start + data.draw(st.integers(1, 60))]
            if kind == "cut":
                del source[start : start + len(part)]
            else:
                source[start:start] = part
        if not source:
            return
    with contextlib.suppress(SchoolflowError):
        load(bytes(source))


NAMED = (
    '<?xml version="1.0" encoding="{0}"?><definitions xmlns="{1}" targetNamespace="t"><process id="p" name="请假"/>'
    "</definitions>"
)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-16-le", "utf-8", "utf-8-sig"])
def test_file_is_read_in_the_encoding_it_names(encoding: str) -> None:
    text = NAMED.format(encoding.removesuffix("-sig"), BPMN)
    source = text.encode(encoding) if encoding != "utf-16-le" else b"\xff\xfe" + text.encode(encoding)
    assert read(source)[0].processes[0].name == "请假"
    assert read(decoded(source))[0].processes[0].name == "请假"


def test_text_is_what_it_is_whatever_encoding_it_names() -> None:
    assert read(NAMED.format("ISO-8859-1", BPMN))[0].processes[0].name == "请假"


def test_blank_lines_before_the_declaration_do_no_harm() -> None:
    text = "\r\n  " + NAMED.format("utf-8", BPMN)
    for source in (text, text.encode(), text.encode("utf-8-sig"), decoded(text.encode())):
        assert read(source)[0].processes[0].name == "请假"


def test_only_boundary_events_are_attached() -> None:
    """What the schema forbids elsewhere is not read there: an inclusive join would look for its host."""
    model, _ = read(document('<startEvent id="s" attachedToRef="gone"/><userTask id="t"/>' + flows("s -> t")))
    assert model.processes[0].nodes["s"].attached_to is None
