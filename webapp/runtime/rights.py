"""Rights about processes: who starts, deploys, operates; and what a task lets its handler see."""

from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.uow import Tx
from engine.metadata import access, rights
from engine.metadata.profile import load_profile
from engine.workflow.tasks.held import hold_any
from engine.workflow.tasks.rows import TaskRow
from processes.registry import Registry

_ADMINISTRATION = {
    "process:deploy": "manage_processes",
    "process:operate": "operate_processes",
    "process:read": "view_processes",
}
_START = "process:start:"
_LEVELS = {"read": "read", "write": "write", "required": "write"}


class ProcessRights:
    """Answers from administration rights and from the manifests' start roles."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        """Whether the actor holds the right in the branch; what is not known is refused."""
        if tx.actor.kind is ActorKind.SYSTEM:
            return True
        if right.startswith(_START):
            return self._may_start(tx, right.removeprefix(_START))
        name = _ADMINISTRATION.get(right, right)
        return rights.has_right(tx, name, branch_id)

    def grant_task(self, tx: Tx, task: TaskRow, user_id: str) -> None:
        """The task's listed fields of its record, for its handler."""
        if task.object is None or task.record_id is None:
            return
        listed = hold_any(tx, task.id).extension.fields
        fields = {field.name: _LEVELS[field.access] for field in listed if field.access in _LEVELS}
        access.grant_task(tx, task.id, UUID(user_id), task.object, task.record_id, fields)

    def _may_start(self, tx: Tx, process_key: str) -> bool:
        """Shipped processes name their roles; a process of the school's own may be started by whoever deploys it."""
        if tx.actor.kind is ActorKind.PROCESS:
            return True
        folder = self._registry.process(process_key)
        if folder is None or folder.start is None or not folder.start.roles:
            return rights.has_right(tx, "manage_processes") or self._is_own(tx, folder is None)
        held = load_profile(tx).role_keys()
        return bool(held & set(folder.start.roles)) or rights.has_right(tx, "manage_processes")

    @staticmethod
    def _is_own(tx: Tx, made_here: bool) -> bool:
        """A process made in the studio has no manifest: every member of staff may start it."""
        return made_here and tx.actor.kind is ActorKind.USER
