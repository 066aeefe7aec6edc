"""Events of connectors become messages of processes: inbox row and step commit together."""

from __future__ import annotations

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.inbox import InboxRow
from engine.kernel.uow import Tx
from engine.workflow.messages import Correlation, correlate


def correlate_inbox(tx: Tx, row: InboxRow) -> Correlation:
    """The handler of `kernel.inbox.drain_inbox` for every event no domain command takes.

    The inbox row's id is the message id, so an event handled twice takes effect once. The payload gets `occurred_at`.
    """
    actor = Actor(ActorKind.CONNECTOR, f"connector:{row.connector_id}", row.kind)
    payload = {**row.payload, "occurred_at": row.occurred_at}
    message_id = f"inbox:{row.connector_id}:{row.id}"
    with tx.acting_as(actor):
        return correlate(tx, row.name, row.correlation, payload, message_id, branch_id=row.branch_id)
