"""The demo's hands: a boundary whose clock moves through the term, its people, and their tasks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.clock import FixedClock
from engine.kernel.uow import Boundary, Tx
from engine.workflow import tasks
from engine.workflow.drains import run_due
from engine.workflow.tables.task import user_task
from webapp.demo.names import People

T = TypeVar("T")
SEED = 20260901
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class World:
    """What has been made so far. ``ids``: by kind and key, such as ``course:english``; ``today`` is the real day."""

    boundary: Boundary
    clock: FixedClock
    now: datetime
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - invented data, not a secret
    users: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = People(self.random)

    def run(self, use_case: Callable[[Tx], T], who: str = "") -> T:
        """One use-case in a transaction of its own, as the named user or the system."""
        return self.boundary.run(self.users[who] if who else SYSTEM, use_case)

    def go_to(self, days: int, hour: int = 10, minute: int = 0) -> None:
        """Move to that time of the day, counted from the real today; what came due meanwhile is done."""
        local = self.now.astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.clock.set(min(local + timedelta(days=days), self.now))
        run_due(self.boundary, SYSTEM)

    def task(self, node: str, record_id: UUID) -> UUID:
        """The open task at a node for a record. Raises: LookupError."""
        statement = select(user_task.c.id).where(
            user_task.c.node_id == node, user_task.c.record_id == record_id, user_task.c.status == "open"
        )
        found = self.run(lambda tx: tx.execute(statement.limit(1)).scalar_one_or_none())
        if found is None:
            raise LookupError(f"expected an open task {node} for {record_id}")
        return UUID(str(found))

    def complete(
        self,
        who: str,
        node: str,
        record_id: UUID,
        outcome: str | None = None,
        values: Mapping[str, Any] | None = None,
        *,
        comment: str = "",
    ) -> None:
        """A user takes a task and completes it."""
        task_id = self.task(node, record_id)
        self.run(lambda tx: tasks.claim(tx, task_id), who)
        self.run(lambda tx: tasks.complete(tx, task_id, outcome, values or {}, comment), who)

    def owner_name(self, user_id: UUID | None) -> str:
        """The username behind an id."""
        return next(name for name, actor in self.users.items() if actor.id == str(user_id))
