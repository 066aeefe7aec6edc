"""Form fields that stand in the model become forms of ours: a file beside the model, named by its task."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor import first_forms, form_names
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.fields import Read, fields_of
from engine.workflow.doctor.form_files import free, is_ours, key_of, word, written
from engine.workflow.doctor.form_js import form_of


def treat(document: Document) -> None:
    """Each user task with fields gets its form; start events with fields are told of, and a fix is offered later."""
    for task, key in _keys(document.root):
        read = read_fields(task)
        ours = read_extensions.school(task, "task")
        if ours is None:
            ours = make(extensions_of(task), "task", xml.SCHOOL)
        if is_ours(xml.attribute(ours, "form")):
            continue
        ours.set("form", key)
        shown = ", ".join(one.label or one.name for one in read.fields)[:80]
        zh, en = (
            f"“{called(task)}”的表单字段已转成表单 {key}：{shown}",
            f"{called(task)}: its fields {shown} are now the form {key}",
        )
        document.rewritten(task, "form", zh, en)
        tell_rest(document, task, read)
    first_forms.tell(document, read_fields)


def tell_rest(document: Document, task: xml.Element, read: Read) -> None:
    """What of the form has no equal here; names that are no variables are kept by mappings, or told."""
    if read.left:
        text = Text(
            f"“{called(task)}”的表单里 {', '.join(read.left)} 没有转换",
            f"{called(task)}: {', '.join(read.left)} of its form has no equal here",
        )
        document.note(task, "form_part", "warning", text, Text("在表单编辑器中补上", "Add it in the form editor"))
    for one in form_names.keep(task, read):
        text = Text(
            f"“{called(task)}”的字段“{one.origin}”现在是变量 {one.name}",
            f"The field {one.origin} of {called(task)} is now the variable {one.name}",
        )
        fix = Text("表达式中也请使用新名称", "Use the new name in expressions too")
        document.note(task, "form_name", "warning", text, fix)


def offer(document: Document) -> None:
    """For start events with fields: the person who starts fills them in first."""
    first_forms.offer(document, read_fields)


def files_of(source: bytes | str, taken: Mapping[str, str]) -> dict[str, str]:
    """The forms of a treated document, by file name, without those that files of `taken` hold already.

    A key keeps its first half when the process got another id since. Raises: XmlError.
    """
    root = xml.parse(source)
    known = {key for text in taken.values() if (key := key_of(text))}
    found: dict[str, str] = {}
    for task, key in _keys(root):
        ours = read_extensions.school(task, "task")
        said = xml.attribute(ours, "form") if ours is not None else ""
        if said.partition(".")[2] != key.partition(".")[2] or said in known:
            continue
        file = free(f"{key.partition('.')[2]}.json", {*taken, *found})
        found[file] = written(said, called(task), read_fields(task))
    return found


def read_fields(element: xml.Element) -> Read:
    """All fields of a task or start event, with their names once each."""
    read = form_of(element)
    fields = {one.name: one for one in reversed((*fields_of(element), *read.fields))}
    return Read(tuple(reversed(fields.values())), read.left)


def _keys(root: xml.Element) -> list[tuple[xml.Element, str]]:
    """(task, key of its form) of all user tasks with fields, in document order."""
    found: list[tuple[xml.Element, str]] = []
    taken: set[str] = set()
    for process in root.iter(f"{{{xml.BPMN}}}process"):
        for task in process.iter(f"{{{xml.BPMN}}}userTask"):
            if read_fields(task).fields:
                halves = word(xml.attribute(process, "id"), "process"), word(xml.attribute(task, "id"), "form")
                key = free(".".join(halves), taken)
                taken.add(key)
                found.append((task, key))
    return found
