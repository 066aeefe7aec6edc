"""A branch's own way through a process: what it may change, what it has changed, its revisions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.snapshot import Branch
from engine.workflow import deployments
from engine.workflow.bpmn.extensions import Assignee, TaskExtension
from engine.workflow.bpmn.model import Node
from engine.workflow.overlays import saving
from engine.workflow.overlays.checking import version_files
from engine.workflow.overlays.overlay import OverlayRow, allowed
from engine.workflow.programs import Loaded, load
from engine.workflow.runtime import DEPLOY, VIEW, runtime_of
from webapp.formats import listed
from webapp.i18n import gettext, locale, translated
from webapp.screens.studio.assignees import tell, told_rule
from webapp.screens.studio.branchpoints import user_tasks
from webapp.screens.studio.changes import compare
from webapp.screens.studio.duetext import due_words
from webapp.screens.studio.formtitles import titles

_IN_FORCE = ("waiting", "active")


@dataclass(frozen=True)
class Place:
    """One branch in the list. ``now``: its revision in force or waiting; ``differences``: against headquarters;
    ``may_edit``: the actor may change it."""

    branch: Branch
    depth: int
    now: OverlayRow | None
    waiting: OverlayRow | None
    differences: tuple[str, ...]
    may_edit: bool


def live(tx: Tx, key: str) -> Loaded:
    """The live version. Raises: NotFound."""
    row = next((one for one in deployments.processes(tx) if one.key == key), None)
    if row is None or row.version_id is None:
        raise NotFound
    return load(tx, row.version_id)


def places(tx: Tx, loaded: Loaded) -> tuple[Place, ...]:
    """Branches below headquarters that the actor may look at, with what each does differently."""
    config = snapshot.load(tx)
    rows = saving.revisions(tx, loaded.process_key)
    access = runtime_of(tx).access
    found = []
    for branch in config.branches.values():
        if branch.id == config.root.id or not branch.is_active:
            continue
        may_edit = access.may(tx, DEPLOY, branch.id)
        if may_edit or access.may(tx, VIEW, branch.id):
            own = [row for row in rows if row.branch_id == branch.id]
            now, waiting = _first(own, "active"), _first(own, "waiting")
            shown = now or waiting
            told = tuple(differences(tx, loaded, shown.tasks, shown.files)) if shown else ()
            found.append(Place(branch, len(config.chain(branch.id)) - 2, now, waiting, told, may_edit))
    return tuple(found)


def in_force(tx: Tx, key: str, branch_id: UUID) -> OverlayRow | None:
    """What a next change builds on: the revision that waits, else the one in force."""
    rows = saving.revisions(tx, key, branch_id)
    return next((found for status in _IN_FORCE if (found := _first(rows, status))), None)


def differences(tx: Tx, loaded: Loaded, tasks: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[str]:
    """What differs from headquarters' live version, one sentence each."""
    own = version_files(tx, loaded.deployment_id)
    forms = titles({**own, **files})
    for node in user_tasks(loaded.process):
        change = tasks.get(node.id)
        if change:
            yield from _of_task(tx, node, change, forms)
    for name, content in files.items():
        for one in compare({name: own.get(name, "")} if name in own else {}, {name: content}):
            details = "；".join(translated(text) for text in one.details)
            yield (
                gettext("%(what)s：%(details)s", what=translated(one.what), details=details)
                if details
                else (translated(one.what))
            )


def rule_words(tx: Tx, assignees: Iterable[Assignee]) -> str:
    """Rules as a sentence."""
    rules = tuple(assignees)
    if len(rules) == 1 and " " not in rules[0].rule:
        return tell(tx, rules[0].rule, rules[0].branch, rules[0].strategy, locale()).words
    return listed(translated(told_rule(tx, one.rule)) for one in rules) or gettext("未指定")


def extension_of(node: Node) -> TaskExtension:
    """The task's settings."""
    return node.task or TaskExtension()


def kinds_left(loaded: Loaded, node: Node) -> frozenset[str]:
    """What headquarters leaves to branches at a task."""
    return allowed(loaded.process, node)


def _of_task(tx: Tx, node: Node, change: Mapping[str, Any], forms: Mapping[str, str]) -> Iterator[str]:
    task, name = extension_of(node), node.name or node.id
    if change.get("assignees"):
        own = rule_words(tx, (Assignee(**one) for one in change["assignees"]))
        yield gettext("“%(task)s”的办理人：%(words)s", task=name, words=own)
    if change.get("due") is not None:
        words = {"task": name, "old": due_words(task.due), "new": due_words(change["due"])}
        yield gettext("“%(task)s”的时限：%(old)s → %(new)s", **words)
    if change.get("form") is not None:
        old, new = (forms.get(key, key) or gettext("没有表单") for key in (task.form, change["form"]))
        yield gettext("“%(task)s”的表单：%(old)s → %(new)s", task=name, old=old, new=new)


def _first(rows: Iterable[OverlayRow], status: str) -> OverlayRow | None:
    return next((row for row in rows if row.status == status), None)
