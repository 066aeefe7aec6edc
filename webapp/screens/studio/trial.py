"""Trying out a decision with example inputs: what it asks for, which rules hold, what comes out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import FeelEnv, FeelError, Value, compile_expression, to_json
from engine.kernel.errors import BadRequest, UserError
from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.xml import Element
from engine.workflow.decisions import linked

_AS_WRITTEN = ("string", "")


def posted(body: object) -> tuple[dict[str, str], str, str, dict[str, str] | None]:
    """Files, file, decision and inputs (None: only what it asks for) of a request. Raises: BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest
    files, inputs = _texts(body.get("files")), body.get("inputs")
    file, decision = str(body.get("file") or ""), str(body.get("decision") or "")
    if file not in files:
        raise BadRequest
    return files, file, decision, None if inputs is None else _texts(inputs)


def answer(
    given: tuple[Mapping[str, str], str, str, Mapping[str, str] | None], now: datetime, zone: ZoneInfo, locale: str
) -> dict[str, Any]:
    """What the decisions ask for, or with inputs what comes out; ``error`` says what is wrong with file or inputs.

    ``given``: as of `posted`.
    """
    files, file, decision, inputs = given
    try:
        if inputs is None:
            return {"decisions": asked(files, file)}
        found = outcome(files, file, decision, inputs, now=now, zone=zone)
    except UserError as error:
        return {"error": error.message.in_locale(locale)}
    return {**found, "problems": [text.in_locale(locale) for text in found["problems"]]}


def asked(files: Mapping[str, str], file: str) -> list[dict[str, Any]]:
    """The decisions of a file and what each depends on: ``{id, name, inputs: [{name, label, type}]}``.

    Raises: DmnError; XmlError.
    """
    model, columns = linked(file, files), _columns(xml.parse(files[file]))
    return [
        {
            "id": key,
            "name": one.title or one.name or key,
            "inputs": [{"name": name, **columns.get(name, {"label": name, "type": ""})} for name in one.inputs],
        }
        for key, one in model.decisions.items()
    ]


def outcome(
    files: Mapping[str, str], file: str, decision: str, given: Mapping[str, str], *, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """``{value, rules: ids of those that hold, problems}``; inputs by name as people write them, empty: not known.

    Raises: DmnError; FeelError; UserError for an input that is not of its type.
    """
    model = linked(file, files)
    columns = _columns(xml.parse(files[file]))
    env = FeelEnv(now=now, zone=zone)
    values = {
        name: _value(columns.get(name, {"label": name, "type": ""}), text.strip(), env) for name, text in given.items()
    }
    found = model.evaluate(decision, values, env)
    return {
        "value": to_json(found.value),
        "rules": [rule for match in found.matches for rule in match.rules],
        "problems": [problem.text for problem in found.problems],
    }


def _columns(root: Element) -> dict[str, dict[str, str]]:
    """Label and type of each input, from the tables' columns that show it as it is, else from the input data."""
    found: dict[str, dict[str, str]] = {}
    for data in root.iter("{*}inputData"):
        variable = data.find("{*}variable")
        kind = xml.attribute(variable, "typeRef") if variable is not None else ""
        found[xml.attribute(data, "name")] = {"label": xml.attribute(data, "name"), "type": kind}
    for column in root.iter("{*}input"):
        asks = column.find("{*}inputExpression")
        name = xml.text(asks)
        if asks is not None and name in found:
            label = xml.attribute(column, "label") or name
            found[name] = {"label": label, "type": xml.attribute(asks, "typeRef") or found[name]["type"]}
    return found


def _value(column: Mapping[str, str], text: str, env: FeelEnv) -> Value:
    """The text as a value of its type: texts as they are, dates as `2026-09-01`, others as FEEL writes them."""
    kind = column["type"].rpartition(":")[2]
    if not text or kind in _AS_WRITTEN:
        return text or None
    wraps = kind in ("date", "time", "dateTime", "duration", "dayTimeDuration", "yearMonthDuration")
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    try:
        value = compile_expression(f'@"{quoted}"' if wraps else text, ()).evaluate({}, env)
    except FeelError:
        value = None
    if value is None:
        label = column["label"]
        zh, en = f"“{label}”不是有效的值：{text[:60]}", f"{label}: {text[:60]!r} is no value of its type"
        raise UserError("bad_input", Text(zh, en))
    return value


def _texts(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise BadRequest
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in given.items()):
        raise BadRequest
    return given
