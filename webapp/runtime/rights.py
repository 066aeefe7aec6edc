"""Who may start a process: the roles its manifest names; all other rights as the organisation grants them."""

from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.uow import Tx
from engine.metadata import access
from engine.metadata.profile import load_profile
from engine.workflow.organisation import OrganisationAccess
from engine.workflow.runtime import DEPLOY, START
from processes.registry import Registry


class ProcessRights(OrganisationAccess):
    """The organisation's rights, narrowed by the start roles of shipped processes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        """Whether the actor holds the right in the branch."""
        if right.startswith(START) and tx.actor.kind is ActorKind.USER:
            return self._may_start(tx, right.removeprefix(START).lstrip(":"))
        return super().may(tx, right, branch_id)

    def _may_start(self, tx: Tx, process_key: str) -> bool:
        """A process made in the studio has no manifest: every member of staff may start it."""
        folder = self._registry.process(process_key)
        if folder is None:
            return True
        roles = set(folder.start.roles) if folder.start else set()
        return bool(roles & load_profile(tx).role_keys()) or access.has_right(tx, DEPLOY, None)
