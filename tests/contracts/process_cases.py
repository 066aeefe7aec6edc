"""Plays the cases of a process folder on the pure engine, with the answers of handlers written in the case."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import FeelEnv
from engine.workflow.calendar import DEFAULT_CALENDAR, due_at
from engine.workflow.dmn import load_decisions
from engine.workflow.embed.engine import Engine
from engine.workflow.embed.instance import Instance
from engine.workflow.handlers import BpmnError
from processes.registry import ProcessFolder

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def play(folder: ProcessFolder, case: Mapping[str, Any]) -> Instance:
    """Start the case's process and take its steps; the instance as it stands afterwards."""
    answers = {name: _answers(value) for name, value in case.get("handlers", {}).items()}
    known = {handler.name: _function(handler.name, answers) for handler in folder.handlers}
    engine = Engine(now=NOW, zone=ZONE, functions=known, decide=_decide(folder))
    for source in folder.bpmn.values():
        engine.deploy(source)
    if "message" in case:
        engine.correlate(case["message"], typed(case.get("start", {})))
        instance = next(iter(engine.instances.values()))
    else:
        instance = engine.start(case["process"], typed(case.get("start", {})), node=case.get("node"))
    for step in case.get("steps", ()):
        _take(engine, instance, step)
    return instance


def _take(engine: Engine, instance: Instance, step: Mapping[str, Any]) -> None:
    if "complete" in step:
        values, by = typed(step.get("values", {})), step.get("by", "li")
        instance.complete(
            step["complete"], values, outcome=step.get("outcome", "done"), comment=step.get("comment", ""), by=by
        )
    elif "wait" in step:
        engine.advance_time(to=due_at(step["wait"], engine.now, DEFAULT_CALENDAR))
    else:
        assert engine.correlate(step["message"], typed(step.get("payload", {})), keys=step.get("keys", {}))


def typed(value: Any) -> Any:
    """YAML numbers as the Decimals processes work with."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return value


def _answers(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _function(name: str, answers: dict[str, list[Any]]) -> Callable[[Mapping[str, Any]], Any]:
    def answer(_: Mapping[str, Any]) -> Any:
        waiting = answers.get(name, [{}])
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(found, dict) and "error" in found:
            raise BpmnError(found["error"], found.get("message", ""), typed(found.get("data", {})))
        return typed(found)

    return answer


def _decide(folder: ProcessFolder) -> Callable[[str, str, Mapping[str, Any]], Any]:
    models = [load_decisions(text.encode()) for text in folder.dmn.values()]

    def decide(ref: str, binding: str, context: Mapping[str, Any]) -> Any:
        model = next(model for model in models if ref in model.decisions)
        return model.evaluate(ref, dict(context), FeelEnv(now=NOW, zone=ZONE)).value

    return decide
