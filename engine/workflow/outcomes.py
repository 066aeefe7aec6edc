"""Activities that wait for their messages: told once the messages have left, or cannot."""

from __future__ import annotations

import logging

from engine.kernel.errors import UserError
from engine.kernel.outbox_outcomes import take_outcome
from engine.kernel.uow import Tx
from engine.workflow.interpreter.commands import Command, CompleteJob, FailJob
from engine.workflow.runner.step import step

log = logging.getLogger(__name__)


def report_next(tx: Tx) -> bool:
    """Report one settled activity to its instance; False when there is none. One that is gone by now is passed over."""
    outcome = take_outcome(tx)
    if outcome is None:
        return False
    activation = int(outcome.activity_id.rpartition(":")[2])
    command: Command = CompleteJob(activation, {}) if outcome.is_sent else FailJob(activation, outcome.reason, 0, None)
    try:
        with tx.savepoint():
            step(tx, outcome.instance_id, command)
    except UserError as fault:
        log.info("%s of %s waits no more: %s", outcome.activity_id, outcome.instance_id, fault.code)
    return True
