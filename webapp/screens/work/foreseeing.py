"""What an operation would mean, asked before it is done: the engine's data with the words of page and API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.instances import InstanceQuery, MigrationResult, MovePreview
from engine.workflow.rehearsing import Rehearsal, rehearse
from engine.workflow.tasks import Preview
from engine.workflow.tasks.rows import one as task_row
from webapp.i18n import translated
from webapp.modelwords import load
from webapp.screens.work import consequences
from webapp.screens.work.consequences import Consequences

_REASON = "—"
SendBack = Callable[[str, bool], Preview]


@dataclass(frozen=True)
class Foreseen:
    """``preview``: what the operation names beforehand; ``seen``: what doing it showed; ``found``: both in words."""

    preview: Preview | MovePreview | MigrationResult
    seen: Rehearsal
    found: Consequences

    def to_api(self) -> dict[str, Any]:
        """One object: the preview, what was seen, and `says`: the words of the page."""
        kinds = (self.preview, self.seen)
        data = {name: getattr(part, name) for part in kinds for name in part.__dataclass_fields__}
        ends = self.seen.ends or getattr(self.preview, "ends", False)
        return {**data, "ends": ends, "blocked": self.found.blocked, "says": self.found.sections}


def sending_back(tx: Tx, task_id: UUID, act: SendBack) -> Foreseen:
    """Of a return, a withdrawal or a rejection. ``act(comment, dry_run)`` does it. Raises: UserError."""
    case = task_row(tx, task_id).instance_id
    preview = act(_REASON, True)
    seen = rehearse(tx, case, lambda: act(_REASON, False))
    found = consequences.of_return(tx, load(tx, _version(tx, case)).process, preview)
    return Foreseen(preview, seen, consequences.with_rehearsal(tx, found, seen))


def cancelling(tx: Tx, instance_id: UUID) -> Foreseen:
    """Of ending a case. Raises: UserError."""
    view = instances.get(tx, instance_id)
    called = instances.search(tx, InstanceQuery(ids=view.children, status="active")).items if view.children else ()
    preview = instances.cancel(tx, instance_id, "", dry_run=True)
    found = consequences.of_cancel(tx, load(tx, view.version_id), preview, [one.title for one in called])
    return _tried(tx, instance_id, preview, found, lambda: instances.cancel(tx, instance_id, _REASON))


def moving(tx: Tx, instance_id: UUID, places: list[int], target: str) -> Foreseen:
    """Of going on elsewhere. Raises: UserError."""
    view = instances.get(tx, instance_id)
    preview = instances.move(tx, instance_id, places, target, "", dry_run=True)
    found = consequences.of_move(tx, instance_id, view.branch_id, load(tx, view.version_id), preview)
    return _tried(tx, instance_id, preview, found, lambda: instances.move(tx, instance_id, places, target, _REASON))


def skipping(tx: Tx, instance_id: UUID, place: int) -> Foreseen:
    """Of going on behind a step as if it were done. Raises: UserError."""
    view = instances.get(tx, instance_id)
    preview = instances.skip(tx, instance_id, place, "", dry_run=True)
    node_id = next((one.node_id for one in view.tokens if one.activation == place), "")
    found = consequences.of_skip(tx, view.branch_id, load(tx, view.version_id), preview, node_id)
    return _tried(tx, instance_id, preview, found, lambda: instances.skip(tx, instance_id, place, _REASON))


def passing_join(tx: Tx, instance_id: UUID, node: str) -> Foreseen:
    """Of going on behind a join that waits for ever. Raises: UserError."""
    view = instances.get(tx, instance_id)
    preview = instances.pass_join(tx, instance_id, node, "", dry_run=True)
    found = consequences.of_pass_join(tx, view.branch_id, load(tx, view.version_id), preview)
    return _tried(tx, instance_id, preview, found, lambda: instances.pass_join(tx, instance_id, node, _REASON))


def migrating(tx: Tx, instance_id: UUID, version_id: UUID, mapping: Mapping[str, str]) -> Foreseen:
    """Of going on with another version. Raises: UserError."""
    present = instances.get(tx, instance_id).version_id
    made: list[MigrationResult] = []
    names: list[str] = []

    def act() -> None:
        made.append(instances.migrate(tx, present, version_id, mapping=mapping, ids=[instance_id]))
        model = load(tx, version_id).process
        nodes = (model.nodes.get(one.node_id) for one in instances.get(tx, instance_id).tokens)
        names.extend(node.name or node.id for node in nodes if node)

    seen = rehearse(tx, instance_id, act)
    (result,) = made
    if result.skipped:
        return Foreseen(result, seen, consequences.refused(Consequences(), translated(result.skipped[0][1])))
    found = Consequences(goes_on=tuple(dict.fromkeys(names)))
    return Foreseen(result, seen, consequences.with_rehearsal(tx, found, seen))


def _tried(
    tx: Tx, instance_id: UUID, preview: Preview | MovePreview, found: Consequences, act: Callable[[], object]
) -> Foreseen:
    """Tried out unless it is known to be refused; what refuses it then is told instead."""
    if found.blocked:
        return Foreseen(preview, Rehearsal(), found)
    try:
        seen = rehearse(tx, instance_id, act)
    except UserError as refused:
        return Foreseen(preview, Rehearsal(), consequences.refused(found, _said(refused)))
    return Foreseen(preview, seen, consequences.with_rehearsal(tx, found, seen))


def _said(error: UserError) -> str:
    reasons = [translated(text) for text in error.fields.values()]
    hint = translated(error.hint) if error.hint else ""
    return " ".join(reasons) or " ".join(filter(None, (translated(error.message), hint)))


def _version(tx: Tx, instance_id: UUID) -> UUID:
    found: UUID = tx.query("select version_id from instance where id = %(id)s", {"id": instance_id})[0][0]
    return found
