"""Words of SpiffArena: what a message carries and where it goes, what a person is told and answers, forms in files."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.first_forms import tell_elsewhere
from engine.workflow.doctor.foreign_expressions import entries_of
from engine.workflow.doctor.form_names import keep_outcome

_THROWING = ("sendTask", "intermediateThrowEvent", "endEvent")
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
    sent = {xml.attribute(one, "id"): _own(one, "messagePayload") for one in document.all("message")}
    for element in document.all(*_THROWING):
        _send(document, element, next((sent[one] for one in _messages(element) if sent.get(one)), ""))
    for element in document.root.iter("*"):
        if xml.is_bpmn(element):
            _tell(document, element)
    for task in document.all("userTask", "manualTask"):
        name = _own(task, "variableName")
        if name.isidentifier() and read_extensions.school(task, "output") is None:
            make(extensions_of(task), "output", xml.SCHOOL, name=name, value="=result")
            keep_outcome(task)
            zh, en = f"“{called(task)}”填写的内容放入变量 {name}", f"What is filled in at {called(task)} goes to {name}"
            document.rewritten(task, "form_variable", zh, en)


def _send(document: Document, element: xml.Element, payload: str) -> None:
    """The entries of a message's content become inputs of what sends it."""
    entries = entries_of(payload) if payload and read_extensions.school(element, "input") is None else None
    for name, value in (entries or {}).items():
        make(extensions_of(element), "input", xml.SCHOOL, name=name, value=f"={value}")
    if entries:
        names = ", ".join(entries)
        zh, en = f"“{called(element)}”的消息带上 {names}", f"The message of {called(element)} takes {names} along"
        document.rewritten(element, "message_content", zh, en)
    elif payload and entries is None and read_extensions.school(element, "input") is None:
        text = Text(
            f"“{called(element)}”发送的内容无法转换（{payload[:80]}）",
            f"What {called(element)} sends can't be translated ({payload[:80]})",
        )
        fix = Text("把要带上的数据写成它的输入", "Write what it takes along as inputs of it")
        document.note(element, "message_content", "warning", text, fix)


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
