"""Forms of a branch's own way: which may be changed, one in its editor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.snapshot import Branch
from engine.workflow.bpmn.model import Node, Process
from engine.workflow.overlays.checking import form_key, version_files
from engine.workflow.overlays.overlay import form_allowed
from engine.workflow.programs import Loaded
from engine.workflow.runtime import DEPLOY, runtime_of
from forms.loader import load_form
from webapp.i18n import locale
from webapp.screens.studio import branchways
from webapp.screens.studio.branchpoints import user_tasks
from webapp.screens.studio.choices import object_choice
from webapp.screens.studio.formtitles import titles


@dataclass(frozen=True)
class BranchForm:
    """A form in its editor. ``tasks``: ``{id, name, rights}`` of those that show it; ``objects``: what it is about."""

    loaded: Loaded
    branch: Branch
    title: str
    source: str
    is_own: bool
    tasks: list[dict[str, Any]]
    objects: list[dict[str, Any]]


def changeable(process: Process, own: Mapping[str, str]) -> tuple[str, ...]:
    """The form files that headquarters leaves to branches."""
    return tuple(name for name in sorted(own) if name.endswith(".json") and form_allowed(process, form_key(own[name])))


def form_of(tx: Tx, key: str, branch: Branch, file: str) -> BranchForm:
    """A form as the branch has it. Raises: NotFound; Forbidden."""
    require_editor(tx, branch)
    loaded = branchways.live(tx, key)
    now, own = branchways.in_force(tx, key, branch.id), version_files(tx, loaded.deployment_id)
    if file not in changeable(loaded.process, own):
        raise NotFound
    files = now.files if now else {}
    source = files.get(file, own[file])
    form = load_form(own[file], file)
    shown = [node for node in user_tasks(loaded.process) if branchways.extension_of(node).form == form.key]
    return BranchForm(
        loaded=loaded,
        branch=branch,
        title=titles({file: source}).get(form.key, file),
        source=source,
        is_own=file in files,
        tasks=[_task(node) for node in shown],
        objects=[object_choice(one, locale()) for one in catalog.load(tx).objects() if one.key == form.object],
    )


def require_editor(tx: Tx, branch: Branch) -> None:
    """Raises: Forbidden for those who do not manage processes of the branch."""
    if not runtime_of(tx).access.may(tx, DEPLOY, branch.id):
        raise Forbidden


def _task(node: Node) -> dict[str, Any]:
    rights = {one.name: one.access for one in branchways.extension_of(node).fields}
    return {"id": node.id, "name": node.name or node.id, "rights": rights}
