"""Fields of a start event: the one who starts a case fills them in as its first task, when a person accepts that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.kernel.text import Text
from engine.workflow.bpmn import read_foreign, xml
from engine.workflow.doctor import splicing
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make, remove
from engine.workflow.doctor.fields import Read
from engine.workflow.doctor.form_files import is_ours
from engine.workflow.doctor.form_js import PREFIX

_FIELDS = frozenset({"formData", "formProperty", "formDefinition"})
Reading = Callable[[xml.Element], Read]


def tell(document: Document, read: Reading) -> None:
    """A warning for each start event with fields or a form."""
    for start in _starts(document, read):
        shown, form = ", ".join(one.label or one.name for one in read(start).fields)[:80], form_of_start(start)
        zh, en = (shown, shown) if shown else (f"表单 {form}", f"the form {form}")
        text = Text(
            f"“{called(start)}”启动时要填 {zh}；这里启动时不填表",
            f"{called(start)} asks for {en} when a case begins; here a case begins without a form",
        )
        fix = Text(
            "接受修复，由发起人先填写；或启动时给出这些变量",
            "Accept the fix: the starter fills them in first; or give these variables when starting",
        )
        document.note(start, "start_form", "warning", text, fix)
    for start in document.all("startEvent"):
        named = form_of_start(start)
        if named and not is_ours(named):
            tell_elsewhere(document, start, named)


def tell_elsewhere(document: Document, element: xml.Element, named: str) -> None:
    """The form that a task or start event asks for lies in a file that did not come along."""
    text = Text(
        f"“{called(element)}”的表单在另一个文件 {named}，模型里没有",
        f"The form of {called(element)} is in a file of its own, {named}, not in the model",
    )
    fix = Text(
        "把表单文件和流程图一起导入，或在设计器中为它画一个表单",
        "Import the file together with the model, or draw a form for it in the studio",
    )
    document.note(element, "form_elsewhere", "warning", text, fix)


def offer(document: Document, read: Reading) -> None:
    """A first task for the starter."""
    for start in _starts(document, read):
        text = Text(f"“{called(start)}”之后由发起人先填写表单", f"After {called(start)} the starter fills in the form")
        document.offer("form.first", xml.attribute(start, "id"), text, partial(_insert, document, start))


def form_of_start(start: xml.Element) -> str:
    """The form the starter is asked to fill in, by name; empty when it has none, or one that stands in the model."""
    definition = read_foreign.zeebe(start, "formDefinition")
    said = read_foreign.attribute(start, "formKey", "formRef")
    if definition is not None:
        said = xml.attribute(definition, "formKey") or xml.attribute(definition, "formId")
    return "" if said.startswith(PREFIX) else said


def _starts(document: Document, read: Reading) -> list[xml.Element]:
    """Plain start events with fields that lead on by one flow."""
    found: list[xml.Element] = []
    for start in document.all("startEvent"):
        is_plain = not any(xml.local(one).endswith("EventDefinition") for one in start)
        is_asking = bool(read(start).fields) or is_ours(form_of_start(start))
        if is_plain and is_asking and len(splicing.flows(document, "sourceRef", xml.attribute(start, "id"))) == 1:
            found.append(start)
    return found


def _insert(document: Document, start: xml.Element) -> None:
    """A user task takes the fields over, between the start and what followed it."""
    wish, name = f"fill_{xml.attribute(start, 'id')}", start.get("name") or "填写 / Fill in"
    task = splicing.after(document, start, "userTask", wish, name)
    holder, given = extensions_of(task), extensions_of(start)
    for item in [one for one in given if xml.local(one) in _FIELDS]:
        holder.append(item)
    if not len(given):
        remove(given)
    ours = make(holder, "task", xml.SCHOOL)
    make(ours, "assignee", xml.SCHOOL, rule="starter")
    if form := form_of_start(start):
        ours.set("form", form)
    for space in xml.KINDRED:
        for attribute in ("formKey", "formRef"):
            drop(start, f"{{{space}}}{attribute}")
