"""Forms of other tools in files beside a model, brought along: each becomes a form of ours that the tasks name.

Camunda's `.form` (by `formRef`, `formId`, `camunda-forms:…`), Flowable's `.form` (by `formKey`), SpiffArena's JSON
Schema with its UI schema (by file name).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make, remove
from engine.workflow.doctor.fields import Read
from engine.workflow.doctor.form_files import free, key_of, word, written
from engine.workflow.doctor.form_shelf import Asked, Shelf, shelf
from engine.workflow.doctor.forms import tell_rest
from engine.workflow.doctor.identities import rename

_MODELS = (".bpmn", ".xml")
_REFERENCES = ("formRef", "formRefBinding", "formRefVersion", "formKey")
_OF_ZEEBE = ("formId", "externalReference", "bindingType", "versionTag")
_SCHEMA, _HINTS = "formJsonSchemaFilename", "formUiSchemaFilename"


@dataclass(frozen=True, slots=True)
class Brought:
    """`sources`: the models naming forms of ours, and these in place of the others'. `findings`: what was done."""

    sources: dict[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Bringing:
    """`keys`: of the forms made, by process, file and hints."""

    shelf: Shelf
    files: dict[str, str]
    taken: set[str]
    keys: dict[tuple[str, str, str], str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def bring(sources: Mapping[str, str]) -> Brought:
    """The files with every form of another tool taken over; the same files when there is none among them.

    A form that no task names is left out, and told.
    """
    found = shelf(sources)
    if not (found.documents or found.unread):
        return Brought(dict(sources))
    rest = {name: text for name, text in sources.items() if name not in {*found.documents, *found.unread}}
    work = _Bringing(found, rest, {key for text in rest.values() if (key := key_of(text))})
    log: list[Finding] = []
    for name in [name for name in rest if name.lower().endswith(_MODELS)]:
        try:
            document = Document(xml.parse(rest[name]))
        except xml.XmlError:
            continue
        for process in document.all("process"):
            _process(work, document, process)
        log += document.findings
        work.files[name] = document.text() if document.is_changed else rest[name]
    return Brought(work.files, (*log, *_left(work)))


def _process(work: _Bringing, document: Document, process: xml.Element) -> None:
    tasks = [one for one in process.iter("*") if xml.is_bpmn(one, "userTask") or xml.is_bpmn(one, "startEvent")]
    chosen = [(one, asked, file) for one in tasks if (asked := _asked(one)) and (file := work.shelf.file(asked.name))]
    for task, asked, file in chosen:
        read = work.shelf.read(file, asked.hints)
        work.used.add(file)
        if not read.fields and not read.outcomes:
            _tell_empty(document, task, file)
            continue
        if read.outcomes and xml.local(task) == "userTask":
            is_alone = sum(other == file for _, _, other in chosen) == 1
            _decide(document, process, task, read, is_alone=is_alone)
        if read.fields:
            place = xml.attribute(process, "id"), file, work.shelf.file(asked.hints)
            key = _key(work, place, read, called(task))
            _name(task, key)
            zh = f"“{called(task)}”的表单 {file} 已转成表单 {key}：{_shown(read)}"
            en = f"The form {file} of {called(task)} is now the form {key}: {_shown(read)}"
            document.rewritten(task, "form", zh, en)
        tell_rest(document, task, read)


def _shown(read: Read) -> str:
    return ", ".join(one.label or one.name for one in read.fields)[:80]


def _asked(task: xml.Element) -> Asked | None:
    """What the task says of its form; None when it has none, or one that stands in the model."""
    ours, definition = read_extensions.school(task, "task"), read_foreign.zeebe(task, "formDefinition")
    said = [xml.attribute(ours, "form")] if ours is not None else []
    if definition is not None:
        said += [xml.attribute(definition, name) for name in ("formId", "formKey", "externalReference")]
    said.append(read_foreign.attribute(task, "formRef", "formKey"))
    if name := next((one for one in said if one), ""):
        return Asked(name)
    properties = {xml.attribute(one, "name"): xml.attribute(one, "value") for one in _properties(task)}
    return Asked(properties[_SCHEMA], properties.get(_HINTS, "")) if properties.get(_SCHEMA) else None


def _properties(task: xml.Element) -> list[xml.Element]:
    """What SpiffArena says of a task's form."""
    holders = [one for one in xml.extensions(task) if xml.namespace(one) == xml.SPIFF]
    return [one for holder in holders for one in xml.children(holder, "property", xml.SPIFF)]


def _key(work: _Bringing, place: tuple[str, str, str], read: Read, title: str) -> str:
    """The key of the form made of that file, made when a task of the process names it first. `place`: process, file,
    file of hints."""
    if place not in work.keys:
        stem = place[1].rpartition("/")[2].partition(".")[0]
        key = free(f"{word(place[0], 'process')}.{word(stem, 'form')}", work.taken)
        work.taken.add(key)
        work.keys[place] = key
        name = free(f"{key.partition('.')[2]}.json", work.files)
        work.files[name] = written(key, read.title or title, read)
    return work.keys[place]


def _name(task: xml.Element, key: str) -> None:
    """The task names that form, in the words it named the other one in."""
    ours, definition = read_extensions.school(task, "task"), read_foreign.zeebe(task, "formDefinition")
    spaces = [space for space in xml.KINDRED if any(task.get(f"{{{space}}}{name}") for name in _REFERENCES)]
    for space in spaces:
        for name in _REFERENCES:
            drop(task, f"{{{space}}}{name}")
        task.set(f"{{{space}}}formKey", key)
    if definition is not None:
        for name in _OF_ZEEBE:
            drop(definition, name)
        definition.set("formKey", key)
    for one in [one for one in _properties(task) if xml.attribute(one, "name") in {_SCHEMA, _HINTS}]:
        remove(one)
    if ours is not None and (ours.get("form") or not (spaces or definition is not None)):
        ours.set("form", key)
    elif not spaces and definition is None:
        make(extensions_of(task), "task", xml.SCHOOL, form=key)


def _decide(document: Document, process: xml.Element, task: xml.Element, read: Read, *, is_alone: bool) -> None:
    """The buttons of the form are outcomes of the task; conditions read them where the task keeps them."""
    ours = read_extensions.school(task, "task")
    if ours is None:
        ours = make(extensions_of(task), "task", xml.SCHOOL)
    if not xml.children(ours, "outcome", xml.SCHOOL):
        for name in read.outcomes:
            make(ours, "outcome", xml.SCHOOL, name=name, label_zh=name, label_en=name)
    document.is_changed = True
    variable = re.compile(rf"(?<![\w.]){re.escape(read.outcome)}(?!\w)")
    reading = [one for one in process.iter(f"{{{xml.BPMN}}}conditionExpression") if variable.search(one.text or "")]
    if not reading:
        return
    if not is_alone:
        _tell_outcome(document, task, read.outcome)
        return
    identity = xml.attribute(task, "id")
    if not identity.isidentifier():
        fresh = document.fresh_id(word(identity, "task"))
        rename(document, task, fresh)
        identity = fresh
    for one in reading:
        one.text = variable.sub(f"{identity}.outcome", one.text or "")
    zh, en = f"{read.outcome} 改为“{called(task)}”的处理结果", f"{read.outcome} is now the outcome of {called(task)}"
    document.rewritten(task, "form_outcome", zh, en)


def _tell_outcome(document: Document, task: xml.Element, variable: str) -> None:
    text = Text(
        f"几个任务用同一个表单，条件里的 {variable} 分不清是哪一个的结果",
        f"Several tasks use one form: conditions with {variable} do not say whose outcome they mean",
    )
    own = f"{xml.attribute(task, 'id')}.outcome"
    fix = Text(f"条件中写明任务，如 {own}", f"Name the task in the conditions, such as {own}")
    document.note(task, "form_outcome", "warning", text, fix)


def _tell_empty(document: Document, task: xml.Element, file: str) -> None:
    text = Text(
        f"“{called(task)}”的表单 {file} 里没有可以填写的字段",
        f"The form {file} of {called(task)} has no fields to fill in",
    )
    fix = Text("在设计器中为它画一个表单，或不用表单", "Draw a form for it in the studio, or go without")
    document.note(task, "form_empty", "warning", text, fix)


def _left(work: _Bringing) -> list[Finding]:
    """Files that are no forms, and forms that no task names."""
    found: list[Finding] = []
    for name in work.shelf.unread:
        text = Text(f"{name} 不是能读懂的表单", f"{name} is no form that can be read here")
        fix = Text("在设计器中重新画这个表单", "Draw this form again in the studio")
        found.append(Finding("", "doctor.form_unreadable", "warning", text, fix, file=name))
    for name in work.shelf.forms():
        if name not in work.used:
            text = Text(f"没有任务用到表单 {name}，没有导入", f"No task names the form {name}; it is left out")
            fix = Text("在任务的“表单”里写上它的标识", "Name it at the task that uses it")
            found.append(Finding("", "doctor.form_unused", "warning", text, fix, file=name))
    return found
