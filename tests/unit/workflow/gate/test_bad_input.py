"""Documents with a few parts moved, dropped or exchanged are checked and examined to an end."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.workflow import Engine, XmlError, doctor
from tests.unit.workflow.driver import document, flows

SAMPLE = document(
    '<startEvent id="s"/><exclusiveGateway id="x" default="x_u"/><userTask id="t"><multiInstanceLoopCharacteristics>'
    '<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics><ioSpecification><dataInput id="di"/>'
    '<inputSet id="is"><dataInputRefs>di</dataInputRefs></inputSet><outputSet id="os"/></ioSpecification></userTask>'
    '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="r"/></boundaryEvent>'
    '<adHocSubProcess id="h"><userTask id="v"/></adHocSubProcess><callActivity id="u" calledElement="p"/>'
    '<eventBasedGateway id="g"/><receiveTask id="w" messageRef="m"/><intermediateCatchEvent id="c">'
    "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    '<intermediateThrowEvent id="l"><linkEventDefinition name="n"/></intermediateThrowEvent><endEvent id="e"/>'
    '<dataObject id="o" itemSubjectRef="d"/><association id="a" sourceRef="b" targetRef="v"/>'
    + flows("s -> x; x -> t [n > 1]; x -> u [default]; t -> h -> e; u -> g; g -> w -> e; g -> c -> e; b -> l"),
    '<message id="m" name="go"/><error id="r" errorCode="c"/><itemDefinition id="d"/><collaboration id="k">'
    '<participant id="pp" processRef="p"/><messageFlow id="f" sourceRef="t" targetRef="w" messageRef="m"/>'
    "</collaboration>",
).encode()


def _changed(data: st.DataObject) -> bytes:
    root = etree.fromstring(SAMPLE)
    for _ in range(data.draw(st.integers(1, 5))):
        parts = list(root.iter("*"))[1:]
        one, other = (data.draw(st.sampled_from(parts)) for _ in range(2))
        what = data.draw(st.sampled_from(["drop", "rename", "attribute", "copy", "text"]))
        if what == "drop":
            one.getparent().remove(one)
        elif what == "rename":
            one.tag = other.tag
        elif what == "attribute" and one.attrib and other.attrib:
            one.set(data.draw(st.sampled_from(sorted(one.attrib))), data.draw(st.sampled_from(other.attrib.values())))
        elif what == "copy":
            one.append(deepcopy(other))
        else:
            one.text = data.draw(st.sampled_from(["", "${a", "R/P", "1e999", "null", "getDataObject('x')"]))
    return etree.tostring(root)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_changed_documents_are_checked_and_examined(data: st.DataObject) -> None:
    source = _changed(data)
    try:
        found = Engine().check(source)
    except XmlError:
        return
    assert all(one.rule and one.text.zh and one.text.en for one in found)
    examination = doctor.examine(source)
    doctor.apply(source, [fix.id for fix in examination.fixes])


def test_process_and_node_of_one_name_are_told_apart() -> None:
    body = '<startEvent id="p"/><endEvent id="e"><escalationEventDefinition escalationRef="x"/></endEvent>'
    found = Engine().check(document(body + flows("p -> e"), '<escalation id="x" escalationCode="x"/>'))
    assert {one.element_id for one in found if one.rule == "id.duplicate"} == {"p"}
