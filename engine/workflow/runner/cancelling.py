"""Ending a case from outside: what it holds is given back in the same transaction, by the handler its model names.

A model says `school:cancel handler="…"` when something outlives the case: frozen hours, a held contract. The handler
runs before anything is cancelled, with the case's variables and the context `cancel` = `{reason, by, by_name}`.
"""

from __future__ import annotations

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.interpreter.commands import Cancel, HandlerFailed, ThrowError
from engine.workflow.interpreter.effects import CallHandler
from engine.workflow.runner import calls, feel
from engine.workflow.runner.session import Session


def cancel(session: Session, reason: str) -> None:
    """Give back, then end; the caller saves. Raises: UserError of the handler; Conflict when it fails otherwise."""
    extension = session.loaded.process.extension
    if extension is not None and extension.cancel is not None:
        _give_back(session, extension.cancel.name, {one.name: one.value for one in extension.cancel.inputs}, reason)
    session.run(Cancel(reason))


def _give_back(session: Session, handler: str, inputs: dict[str, str], reason: str) -> None:
    actor = session.tx.actor
    context = session.context({"cancel": {"reason": reason, "by": actor.id, "by_name": actor.name}})
    values = {
        name: feel.evaluate(session, text[1:], context) if text.startswith("=") else text
        for name, text in inputs.items()
    }
    answer = calls.call(session, CallHandler(0, session.row.process_key, handler, values))
    if isinstance(answer, HandlerFailed | ThrowError):
        raise Conflict(
            "cancel_failed",
            Text("未能归还该流程占用的资源，流程未撤销", "What the case holds could not be given back; it goes on"),
            hint=Text(answer.message[:300], answer.message[:300]),
        )
    session.records.forget()
    session.writes.trail.append(["completed", session.row.process_key, 0, {"cancel": handler}])
