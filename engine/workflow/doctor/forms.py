"""Form fields that stand in the model become forms of ours: a file beside the model, named by its task.

Source: `forms/form.schema.json`. What the forms of other tools show comes from and goes to process variables, and so
do fields without a binding here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor import first_forms
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.fields import Field, fields_of
from engine.workflow.doctor.form_js import PREFIX, Read, form_of

_FORMATS = {"date": "date", "date-time": "date-time", "time": "time", "user": "user", "file": "file"}
_PLAIN = {"integer": "integer", "number": "number", "boolean": "boolean", "choices": "array"}


def treat(document: Document) -> None:
    """Each user task with fields gets its form; start events with fields are told of, and a fix is offered later."""
    for task, key in _keys(document.root):
        read = read_fields(task)
        ours = read_extensions.school(task, "task")
        if ours is None:
            ours = make(extensions_of(task), "task", xml.SCHOOL)
        named = xml.attribute(ours, "form")
        if named and not named.startswith(PREFIX):
            continue
        ours.set("form", key)
        shown = ", ".join(one.label or one.name for one in read.fields)[:80]
        zh, en = (
            f"“{called(task)}”的表单字段已转成表单 {key}：{shown}",
            f"{called(task)}: its fields {shown} are now the form {key}",
        )
        document.rewritten(task, "form", zh, en)
        _tell_rest(document, task, read)
    first_forms.tell(document, read_fields)


def _tell_rest(document: Document, task: xml.Element, read: Read) -> None:
    """What of the form has no equal here, and fields whose names are no variables."""
    if read.left:
        text = Text(
            f"“{called(task)}”的表单里 {', '.join(read.left)} 没有转换",
            f"{called(task)}: {', '.join(read.left)} of its form has no equal here",
        )
        document.note(task, "form_part", "warning", text, Text("在表单编辑器中补上", "Add it in the form editor"))
    for one in read.fields:
        if one.origin != one.name:
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
    known = {key for text in taken.values() if (key := _key_of(text))}
    found: dict[str, str] = {}
    for task, key in _keys(root):
        ours = read_extensions.school(task, "task")
        said = xml.attribute(ours, "form") if ours is not None else ""
        if said.partition(".")[2] != key.partition(".")[2] or said in known:
            continue
        found[_free(f"{key.partition('.')[2]}.json", {*taken, *found})] = _written(
            said, called(task), read_fields(task)
        )
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
                wish = f"{_word(process, 'process')}.{_word(task, 'form')}"
                key, number = wish, 2
                while key in taken:
                    key, number = f"{wish}_{number}", number + 1
                taken.add(key)
                found.append((task, key))
    return found


def _word(element: xml.Element, otherwise: str) -> str:
    """An id as one half of a form's key: small letters, digits and `_`."""
    word = re.sub(r"[^a-z0-9]+", "_", xml.attribute(element, "id").lower()).strip("_")
    return word if word and word[0].isalpha() else f"{otherwise}_{word}".rstrip("_")


def _free(wish: str, taken: set[str]) -> str:
    number, found = 2, wish
    while found in taken:
        found, number = f"{wish.removesuffix('.json')}_{number}.json", number + 1
    return found


def _key_of(text: str) -> str:
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else {}
    except (ValueError, RecursionError):
        return ""
    return str(document.get("key", "")) if isinstance(document, dict) else ""


def _written(key: str, title: str, read: Read) -> str:
    """The form as JSON."""
    sections: dict[str, list[str]] = {}
    for one in read.fields:
        sections.setdefault(one.section, []).append(one.name)
    layout = [
        {**({"title": _both(name)} if name else {}), "columns": 1 if len(names) < 4 else 2, "fields": names}
        for name, names in sections.items()
    ]
    schema: dict[str, Any] = {"type": "object", "properties": {one.name: _schema(one) for one in read.fields}}
    if needed := [one.name for one in read.fields if one.required and not one.read_only]:
        schema["required"] = needed
    form: dict[str, Any] = {"key": key, "title": _both(title), "schema": schema, "layout": layout}
    if rules := [rule for one in read.fields for rule in _rules(one)]:
        form["rules"] = rules
    return json.dumps(form, ensure_ascii=False, indent=2) + "\n"


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _schema(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _PLAIN.get(field.kind, "string")}
    if field.kind in _FORMATS:
        found["format"] = _FORMATS[field.kind]
    if field.kind == "textarea":
        found["x-widget"] = "textarea"
    if field.kind == "choices":
        found["items"] = {"type": "string"}
    if field.kind in {"choice", "choices"}:
        found["x-options"] = [{"value": value, **_both(label)} for value, label in field.options]
    found |= dict(field.checks)
    if field.default is not None:
        found["default"] = field.default
    if field.read_only:
        found["x-read-only"] = True
    found["x-label"] = _both(field.label or field.name)
    if field.help:
        found["x-help"] = _both(field.help)
    return found


def _rules(field: Field) -> list[dict[str, str]]:
    hidden = [{"field": field.name, "visible": f"not({field.hidden})"}] if field.hidden else []
    return [*hidden, *([{"field": field.name, "read_only": field.locked}] if field.locked else [])]
