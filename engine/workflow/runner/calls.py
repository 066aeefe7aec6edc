"""Running a local handler inside the step."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from engine.feel.values import Value, from_python
from engine.kernel.actor import ActorKind
from engine.kernel.errors import UserError
from engine.kernel.line import GONE
from engine.workflow.handlers import BpmnError
from engine.workflow.interpreter.commands import Command, HandlerFailed, HandlerReturned, ThrowError
from engine.workflow.interpreter.effects import CallHandler
from engine.workflow.runtime import runtime_of

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

log = logging.getLogger(__name__)

CURRENT = "workflow.session"
_RERUN = {"40001", "40P01", GONE}
_PEOPLE = {ActorKind.USER, ActorKind.GUARDIAN, ActorKind.PUBLIC_FORM}


def call(session: Session, effect: CallHandler) -> Command:
    """Run the handler in a savepoint as the process's principal; the command that answers the interpreter.

    A `UserError` goes through to a person who waits for the answer; in a step nobody waits for it is a failure like any
    other. Raises: UserError; DBAPIError when the transaction itself is lost or must be rerun.
    """
    tx, principal = session.tx, session.principal
    handler = runtime_of(tx).handlers.get(effect.name)
    if handler is None:
        return HandlerFailed(effect.activation, f"No handler named {effect.name!r} is registered.")
    has_person = tx.actor.kind in _PEOPLE
    try:
        tx.memo[CURRENT] = session
        with tx.savepoint(), tx.acting_as(principal):
            result = handler.function(tx, effect.inputs)
        return HandlerReturned(effect.activation, values_of(result or {}))
    except BpmnError as error:
        return ThrowError(effect.activation, error.code, error.message, values_of(error.data))
    except UserError as error:
        if has_person:
            raise
        return HandlerFailed(effect.activation, f"{error.message.zh} / {error.message.en}")
    except DBAPIError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _RERUN:
            raise
        return _failed(effect, error)
    except Exception as error:
        return _failed(effect, error)


def _failed(effect: CallHandler, error: Exception) -> HandlerFailed:
    log.exception("handler %s failed", effect.name)
    return HandlerFailed(effect.activation, f"{type(error).__name__}: {error}"[:1000])


def values_of(values: Mapping[str, Any]) -> dict[str, Value]:
    """What Python code returned, as process values."""
    return {str(name): from_python(value) for name, value in values.items()}
