"""The forms of other tools that lie beside a model, found by what its tasks call them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.workflow.doctor import flowable_forms, form_js, schema_forms
from engine.workflow.doctor.fields import Read

Shape = Literal["form_js", "flowable", "schema", "hints"]
LONGEST = 1_000_000
"""Characters of one file."""
ENDINGS = (".form", ".json")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task says of its form: a name, of a file or of the form in it; `hints`: a file with its UI schema."""

    name: str
    hints: str = ""


@dataclass(slots=True)
class Shelf:
    """The files by name. `unread`: those that should be forms and are none we know."""

    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def file(self, name: str) -> str:
        """The file a task means by `forms:app/leave.form`, `leave.form` or the form's id; empty when it is not here."""
        wanted = name.replace("\\", "/").rpartition(":")[2].rpartition("/")[2].strip()
        for ways in (self._called, self._named):
            found = [one for one in self.documents if wanted and ways(one, wanted)]
            if found:
                return found[0]
        return ""

    def read(self, file: str, hints: str) -> Read:
        """The form in that file."""
        document, shape = self.documents[file], self.shapes[file]
        if shape == "form_js":
            return form_js.read_components(document)
        if shape == "flowable":
            return flowable_forms.read_fields(document)
        return schema_forms.read_schema(document, self.documents.get(self.file(hints), {}))

    def forms(self) -> list[str]:
        """The files that are forms by themselves."""
        return [name for name, shape in self.shapes.items() if shape != "hints"]

    def _called(self, file: str, wanted: str) -> bool:
        if self.shapes[file] == "flowable":
            return flowable_forms.key_of(self.documents[file]) == wanted
        return self.shapes[file] == "form_js" and self.documents[file].get("id") == wanted

    def _named(self, file: str, wanted: str) -> bool:
        base = file.rpartition("/")[2].lower()
        return wanted.lower() in {base, base.rpartition(".")[0]}


def shelf(files: Mapping[str, str]) -> Shelf:
    """Of all files, those that other tools' forms are; forms of ours and other files are left alone."""
    found = Shelf()
    for name, text in files.items():
        if not name.lower().endswith(ENDINGS):
            continue
        document = _parsed(text)
        shape = _shape(document)
        if shape is not None:
            found.documents[name], found.shapes[name] = document, shape
        elif name.lower().endswith(".form"):
            found.unread.append(name)
    return found


def is_form(name: str, text: str) -> bool:
    """It is a form of another tool, or hints for one."""
    return bool(shelf({name: text}).documents)


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text) if len(text) <= LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _shape(document: Mapping[str, Any]) -> Shape | None:
    if "layout" in document and "schema" in document:
        return None
    if isinstance(document.get("components"), list):
        return "form_js"
    if flowable_forms.is_form(document):
        return "flowable"
    if schema_forms.is_form(document):
        return "schema"
    parts = [document, *(one for one in document.values() if isinstance(one, dict))]
    return "hints" if any(str(key).startswith("ui:") for part in parts for key in part) else None
