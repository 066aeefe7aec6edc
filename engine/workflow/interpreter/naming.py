"""Names that a model computes for each case: of called processes, decisions, jobs, messages, signals, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.bpmn.program import Event, Op
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import Token


def name_of(run: Run, op: Op, token: Token) -> str:
    """The process, decision or job type that is meant, computed when the model says so."""
    if op.named is None:
        return op.action_name
    return _text(run.evaluate(op.named, run.context(token, token.scope)), op.action_name)


def name_of_event(run: Run, event: Event, context: Mapping[str, Any]) -> str:
    """Of a message or signal, computed when the model says so. Raises: Trouble, FeelError."""
    return event.name if event.named is None else _text(run.evaluate(event.named, context), event.name)


def code_of(run: Run, event: Event, context: Mapping[str, Any]) -> str:
    """Of an error or escalation that is thrown, computed when the model says so. Raises: Trouble, FeelError."""
    written = event.code or ""
    return written if event.named is None else _text(run.evaluate(event.named, context), written)


def _text(found: Any, written: str) -> str:
    if isinstance(found, str) and found.strip():
        return found
    raise Trouble("name.none", f"“{written}”没有给出名称", f"{written!r} yields no name")
