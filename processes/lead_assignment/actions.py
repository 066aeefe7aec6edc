"""Taking a lead out of the public pool, and closing one that lies there."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.errors import Forbidden
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import messages
from processes.domain_action import DomainAction, Done, Preview
from processes.people import api as people

Values = Mapping[str, Any]


def preview_claim(tx: Tx, lead_id: UUID, values: Values) -> Preview:
    """What claiming does."""
    return Preview((), (Text("认领后由您负责跟进", "The lead becomes yours to follow up"),))


def claim(tx: Tx, lead_id: UUID, values: Values) -> Done:
    """Take the lead; its process goes on with the new owner."""
    people.claim_from_pool(tx, lead_id)
    payload = {"lead_id": str(lead_id), "owner_id": tx.actor.id}
    _send(tx, "lead.claimed", lead_id, payload)
    return Done(Text("已认领", "The lead is yours"), record=("lead", lead_id))


def preview_close(tx: Tx, lead_id: UUID, values: Values) -> Preview:
    """What closing does."""
    return Preview((), (Text("线索将标记为已流失", "The lead is marked as lost"),))


def close(tx: Tx, lead_id: UUID, values: Values) -> Done:
    """Give the pooled lead up; the process moves it to lost."""
    if not tx.actor.is_user:
        raise Forbidden
    _send(tx, "lead.closed", lead_id, {"lead_id": str(lead_id)})
    return Done(Text("线索已关闭", "The lead is closed"), record=("lead", lead_id))


def _send(tx: Tx, name: str, lead_id: UUID, payload: dict[str, Any]) -> None:
    message_id = f"{name}:{lead_id}:{new_id()}"
    messages.correlate(tx, name, {"lead_id": str(lead_id)}, payload, message_id, record=("lead", lead_id))


ACTIONS = (
    DomainAction(
        name="claim",
        object="lead",
        label=Text("认领线索", "Claim the lead"),
        icon="hand-grab",
        form="",
        roles=("sales", "sales_head", "principal"),
        preview=preview_claim,
        start=claim,
        stages=("pool",),
        gone=people.tell_claimed,
    ),
    DomainAction(
        name="close",
        object="lead",
        label=Text("关闭线索", "Close the lead"),
        icon="circle-x",
        form="",
        roles=("sales_head", "principal", "hq_manager", "admin"),
        preview=preview_close,
        start=close,
        stages=("pool",),
    ),
)
