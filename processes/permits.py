"""Who may call domain code: people are checked here, the machinery by the grants of its process or connector."""

from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.uow import Tx
from engine.metadata import access

_MACHINERY = frozenset({ActorKind.PROCESS, ActorKind.SYSTEM, ActorKind.DEVICE, ActorKind.CONNECTOR})


def permit(tx: Tx, action: str, object_key: str, record_id: UUID | None = None) -> None:
    """Raises Forbidden (or NotFound, when the record may not even be seen) unless the actor may do the action."""
    if tx.actor.kind not in _MACHINERY:
        access.require(tx, action, object_key, record_id)
