"""Forms that Camunda 8 keeps inside the model, as JSON of its form designer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.workflow.bpmn import read_foreign, xml
from engine.workflow.doctor.fields import Field, named, preset
from engine.workflow.doctor.foreign_expressions import is_feel

PREFIX = "camunda-forms:bpmn:"
_KINDS = {
    **dict.fromkeys(("textfield", "expression"), "text"),
    **dict.fromkeys(("radio", "select"), "choice"),
    **dict.fromkeys(("checklist", "taglist"), "choices"),
    "textarea": "textarea",
    "number": "number",
    "checkbox": "boolean",
    "filepicker": "file",
}
_TIMES = {"date": "date", "time": "time", "datetime": "date-time"}
_CHECKS = {"text": ("minLength", "maxLength"), "textarea": ("minLength", "maxLength"), "number": ("min", "max")}
_CHECKS["integer"] = _CHECKS["number"]
_NAMES = {"min": "minimum", "max": "maximum"}
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Read:
    """`left`: kinds of components that have no equal here."""

    fields: tuple[Field, ...]
    left: tuple[str, ...] = ()


def form_of(element: xml.Element) -> Read:
    """The form that the formDefinition of a task or start event names, when it is in the model."""
    definition = read_foreign.zeebe(element, "formDefinition")
    key = xml.attribute(definition, "formKey") if definition is not None else ""
    if not key.startswith(PREFIX):
        return Read(())
    wanted = key.removeprefix(PREFIX)
    forms = element.getroottree().getroot().iter(f"{{{xml.ZEEBE}}}userTaskForm")
    text = next((xml.text(one) for one in forms if xml.attribute(one, "id") == wanted), "")
    return read(text)


def read(text: str) -> Read:
    """The fields of a form's JSON, headings as sections, other texts as the help of what follows."""
    try:
        document = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return Read(())
    if not isinstance(document, dict):
        return Read(())
    return _gathered(_components(document, "", 0))


def _gathered(parts: Iterator[tuple[str, Mapping[str, Any]]]) -> Read:
    fields: dict[str, Field] = {}
    left: dict[str, None] = {}
    heading = told = ""
    for section, part in parts:
        kind = str(part.get("type", ""))
        if kind in {"text", "html"}:
            lines = [line.strip() for line in str(part.get("text", "")).splitlines() if line.strip()]
            heading = next((line.lstrip("# ") for line in lines if line.startswith("#")), heading)
            told = " ".join(line for line in lines if not line.startswith("#"))
        elif (kind in _KINDS or kind == "datetime") and part.get("key"):
            field = _field(part, kind, section or heading, told)
            fields.setdefault(field.name, field)
            told = ""
        elif kind not in {"button", "spacer", "separator", "group"}:
            left[kind] = None
    return Read(tuple(fields.values()), tuple(left))


def _components(holder: Mapping[str, Any], section: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(section, component), those of groups in their places."""
    parts = holder.get("components")
    for part in parts if isinstance(parts, list) and depth < _DEEPEST else ():
        if isinstance(part, dict):
            yield section, part
            if part.get("type") == "group":
                yield from _components(part, str(part.get("label") or section), depth + 1)


def _field(part: Mapping[str, Any], kind: str, section: str, told: str) -> Field:
    found = _kind(part, kind)
    given = part.get("validate")
    checks: Mapping[str, Any] = given if isinstance(given, dict) else {}
    limits = ((_NAMES.get(name, name), checks.get(name)) for name in _CHECKS.get(found, ()))
    conditional = part.get("conditional")
    hide = conditional.get("hide") if isinstance(conditional, dict) else None
    default = part.get("defaultValue")
    return Field(
        name=named(str(part["key"])),
        origin=str(part["key"]),
        label=str(part.get("label") or part.get("dateLabel") or ""),
        kind=found,
        required=checks.get("required") is True,
        read_only=part.get("disabled") is True or part.get("readonly") is True or kind == "expression",
        default=preset(found, json.dumps(default) if isinstance(default, bool) else str(default or "")),
        options=_options(part) if found in {"choice", "choices"} else (),
        checks=tuple((name, value) for name, value in limits if isinstance(value, int | float)),
        help=str(part.get("description") or told),
        hidden=_feel(hide),
        locked=_feel(part.get("readonly")),
        section=section,
    )


def _kind(part: Mapping[str, Any], kind: str) -> str:
    if kind == "datetime":
        return _TIMES.get(str(part.get("subtype", "date")), "date")
    if kind == "number" and part.get("decimalDigits") == 0:
        return "integer"
    found = _KINDS[kind]
    if found in {"choice", "choices"} and not _options(part):
        return "text"
    return found


def _options(part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    values = part.get("values")
    found: dict[str, str] = {}
    for one in values if isinstance(values, list) else ():
        if isinstance(one, dict) and str(one.get("value", "")):
            found[str(one["value"])] = str(one.get("label") or one["value"])
    return tuple(found.items())


def _feel(value: object) -> str:
    """The expression after `=`; empty when it is none."""
    text = value.strip().removeprefix("=").strip() if isinstance(value, str) and value.strip().startswith("=") else ""
    return text if text and is_feel(text) else ""
