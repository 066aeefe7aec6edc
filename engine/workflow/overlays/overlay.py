"""An overlay as a value, and a process with one laid over it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.bpmn.extensions import Assignee, TaskExtension
from engine.workflow.bpmn.model import Model, Node, Process

KINDS = ("assignees", "due", "form", "decisions")
"""What headquarters may leave to branches: `school:process branches="…"`, per task `school:task branches="…"`."""
FILES = (".dmn", ".json")


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What a branch says about one user task; None: as headquarters has it."""

    assignees: tuple[Assignee, ...] | None = None
    due: str | None = None
    form: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of `KINDS` it touches."""
        return tuple(kind for kind in ("assignees", "due", "form") if getattr(self, kind) is not None)


@dataclass(frozen=True, slots=True)
class Overlay:
    """One revision. It never changes, so running cases keep the one they were started with.

    tasks: by node id. files: decision tables (`.dmn`) and forms (`.json`) that win over the version's own.
    """

    id: UUID
    tasks: Mapping[str, TaskChange]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OverlayRow:
    """A revision as lists show it. `status`: waiting, active, replaced, refused, withdrawn."""

    id: UUID
    process_key: str
    branch_id: UUID
    number: int
    status: str
    tasks: Mapping[str, Any]
    files: Mapping[str, str]
    saved_by_name: str
    saved_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    running: int


def overlaid(model: Model, process_key: str, tasks: Mapping[str, TaskChange]) -> Model:
    """The model with the branch's tasks; nodes it does not have (any more) are passed over."""
    return replace(
        model, processes=tuple(_changed(one, tasks) if one.id == process_key else one for one in model.processes)
    )


def _changed(process: Process, tasks: Mapping[str, TaskChange]) -> Process:
    nodes = {key: _node(node, tasks[key]) if key in tasks else node for key, node in process.nodes.items()}
    return replace(process, nodes=nodes)


def _node(node: Node, change: TaskChange) -> Node:
    task = node.task or TaskExtension()
    if change.assignees is not None:
        task = replace(task, assignees=change.assignees, candidates=())
    if change.due is not None:
        task = replace(task, due=change.due)
    if change.form is not None:
        task = replace(task, form=change.form)
    return replace(node, task=task)


def allowed(process: Process, node: Node | None = None) -> frozenset[str]:
    """What branches may change: of the process, or of one task where that says something else."""
    own = node.task.branches if node is not None and node.task is not None else None
    if own is not None:
        return frozenset(own)
    return frozenset(process.extension.branches) if process.extension is not None else frozenset()


def form_allowed(process: Process, key: str) -> bool:
    """Whether branches may change a form: all tasks that show it leave theirs, or, shown by none, the process does."""
    tasks = [node for node in process.nodes.values() if key and node.task is not None and node.task.form == key]
    return all("form" in allowed(process, node) for node in tasks) if tasks else "form" in allowed(process)


def may_differ(process: Process) -> bool:
    """Whether anything of the process is left to branches."""
    return bool(allowed(process)) or any(allowed(process, node) for node in process.nodes.values())


def parse_tasks(plain: Mapping[str, Any]) -> dict[str, TaskChange]:
    """Changes by node id from JSON: `{node: {"assignees": [{"rule", "branch", "strategy"}], "due", "form"}}`.

    Raises: UserError that names the task.
    """
    return {str(node): _change(str(node), one) for node, one in plain.items()}


def _change(node: str, one: object) -> TaskChange:
    known = {"assignees", "due", "form"}
    if not isinstance(one, Mapping) or not one or not one.keys() <= known:
        raise _bad(node)
    texts = {name: one[name] for name in ("due", "form") if one.get(name) is not None}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _bad(node)
    assignees = one.get("assignees")
    if assignees is None:
        return TaskChange(None, **texts)
    if not isinstance(assignees, list) or not assignees:
        raise _bad(node)
    return TaskChange(tuple(_assignee(node, item) for item in assignees), **texts)


def _assignee(node: str, item: object) -> Assignee:
    is_known = isinstance(item, Mapping) and item.keys() <= {"rule", "branch", "strategy"} and "rule" in item
    if not isinstance(item, Mapping) or not is_known or not all(isinstance(text, str) for text in item.values()):
        raise _bad(node)
    return Assignee(**item)


def _bad(node: str) -> UserError:
    return UserError(
        "bad_overlay",
        fields={f"tasks.{node}": Text("请给出办理人规则、时限或表单", "Give assignee rules, a due time or a form")},
    )
