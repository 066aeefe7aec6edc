"""What one step will write, collected from effects and folded so that each row is touched once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.workflow.interpreter.effects import (
    ArmTimer,
    EnqueueJob,
    InstanceEnded,
    RaiseIncident,
    Subscribe,
)

Json = dict[str, Any]


@dataclass(slots=True)
class Writes:
    """Rows to insert, by table, and activations to close. Rows are values by column, as `inserts` takes them.

    `settled`: closed activations that left nothing beside the task's own row. `event`: the history row of the trail.
    """

    tasks: dict[int, Json] = field(default_factory=dict)
    candidates: dict[int, list[str]] = field(default_factory=dict)
    reminders: dict[int, list[Json]] = field(default_factory=dict)
    closed_tasks: dict[int, str] = field(default_factory=dict)
    timers: dict[int, ArmTimer] = field(default_factory=dict)
    disarmed: set[int] = field(default_factory=set)
    subscriptions: dict[int, Subscribe] = field(default_factory=dict)
    unsubscribed: set[int] = field(default_factory=set)
    jobs: dict[int, EnqueueJob] = field(default_factory=dict)
    cancelled_jobs: set[int] = field(default_factory=set)
    incidents: dict[int, RaiseIncident] = field(default_factory=dict)
    resolved: set[int] = field(default_factory=set)
    messages: list[Json] = field(default_factory=list)
    trail: list[list[Any]] = field(default_factory=list)
    done: dict[UUID, Json] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    event: Mapping[str, object] | None = None
    votes: list[Json] = field(default_factory=list)
    turns: list[Json] = field(default_factory=list)
    stores: dict[str, Json] = field(default_factory=dict)
    ended: InstanceEnded | None = None

    def open_task(self, activation: int, row: Json, candidates: list[str], reminders: list[Json]) -> None:
        """A task and its candidate rows."""
        self.tasks[activation] = row
        self.candidates[activation] = candidates
        self.reminders[activation] = reminders

    def close_task(self, activation: int, reason: str) -> None:
        """Close it, or forget it when it was opened in this very step."""
        if self.tasks.pop(activation, None) is None:
            self.closed_tasks[activation] = reason
        self.candidates.pop(activation, None)
        self.reminders.pop(activation, None)

    def disarm(self, activation: int) -> None:
        """Forget a timer."""
        if self.timers.pop(activation, None) is None:
            self.disarmed.add(activation)

    def unsubscribe(self, activation: int) -> None:
        """Forget a subscription."""
        if self.subscriptions.pop(activation, None) is None:
            self.unsubscribed.add(activation)

    def cancel_job(self, activation: int) -> None:
        """Forget a job."""
        self.jobs.pop(activation, None)
        self.cancelled_jobs.add(activation)

    def enqueue(self, job: EnqueueJob) -> None:
        """A new job, or the next attempt of one."""
        self.cancelled_jobs.discard(job.activation)
        self.jobs[job.activation] = job

    def resolve(self, activation: int) -> None:
        """An incident is over."""
        if self.incidents.pop(activation, None) is None:
            self.resolved.add(activation)
