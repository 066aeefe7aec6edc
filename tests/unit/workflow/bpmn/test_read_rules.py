"""What the reader remarks on beside the model: data that disagree, values that say nothing, collaborations."""

import pytest

from engine.workflow.bpmn.reader import read
from tests.unit.workflow.driver import document, documents, flows

ITEMS = '<itemDefinition id="i1" structureRef="string"/><itemDefinition id="i2" structureRef="number"/>'
SERVICE = (
    ITEMS + '<message id="asked" itemRef="i1"/><message id="answered" itemRef="i2"/><interface id="if" name="i">'
    '<operation id="op" name="o"><inMessageRef>asked</inMessageRef><outMessageRef>answered</outMessageRef></operation>'
    "</interface>"
)
IN = '<dataInput id="di" itemSubjectRef="{0}"/><inputSet id="is"><dataInputRefs>di</dataInputRefs></inputSet>'
OUT = '<dataOutput id="do" itemSubjectRef="{0}"/>'
OUTS = '<outputSet id="os"><dataOutputRefs>do</dataOutputRefs></outputSet>'


def told(body: str, roots: str = "") -> set[tuple[str, str, str]]:
    _, found = read(document(body, roots))
    return {(one.element_id, one.rule, one.severity) for one in found}


def specified(tag: str, attributes: str, inside: str) -> str:
    task = f'<{tag} id="t" {attributes}><ioSpecification>{inside}</ioSpecification></{tag}>'
    return f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s -> t -> e")}'


def whole(incoming: str, outgoing: str) -> str:
    parts = IN.format(incoming).replace("<inputSet", OUT.format(outgoing) + "<inputSet")
    return parts + OUTS


def test_data_of_a_service_task_are_those_of_its_operation() -> None:
    def found(inside: str) -> set[tuple[str, str, str]]:
        return told(specified("serviceTask", 'operationRef="op"', inside), SERVICE)

    assert found(whole("i1", "i2")) == set()
    assert found(whole("i2", "i2")) == {("t", "data.item_of_message", "warning")}
    assert found(whole("i1", "i1")) == {("t", "data.item_of_message", "warning")}
    two = whole("i1", "i2") + '<outputSet id="o2"><dataOutputRefs>do</dataOutputRefs></outputSet>'
    assert found(two) == {("t", "data.sets_of_task", "warning")}


def test_data_of_a_task_for_one_message_are_the_messages() -> None:
    sends = specified("sendTask", 'messageRef="asked"', IN.format("i1") + '<outputSet id="os"/>')
    assert told(sends, SERVICE) == set()
    assert told(sends.replace("i1", "i2"), SERVICE) == {("t", "data.item_of_message", "warning")}
    receives = specified("receiveTask", 'messageRef="asked"', OUT.format("i1") + '<inputSet id="is"/>' + OUTS)
    assert told(receives, SERVICE) == set()
    twice = receives.replace("</ioSpecification>", '<outputSet id="o2"/></ioSpecification>')
    assert told(twice, SERVICE) == {("t", "data.sets_of_task", "warning")}


def test_event_has_one_item_of_data_per_definition() -> None:
    event = '<intermediateCatchEvent id="c"><dataOutput id="do" itemSubjectRef="i1"/>{0}' + OUTS + "{1}"
    event += "</intermediateCatchEvent>"
    message = '<messageEventDefinition messageRef="asked"/>'
    assert told(event.format("", message), SERVICE) == set()
    assert told(event.format("", message).replace("i1", "i2"), SERVICE) == {("c", "data.item_of_message", "warning")}
    more = event.format('<dataOutput id="d2"/>', message)
    assert ("c", "data.of_event", "warning") in told(more, SERVICE)


def test_call_repeats_the_data_of_what_it_calls() -> None:
    called = f'<process id="q"><ioSpecification>{IN.format("i1").replace("di", "qi").replace("is", "qs")}'
    called += '<outputSet id="qo"/></ioSpecification><task id="v"/></process>'
    call = '<callActivity id="c" calledElement="q">{0}</callActivity>'
    own = f'<ioSpecification>{IN}<outputSet id="os"/></ioSpecification>'
    assert told(call.format(own.format("i1")), ITEMS + called) == set()
    assert told(call.format(""), ITEMS + called) == {("c", "data.of_call", "warning")}
    assert told(call.format(own.format("i2")), ITEMS + called) == {("c", "data.of_call", "warning")}


def test_loop_items_are_those_of_the_list() -> None:
    loop = '<multiInstanceLoopCharacteristics><loopDataInputRef>o</loopDataInputRef><inputDataItem id="x" '
    loop += 'itemSubjectRef="{0}"/></multiInstanceLoopCharacteristics>'
    body = '<dataObject id="o" itemSubjectRef="i1"/><userTask id="t">' + loop + "</userTask>"
    assert told(body.format("i1"), ITEMS) == set()
    assert told(body.format("i2"), ITEMS) == {("t", "data.of_loop", "warning")}


@pytest.mark.parametrize(
    ("body", "roots", "expected"),
    [
        ('<supportedInterfaceRef>if</supportedInterfaceRef><task id="t"/>', SERVICE,
         ("p", "data.binding_missing", "warning")),
        ('<task id="t"><ioSpecification><dataInput id="di"/><inputSet id="is"><dataInputRefs>di</dataInputRefs>'
         '<outputSetRefs>os</outputSetRefs></inputSet><outputSet id="os"/></ioSpecification></task>', "",
         ("is", "data.sets_one_way", "warning")),
        ('<task id="t"><dataInputAssociation id="d"><targetRef>o</targetRef></dataInputAssociation></task>'
         '<dataObject id="o"/>', "", ("d", "data.nothing_carried", "warning")),
        ('<task id="t"><documentation textFormat="plain">x</documentation></task>', "",
         ("t", "value.media_type", "warning")),
        ('<task id="t"/><task id="u"/><sequenceFlow id="f" sourceRef="t" targetRef="u" isImmediate="false"/>', "",
         ("f", "value.not_immediate", "warning")),
        ('<task id="t"/><task id="u"/><sequenceFlow id="f" sourceRef="t" targetRef="u"><conditionExpression/>'
         "</sequenceFlow>", "", ("f", "expression.empty", "warning")),
        ('<task id="t"><dataInputAssociation id="d"><targetRef>o</targetRef><assignment><from>1</from><to/>'
         '</assignment></dataInputAssociation></task><dataObject id="o"/>', "", ("d", "expression.empty", "error")),
        ('<task id="t"/><association id="a" sourceRef="t" targetRef="gone"/>', "",
         ("a", "reference.missing", "warning")),
        ('<task id="t"/>', '<collaboration id="k"><participant id="pp"/><correlationKey id="ck"/></collaboration>',
         ("ck", "correlation.empty", "warning")),
        ('<task id="t"/>', '<choreography id="ch" isClosed="true"/><collaboration id="k"><choreographyRef>ch'
         "</choreographyRef></collaboration>", ("k", "choreography.closed", "warning")),
        ('<task id="t"/>', '<globalConversation id="g"><conversation id="c"/></globalConversation>',
         ("g", "conversation.contents", "warning")),
        ('<task id="t"/>', '<choreography id="ch"><choreographyRef>ch</choreographyRef></choreography>',
         ("ch", "choreography.nested", "warning")),
        ('<userTask id="t"><standardLoopCharacteristics loopMaximum="many"/></userTask>', "",
         ("t", "attribute.integer", "error")),
    ],
)  # fmt: skip
def test_reader_remarks_at_the_nearest_element_with_an_id(
    body: str, roots: str, expected: tuple[str, str, str]
) -> None:
    assert expected in told(body, roots)


def test_import_of_another_model_and_public_processes_are_remarked_on() -> None:
    source = documents(
        '<import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" location="b.bpmn" namespace="urn:b"/>',
        '<process id="p" isExecutable="true" processType="Public"><task id="t"/></process>',
    )
    found = {(one.element_id, one.rule) for one in read(source)[1]}
    assert found == {("definitions_1", "value.import"), ("p", "value.public_process")}
