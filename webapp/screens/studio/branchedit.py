"""Changing a branch's way through a process: the page's fields, what came back from them, saving it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.organisation.users import get_user
from engine.metadata.snapshot import Branch
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.extensions import Assignee
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Node
from engine.workflow.overlays import saving
from engine.workflow.overlays.checking import version_files
from engine.workflow.overlays.overlay import OverlayRow, allowed
from engine.workflow.programs import Loaded
from engine.workflow.runtime import DEPLOY, VIEW, runtime_of
from webapp.screens.studio import branchways
from webapp.screens.studio.branchforms import changeable
from webapp.screens.studio.branchpoints import user_tasks
from webapp.screens.studio.duetext import UNITS, due_parts, due_text, due_words
from webapp.screens.studio.formtitles import titles
from webapp.screens.studio.ruleoptions import Options, rule_options

KEEP = "keep"
_MOST_DUE = 1000


@dataclass(frozen=True)
class TaskFields:
    """One task's fields. ``rule``: the branch's own, empty: as headquarters; ``kept``: several, kept as they are."""

    node_id: str
    name: str
    left: frozenset[str]
    rule_words: str
    due_words: str
    rule: str
    where: str
    strategy: str
    kept: str
    amount: str
    unit: str
    due_kept: str
    form: str
    form_words: str


@dataclass(frozen=True)
class Table:
    """A file of decision tables, or of a form. ``is_own``: the branch has its own."""

    file: str
    title: str
    is_own: bool


@dataclass(frozen=True)
class BranchPage:
    """The page's model. ``review``: differences and findings of what was posted, before it is saved."""

    key: str
    name: str
    money: bool
    branch: Branch
    may_edit: bool
    tasks: tuple[TaskFields, ...]
    tables: tuple[Table, ...]
    forms: tuple[Table, ...]
    form_titles: Mapping[str, str]
    options: Options
    now: OverlayRow | None
    revisions: tuple[tuple[OverlayRow, tuple[str, ...]], ...]
    review: tuple[tuple[str, ...], tuple[Finding, ...]] | None


def read(tx: Tx, key: str, branch_id: UUID, given: Mapping[str, str]) -> BranchPage:
    """The branch's page; with a review of what was posted. Raises: NotFound; Forbidden; UserError."""
    loaded, branch = branchways.live(tx, key), branch_of(tx, branch_id)
    now = branchways.in_force(tx, key, branch_id)
    tasks = posted(tx, loaded, now, given) if given else dict(now.tasks) if now else {}
    files = dict(now.files) if now else {}
    rows = saving.revisions(tx, key, branch_id)
    own_files = version_files(tx, loaded.deployment_id)
    named = titles({**own_files, **files})
    return BranchPage(
        key=key,
        name=loaded.name,
        money=loaded.money,
        branch=branch,
        may_edit=runtime_of(tx).access.may(tx, DEPLOY, branch_id),
        tasks=tuple(_fields(tx, loaded, node, tasks.get(node.id, {}), named) for node in user_tasks(loaded.process)),
        tables=tuple(_tables(own_files, files)) if "decisions" in allowed(loaded.process) else (),
        forms=tuple(_forms(changeable(loaded.process, own_files), own_files, files)),
        form_titles=named,
        options=rule_options(tx),
        now=now,
        revisions=tuple((row, tuple(branchways.differences(tx, loaded, row.tasks, row.files))) for row in rows[:20]),
        review=_review(tx, loaded, branch_id, tasks, files) if given else None,
    )


def save(tx: Tx, key: str, branch_id: UUID, given: Mapping[str, str]) -> OverlayRow:
    """The branch's next revision. Raises: UserError; DeployRefused."""
    loaded, now = branchways.live(tx, key), branchways.in_force(tx, key, branch_id)
    tasks = posted(tx, loaded, now, given)
    files = dict(now.files) if now else {}
    if not tasks and not files and now is not None:
        return saving.withdraw(tx, now.id)
    if not tasks and not files:
        raise UserError("nothing_changed", Text("没有任何改动", "Nothing was changed"))
    return saving.save(tx, key, branch_id, tasks, files).overlay


def table_of(tx: Tx, key: str, branch_id: UUID, file: str) -> tuple[Loaded, Branch, str]:
    """A decision table as the branch has it. Raises: NotFound; Forbidden."""
    loaded, branch = branchways.live(tx, key), branch_of(tx, branch_id)
    if not runtime_of(tx).access.may(tx, DEPLOY, branch_id):
        raise Forbidden
    now, own = branchways.in_force(tx, key, branch_id), version_files(tx, loaded.deployment_id)
    if file not in own or not file.endswith(".dmn"):
        raise NotFound
    return loaded, branch, (now.files if now else {}).get(file, own[file])


def save_file(tx: Tx, key: str, branch_id: UUID, file: str, content: str | None) -> OverlayRow:
    """The branch's table or form as a next revision; None: headquarters' again. Raises: UserError; DeployRefused."""
    now = branchways.in_force(tx, key, branch_id)
    tasks, files = (dict(now.tasks), dict(now.files)) if now else ({}, {})
    files.pop(file, None)
    if content is not None:
        files[file] = content
    if now is not None and not tasks and not files:
        return saving.withdraw(tx, now.id)
    return saving.save(tx, key, branch_id, tasks, files).overlay


def restore(tx: Tx, key: str, branch_id: UUID, overlay_id: UUID) -> OverlayRow:
    """What an earlier revision said as the next one. Raises: NotFound; Forbidden; UserError; DeployRefused."""
    row = next((one for one in saving.revisions(tx, key, branch_id) if one.id == overlay_id), None)
    if row is None:
        raise NotFound
    return saving.save(tx, key, branch_id, row.tasks, row.files).overlay


def posted(tx: Tx, loaded: Loaded, now: OverlayRow | None, given: Mapping[str, str]) -> dict[str, Any]:
    """What the form says of each task, in the overlay's words. Raises: UserError."""
    before: Mapping[str, Any] = now.tasks if now else {}
    found = {}
    for node in user_tasks(loaded.process):
        change = _change(tx, node.id, branchways.kinds_left(loaded, node), before.get(node.id, {}), given)
        if change:
            found[node.id] = change
    return found


def branch_of(tx: Tx, branch_id: UUID) -> Branch:
    """A branch below headquarters whose ways the actor may look at. Raises: NotFound; Forbidden."""
    config, access = snapshot.load(tx), runtime_of(tx).access
    branch = config.branches.get(branch_id)
    if branch is None or branch.id == config.root.id:
        raise NotFound
    if not access.may(tx, DEPLOY, branch_id) and not access.may(tx, VIEW, branch_id):
        raise Forbidden
    return branch


def _change(
    tx: Tx, node_id: str, left: frozenset[str], before: Mapping[str, Any], given: Mapping[str, str]
) -> dict[str, Any]:
    change: dict[str, Any] = {}
    form = given.get(f"form-{node_id}", "")
    if "form" in left and form:
        change["form"] = form
    rule, user = given.get(f"rule-{node_id}", ""), given.get(f"user-{node_id}", "")
    if "assignees" in left and user:
        change["assignees"] = [{"rule": f"user:{get_user(tx, _id(user)).username}"}]
    elif "assignees" in left and rule == KEEP and before.get("assignees"):
        change["assignees"] = before["assignees"]
    elif "assignees" in left and rule:
        where, strategy = given.get(f"where-{node_id}", "record"), given.get(f"strategy-{node_id}", "offer")
        change["assignees"] = [{"rule": rule, "branch": where, "strategy": strategy}]
    amount, unit = given.get(f"due-{node_id}", "").strip(), given.get(f"unit-{node_id}", "D")
    if "due" in left and amount:
        if not amount.isdigit() or not 0 < int(amount) <= _MOST_DUE or unit not in UNITS:
            raise UserError("bad_due", Text("时限应为 1 到 1000 的整数", "A due time is a whole number from 1 to 1000"))
        change["due"] = due_text(amount, unit)
    elif "due" in left and given.get(f"duekept-{node_id}") and before.get("due"):
        change["due"] = before["due"]
    return change


def _fields(tx: Tx, loaded: Loaded, node: Node, change: Mapping[str, Any], named: Mapping[str, str]) -> TaskFields:
    task, own = branchways.extension_of(node), change.get("assignees") or []
    is_simple = len(own) == 1 and " " not in own[0]["rule"] and not own[0]["rule"].startswith(("=", "user:"))
    amount, unit = due_parts(change.get("due") or "")
    rules = task.assignees or (Assignee(" ".join(task.candidates)),) if task.candidates else task.assignees
    return TaskFields(
        node_id=node.id,
        name=node.name or node.id,
        left=branchways.kinds_left(loaded, node),
        rule_words=branchways.rule_words(tx, rules),
        due_words=due_words(task.due),
        rule=own[0]["rule"] if is_simple else KEEP if own else "",
        where=own[0].get("branch", "record") if is_simple else "record",
        strategy=own[0].get("strategy", "offer") if is_simple else "offer",
        kept="" if is_simple or not own else branchways.rule_words(tx, (Assignee(**one) for one in own)),
        amount=amount,
        unit=unit or "D",
        due_kept=(change.get("due") or "") if not unit else "",
        form=change.get("form") or "",
        form_words=named.get(task.form, task.form),
    )


def table_title(content: str) -> str:
    """What the file's author called it, else its first decision."""
    root = xml.parse(content)
    first = next((str(one.get("name") or "") for one in root.iter("{*}decision")), "")
    return first or str(root.get("name") or "")


def _tables(own: Mapping[str, str], files: Mapping[str, str]) -> Iterator[Table]:
    for name in sorted(own):
        if name.endswith(".dmn"):
            yield Table(name, table_title(own[name]) or name, name in files)


def _forms(names: Iterable[str], own: Mapping[str, str], files: Mapping[str, str]) -> Iterator[Table]:
    for name in names:
        title = next(iter(titles({name: files.get(name, own[name])}).values()), name)
        yield Table(name, title, name in files)


def _review(
    tx: Tx, loaded: Loaded, branch_id: UUID, tasks: Mapping[str, Any], files: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    findings = saving.check(tx, loaded.process_key, branch_id, tasks, files)
    return tuple(branchways.differences(tx, loaded, tasks, files)), findings


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UserError("nobody_chosen", Text("请选择人员", "Choose a person")) from None
