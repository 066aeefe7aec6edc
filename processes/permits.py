"""Who may call domain code: people are checked here, the machinery by the grants of its process or connector."""

from collections.abc import Iterable
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, snapshot
from engine.metadata.profile import load_profile, visible_branches

_MACHINERY = frozenset({ActorKind.PROCESS, ActorKind.SYSTEM, ActorKind.DEVICE, ActorKind.CONNECTOR})


def is_machinery(tx: Tx) -> bool:
    """Whether a process, the clock, a device or a connector acts."""
    return tx.actor.kind in _MACHINERY


def permit(tx: Tx, action: str, object_key: str, record_id: UUID | None = None) -> None:
    """Raises Forbidden (or NotFound, when the record may not even be seen) unless the actor may do the action.

    Without a record: the action on some record. New rows are checked again after the insert, with their values.
    """
    if not is_machinery(tx):
        access.require(tx, action, object_key, record_id)


def permit_branch(tx: Tx, branch_id: UUID) -> None:
    """Raises NotFound unless the actor works in the branch, above or below it."""
    if not is_machinery(tx) and branch_id not in visible_branches(snapshot.load(tx), load_profile(tx)):
        raise NotFound


def permitted(tx: Tx, action: str, object_key: str, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the records that the actor may do the action on."""
    wanted = set(ids)
    if is_machinery(tx) or not wanted:
        return wanted
    return access.reachable(tx, access.rights_on(tx, object_key), action, wanted)


def only_processes(tx: Tx) -> None:
    """Raises Forbidden for people: the step belongs to a process, where the right persons decide."""
    if not is_machinery(tx):
        raise Forbidden(
            hint=Text("此操作由流程完成，请在待办中办理", "A process does this; act on its task in your inbox")
        )
