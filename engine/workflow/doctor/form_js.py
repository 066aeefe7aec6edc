"""Forms drawn with the form designer of Camunda 7 and 8: JSON inside the model, or in a `.form` file beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.workflow.bpmn import read_foreign, xml
from engine.workflow.doctor.fields import (
    MOST_FIELDS,
    Field,
    Read,
    condition,
    limits,
    named,
    pattern,
    preset,
    told,
)

PREFIX = "camunda-forms:bpmn:"
_KINDS = {
    "textfield": "text",
    **dict.fromkeys(("radio", "select"), "choice"),
    **dict.fromkeys(("checklist", "taglist"), "choices"),
    "textarea": "textarea",
    "number": "number",
    "checkbox": "boolean",
    "filepicker": "file",
    "datetime": "date",
    "dynamiclist": "table",
}
_TIMES = {"date": "date", "time": "time", "datetime": "date-time"}
_TEXTS = {"minLength": "minLength", "maxLength": "maxLength"}
_NUMBERS = {"min": "minimum", "max": "maximum"}
_CHECKS = {"text": _TEXTS, "textarea": _TEXTS, "number": _NUMBERS, "integer": _NUMBERS}
_SILENT = frozenset({"button", "spacer", "separator", "group", "text", "html", "image", "documentPreview"})
_DEEPEST = 10


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
    return read_components(document) if isinstance(document, dict) else Read(())


def read_components(document: Mapping[str, Any]) -> Read:
    """The same of a form that has been parsed."""
    fields: dict[str, Field] = {}
    left: dict[str, None] = {}
    heading = words = ""
    for section, part in _components(document, "", "", 0):
        kind = str(part.get("type", ""))
        if kind in {"text", "html"}:
            lines = [line.strip() for line in str(part.get("text", "")).splitlines() if line.strip()]
            heading = next((told(line.lstrip("# ")) for line in lines if line.startswith("#")), heading)
            words = told(" ".join(line for line in lines if not line.startswith("#")))
        elif kind in _KINDS and named(_key(part)) and len(fields) < MOST_FIELDS:
            field, missing = _field(part, kind, section or heading, words)
            if kind != "dynamiclist" or field.columns:
                fields.setdefault(field.name, field)
            left |= dict.fromkeys(missing)
            words = ""
        elif kind not in _SILENT:
            left[_computed(part) if kind == "expression" else kind] = None
    return Read(tuple(fields.values()), tuple(left))


def _computed(part: Mapping[str, Any]) -> str:
    """A value the form works out: it needs a step before the task."""
    return f"expression {_key(part)} ({str(part.get('expression', ''))[:60]})"


def _components(
    holder: Mapping[str, Any], section: str, path: str, depth: int
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(section, component), those of groups in their places, their keys behind the path of the group."""
    parts = holder.get("components")
    for part in parts if isinstance(parts, list) and depth < _DEEPEST else ():
        if not isinstance(part, dict):
            continue
        yield section, {**part, "key": f"{path}{_key(part)}"} if path and _key(part) else part
        if part.get("type") == "group":
            inner = f"{path}{part['path']}." if isinstance(part.get("path"), str) and part["path"] else path
            yield from _components(part, told(part.get("label")) or section, inner, depth + 1)


def _key(part: Mapping[str, Any]) -> str:
    value = part.get("path") if part.get("type") == "dynamiclist" and not part.get("key") else part.get("key")
    return value if isinstance(value, str) else ""


def _field(part: Mapping[str, Any], kind: str, section: str, words: str) -> tuple[Field, list[str]]:
    """The field, and what of it has no equal."""
    given = part.get("validate")
    checks: Mapping[str, Any] = given if isinstance(given, dict) else {}
    found = _kind(part, kind, checks)
    key, default = _key(part), part.get("defaultValue")
    hide, locked = _hidden(part), _feel(part.get("readonly"))
    columns, missing = _columns(part) if found == "table" else ((), [])
    missing += _unequalled(part, kind, checks, hide)
    return (
        Field(
            name=named(key),
            origin=key,
            label=told(part.get("label")) or told(part.get("dateLabel")),
            kind=found,
            required=checks.get("required") is True,
            read_only=part.get("disabled") is True or part.get("readonly") is True,
            default=preset(found, _plain(default)),
            options=_options(part) if found in {"choice", "choices"} else (),
            checks=limits(checks, _CHECKS.get(found, {})),
            help=told(part.get("description")) or words,
            hidden=hide,
            locked=locked,
            section=section,
            pattern=pattern(checks.get("pattern")) if found == "text" else "",
            is_radio=kind == "radio",
            columns=columns,
        ),
        missing,
    )


def _plain(default: object) -> str:
    if isinstance(default, bool):
        return json.dumps(default)
    return str(default) if isinstance(default, str | int | float) else ""


def _columns(part: Mapping[str, Any]) -> tuple[tuple[Field, ...], list[str]]:
    """The columns of a list; a list in a list has no place in a form of ours."""
    inner = read_components({"components": part.get("components")})
    return (
        tuple(one for one in inner.fields if one.kind != "table"),
        [*inner.left, *(f"dynamiclist {one.origin}" for one in inner.fields if one.kind == "table")],
    )


def _unequalled(part: Mapping[str, Any], kind: str, checks: Mapping[str, Any], hide: str) -> list[str]:
    """Options and limits that are computed, conditions that are no FEEL."""
    key = _key(part)
    source = part.get("valuesExpression") or part.get("valuesKey")
    found = [f"options of {key} ({str(source)[:60]})"] if source and not _options(part) else []
    found += [
        f"{name} of {key} ({value[:60]})"
        for name in (*_TEXTS, *_NUMBERS)
        if isinstance(value := checks.get(name), str) and value.startswith("=")
    ]
    if checks.get("pattern") and not pattern(checks["pattern"]):
        found.append(f"pattern of {key}")
    conditional = part.get("conditional")
    if isinstance(conditional, dict) and conditional.get("hide") and not hide:
        found.append(f"condition of {key} ({str(conditional['hide'])[:60]})")
    return found if kind != "dynamiclist" or part.get("components") else [*found, f"dynamiclist {key}"]


def _kind(part: Mapping[str, Any], kind: str, checks: Mapping[str, Any]) -> str:
    if kind == "datetime":
        return _TIMES.get(str(part.get("subtype", "date")), "date")
    if kind == "number" and part.get("decimalDigits") == 0:
        return "integer"
    if kind == "textfield" and checks.get("validationType") in {"email", "phone"}:
        return str(checks["validationType"])
    found = _KINDS[kind]
    if found in {"choice", "choices"} and not _options(part):
        return "text"
    return found


def _options(part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    values = part.get("values")
    found: dict[str, str] = {}
    for one in values if isinstance(values, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), str | int | float) and str(one["value"]):
            found[str(one["value"])] = told(one.get("label")) or str(one["value"])
    return tuple(found.items())


def _hidden(part: Mapping[str, Any]) -> str:
    conditional = part.get("conditional")
    return _feel(conditional.get("hide")) if isinstance(conditional, dict) else ""


def _feel(value: object) -> str:
    """The expression after `=`; empty when it is none."""
    text = value.strip() if isinstance(value, str) else ""
    return condition(text.removeprefix("=").strip()) if text.startswith("=") else ""
