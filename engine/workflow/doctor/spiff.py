"""Words of SpiffArena: where a message's content goes, what a person is told, forms in files beside the model."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.first_forms import tell_elsewhere

_CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
NAMES = frozenset({"messageVariable", "instructionsForEndUser"})


def treat(document: Document) -> None:
    """All three."""
    if xml.SPIFF not in document.root.nsmap.values():
        return
    variables = {xml.attribute(one, "id"): _own(one, "messageVariable") for one in document.all("message")}
    for element in document.all(*_CATCHING):
        name = next((variables[one] for one in _messages(element) if variables.get(one)), "")
        if name and read_extensions.school(element, "output") is None:
            make(extensions_of(element), "output", xml.SCHOOL, name=name, value="=result")
            zh, en = f"“{called(element)}”收到的内容放入变量 {name}", f"What {called(element)} receives goes to {name}"
            document.rewritten(element, "message_variable", zh, en)
    for element in document.root.iter("*"):
        if xml.is_bpmn(element):
            _tell(document, element)


def _messages(element: xml.Element) -> list[str]:
    holders = [element, *xml.children(element, "messageEventDefinition")]
    return [name for one in holders if (name := xml.reference(one.get("messageRef")))]


def _own(element: xml.Element, name: str) -> str:
    """The text of its extension element of that name."""
    found = (one for one in xml.extensions(element) if xml.namespace(one) == xml.SPIFF and xml.local(one) == name)
    return next((xml.text(one) for one in found), "")


def _tell(document: Document, element: xml.Element) -> None:
    told = " ".join(_own(element, "instructionsForEndUser").split())
    if told:
        text = Text(
            f"“{called(element)}”给人看的说明在这里不显示（{told[:80]}）",
            f"{called(element)}: what people are told there is not shown here ({told[:80]})",
        )
        fix = Text("写进表单的标题或字段帮助", "Put it into the title of its form, or the help of a field")
        document.note(element, "instructions", "warning", text, fix)
    files = [
        xml.attribute(one, "value")
        for item in xml.extensions(element)
        for one in xml.children(item, "property", xml.SPIFF)
        if xml.attribute(one, "name") == "formJsonSchemaFilename"
    ]
    if files:
        tell_elsewhere(document, element, files[0])
