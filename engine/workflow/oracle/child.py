"""The child process: drives one model with SpiffWorkflow and prints what happened as JSON (see `compare`)."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.mixins import NoneTaskMixin as NoneTask
from SpiffWorkflow.util.task import TaskState

from engine.feel import FeelEnv, compile_expression, from_python


class FeelScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Conditions and scripts are FEEL here too; nothing of the model is ever executed as Python."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """The value of a condition."""
        return _value(expression, {**task.data, **(external_context or {})})

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        """A FEEL context sets its entries."""
        result = _value(script, task.data)
        if isinstance(result, dict):
            task.data.update(result)
        return True


def _value(text: str, data: dict[str, Any]) -> Any:
    env = FeelEnv(now=datetime(2026, 1, 1, tzinfo=UTC))
    return compile_expression(text.strip()).evaluate({name: from_python(item) for name, item in data.items()}, env)


def drive(source: str, process: str, variables: dict[str, Any], order: list[int]) -> dict[str, Any]:
    """Complete open user tasks, chosen by `order` from their ids in order; the open ids before each choice."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source.encode()))
    spec = parser.get_spec(process)
    workflow = BpmnWorkflow(spec, parser.get_subprocess_specs(process), script_engine=FeelScriptEngine())
    for task in workflow.get_tasks(state=TaskState.READY):
        task.data.update(variables)
    seen: list[list[str]] = []
    for step in range(200):
        ready = _settle(workflow)
        seen.append([str(task.task_spec.bpmn_id) for task in ready])
        if not ready:
            break
        ready[(order[step % len(order)] if order else 0) % len(ready)].run()
    return {"open": seen, "completed": bool(workflow.completed)}


def _settle(workflow: Any) -> list[Any]:
    """Run all that needs no person (abstract tasks wait there, here they pass); the open tasks by id."""
    while True:
        workflow.do_engine_steps()
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        passing = [task for task in ready if isinstance(task.task_spec, NoneTask)]
        if not passing:
            return sorted(ready, key=lambda task: str(task.task_spec.bpmn_id))
        passing[0].run()


def main() -> None:
    """Read the request from standard input, write the answer to standard output."""
    request = json.load(sys.stdin)
    answer = drive(request["source"], request["process"], request["variables"], request["order"])
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
