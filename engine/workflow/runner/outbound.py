"""Sends of a step as outbox rows: key `instance:activation:send`, so that no rerun sends twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.feel.durations import DaysAndTimeDuration
from engine.feel.values import to_json
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.uow import Tx
from engine.workflow.calendar import DEFAULT_CALENDAR, DueError, due_at
from engine.workflow.interpreter.effects import SendOutbound
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runtime import runtime_of


def send(tx: Tx, row: InstanceRow, effect: SendOutbound) -> None:
    """Write the message for each receiver."""
    recipients = effect.to if isinstance(effect.to, list) else [effect.to]
    for number, recipient in enumerate(recipients):
        if not recipient:
            continue
        subject = (row.record_object, str(row.record_id)) if row.record_object and row.record_id else None
        enqueue(
            tx,
            OutboxMessage(
                channel=effect.connector,
                recipient=str(recipient),
                payload=_payload(tx, row, effect, str(recipient)),
                idempotency_key=f"{row.id}:{effect.activation}:{number}",
                ordering_key=None if effect.ordering is None else str(effect.ordering),
                expires_in=_expires(tx, effect),
                branch_id=row.branch_id,
                subject=subject,
                instance_id=row.id,
                activity_id=f"{effect.node}:{effect.activation}" if effect.wait else effect.node,
                awaited=effect.wait,
            ),
        )


def _payload(tx: Tx, row: InstanceRow, effect: SendOutbound, recipient: str) -> dict[str, Any]:
    inputs = {name: to_json(value) for name, value in effect.inputs.items()}
    composed = runtime_of(tx).compose(tx, effect.connector, effect.template, recipient, inputs, row.branch_id)
    return dict(composed)


def _expires(tx: Tx, effect: SendOutbound) -> timedelta | None:
    if isinstance(effect.expires, DaysAndTimeDuration):
        return effect.expires.to_timedelta()
    if isinstance(effect.expires, str) and effect.expires:
        try:
            return due_at(effect.expires, tx.now, DEFAULT_CALENDAR) - tx.now
        except DueError:
            return None
    return None
