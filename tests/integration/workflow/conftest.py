"""A small school for the runner: people without an organisation, records in a dict, models written in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.clock import FixedClock
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.workflow import calendars, deployments, drains, instances, runtime, tasks
from engine.workflow.handlers import Handler, HandlerRegistry, Parameter
from engine.workflow.invariants import violations
from engine.workflow.runtime import Runtime
from engine.workflow.tasks import InboxQuery, TaskRow
from tests.integration.workflow.scissors import cutting

T = TypeVar("T")
EAST = UUID(int=2)
HEADQUARTERS = UUID(int=1)
ROLES = {
    "sales": ["ann", "bob"],
    "finance": ["fay", "fin"],
    "principal": ["pat"],
    "admin": ["adm"],
    "teacher": ["tea", "ted", "tom"],
}
SUPERIORS = {"ann": ["pat", "boss"], "bob": ["pat", "boss"], "pat": ["boss"]}
USERS = {user for users in ROLES.values() for user in users} | {"boss", "sam"}


class People:
    """`assignees.Directory` over the constants above."""

    def user_by_username(self, username: str) -> str | None:
        return username if username in USERS else None

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        return [user for user in users if user in USERS]

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        return ROLES.get(role, [])

    def users_in_group(self, group: str) -> Sequence[str]:
        return ["sam", "tea"] if group == "club" else []

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        return ["ted" if branch_id == EAST else "tom"] if position == "head_teacher" else []

    def branch_head(self, branch_id: UUID) -> str | None:
        return "pat" if branch_id == EAST else "boss"

    def superior(self, user_id: str, level: int) -> str | None:
        above = SUPERIORS.get(user_id, [])
        return above[level - 1] if level <= len(above) else None

    def branches_of(self, user_id: str) -> frozenset[UUID]:
        return frozenset({HEADQUARTERS if user_id == "boss" else EAST})

    def headquarters(self) -> UUID:
        return HEADQUARTERS

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        return ["adm"]

    def person(self, user_id: str) -> str:
        return user_id

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        return {user: user.title() for user in user_ids}


@dataclass
class Store:
    """`runtime.Records` in memory."""

    rows: dict[tuple[str, UUID], dict[str, Any]] = field(default_factory=dict)

    def read(self, tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Any]:
        return dict(self.rows.get((object_key, record_id), {}))

    def set_stage(self, tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
        self.rows[object_key, record_id]["stage"] = stage


class Rights:
    """`adm` may do everything, others may start."""

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        looks = tx.actor.id == "aud" and right == runtime.VIEW
        return looks or tx.actor.kind is ActorKind.SYSTEM or tx.actor.id == "adm" or right.startswith(runtime.START)

    def branches(self, tx: Tx, right: str) -> frozenset[UUID] | None:
        if tx.actor.id == "adm" or tx.actor.kind is ActorKind.SYSTEM:
            return None
        return frozenset({EAST}) if tx.actor.id == "pat" and right == runtime.OPERATE else frozenset()

    def may_read(self, tx: Tx, object_key: str, field: str) -> bool:
        return tx.actor.id == "adm"

    def grant_task(self, tx: Tx, task: TaskRow, user_id: str) -> None:
        return

    def tasks_ended(self, tx: Tx, task_ids: Sequence[UUID]) -> None:
        return


def user(name: str) -> Actor:
    """A signed-in colleague."""
    return Actor(ActorKind.USER, name, name.title())


def model(body: str, key: str = "demo", attributes: str = "", extra: str = "") -> str:
    """A BPMN document around a process's content."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">{extra}
<process id="{key}" name="{key}" isExecutable="true"><extensionElements><school:process {attributes}/>
</extensionElements>{body}</process></definitions>"""


def task(key: str, content: str = "", *, children: str = "", attributes: str = "") -> str:
    """A user task with `school:task`."""
    return (
        f'<userTask id="{key}" name="{key}"><extensionElements><school:task {attributes}>{content}</school:task>'
        f"</extensionElements>{children}</userTask>"
    )


def decides(role: str) -> str:
    """Assignee rule and the two outcomes of an approval."""
    return (
        f'<school:assignee rule="{role}"/><school:outcome name="approve" style="primary"/>'
        '<school:outcome name="reject" style="danger" comment="required"/>'
    )


def flows(*pairs: tuple[str, ...]) -> str:
    """Sequence flows `source-target`; a third part is the condition."""
    found = []
    for number, pair in enumerate(pairs):
        condition = f"<conditionExpression>{pair[2]}</conditionExpression>" if len(pair) > 2 else ""
        found.append(
            f'<sequenceFlow id="f{number}_{pair[0]}_{pair[1]}" sourceRef="{pair[0]}" targetRef="{pair[1]}">'
            f"{condition}</sequenceFlow>"
        )
    return "".join(found)


@dataclass
class World:
    """What a test drives the runner with."""

    boundary: Boundary
    clock: FixedClock
    store: Store
    handlers: HandlerRegistry

    user = staticmethod(user)
    model = staticmethod(model)
    task = staticmethod(task)
    decides = staticmethod(decides)
    flows = staticmethod(flows)
    branch = EAST

    def run(self, who: str | Actor, use_case: Callable[[Tx], T]) -> T:
        """One transaction of somebody."""
        return self.boundary.run(user(who) if isinstance(who, str) else who, use_case)

    def deploy(self, *sources: str, dmn: str | None = None) -> Any:
        """Deploy as the system."""
        files = {f"m{number}.bpmn": source for number, source in enumerate(sources)}
        if dmn is not None:
            files["d.dmn"] = dmn
        return self.run(SYSTEM, lambda tx: deployments.deploy(tx, files))

    def start(self, key: str = "demo", who: str = "ann", **variables: Any) -> UUID:
        """Start a case in the east."""
        return self.run(who, lambda tx: instances.start(tx, key, variables, branch_id=EAST))

    def drain(self) -> int:
        """Let the worker do what is due."""
        return drains.run_due(self.boundary)

    def pass_time(self, **span: float) -> int:
        """Move the clock, then drain."""
        self.clock.advance(timedelta(**span))
        return self.drain()

    def box(self, who: str, box: str = "todo") -> list[Any]:
        """A box's items."""
        page = self.run(who, lambda tx: tasks.inbox(tx, InboxQuery(box=box)))  # type: ignore[arg-type]
        return list(page.items)

    def open(self, instance_id: UUID) -> dict[str, TaskRow]:
        """Open tasks by node (the last one of a node when there are several)."""
        view = self.run(SYSTEM, lambda tx: instances.get(tx, instance_id))
        return {row.node_id: row for row in view.tasks if row.status == "open"}

    def done(self, who: str, instance_id: UUID, node: str, outcome: str | None = None, **values: Any) -> None:
        """Complete the open task of a node."""
        task_id = self.open(instance_id)[node].id
        self.run(who, lambda tx: tasks.complete(tx, task_id, outcome, values, "ok"))

    def view(self, instance_id: UUID) -> Any:
        """The instance as the system sees it."""
        return self.run(SYSTEM, lambda tx: instances.get(tx, instance_id))

    def sql(self, text: str, **parameters: Any) -> list[Any]:
        """Rows of a query."""
        return self.run(SYSTEM, lambda tx: list(tx.connection.exec_driver_sql(text, parameters)))

    def check(self) -> None:
        """Every invariant holds."""
        found = self.run(SYSTEM, violations)
        assert found == []

    def add(self, name: str, function: Callable[..., Any]) -> None:
        """Register a handler."""
        twice = Parameter("number", required=False)
        self.handlers.add(Handler(name, Text(name, name), function, {"n": Parameter("number")}, {"twice": twice}))


@pytest.fixture
def cut(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world on connections that can be cut."""
    with cutting(world, monkeypatch):
        yield world


@pytest.fixture
def world(boundary: Boundary, clock: FixedClock) -> Iterator[World]:
    """The runner on a fresh database."""
    store, handlers = Store(), HandlerRegistry()
    restore = runtime.install(Runtime(handlers, lambda tx: People(), store, Rights(), calendar=calendars.calendar_of))
    made = World(boundary, clock, store, handlers)
    yield made
    restore()
    made.check()
