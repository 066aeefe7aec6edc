"""Names that a model computes for each case: which process is called, which decision asked, which job offered."""

from __future__ import annotations

from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import Token


def name_of(run: Run, op: Op, token: Token) -> str:
    """The process, decision or job type that is meant, computed when the model says so."""
    if op.named is None:
        return op.action_name
    found = run.evaluate(op.named, run.context(token, token.scope))
    if isinstance(found, str) and found:
        return found
    raise Trouble("name.none", f"“{op.action_name}”没有给出名称", f"{op.action_name!r} yields no name")
