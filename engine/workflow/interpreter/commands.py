"""What can be asked of an instance. `activation` is always the counter id an effect announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.workflow.interpreter.values import Value, Values

NOTHING: Values = MappingProxyType({})
"""No variables."""


class Start(NamedTuple):
    """Begin the instance.

    `node`: the start event (or instantiating receive task or event gateway) that was triggered; None takes the none
    start event or implicit starts. `event`: which of its definitions or branches fired. `payload`: the message's or
    signal's content. `called`: True when a call activity of another instance waits for this one. `undo`: compensate
    what an earlier instance of this version completed, and end.
    """

    variables: Values = NOTHING
    node: str | None = None
    event: int = 0
    payload: Value = None
    called: bool = False
    undo: tuple[Any, ...] = ()


class CompleteTask(NamedTuple):
    """A person finished a user or manual task. `variables` are the form's values, set as process variables.

    The variable named like the task's id becomes `{outcome, comment, by, by_name, at}` (docs/architecture.md).
    `as_given`: not when `variables` has one of that name (never for what people send: they could forge an outcome).
    """

    activation: int
    variables: Values = NOTHING
    outcome: str = "done"
    comment: str = ""
    by: str = ""
    by_name: str = ""
    as_given: bool = False


class CompleteJob(NamedTuple):
    """An outside worker or connector finished. `result` passes through the output mapping, or is merged when none."""

    activation: int
    result: Values = NOTHING


class FailJob(NamedTuple):
    """An outside worker failed, or a called process could not be started (then: an incident).

    With `retries` > 0 the job is enqueued again not before `retry_at`; else an incident. `retries` None means one less
    than the interpreter has on record.
    """

    activation: int
    message: str
    retries: int | None = None
    retry_at: datetime | None = None


class HandlerReturned(NamedTuple):
    """A local handler, called by `CallHandler`, returned."""

    activation: int
    result: Values = NOTHING


class HandlerFailed(NamedTuple):
    """A local handler raised something unexpected: retried by timer with backoff, then an incident.

    `retry` False: an incident at once.
    """

    activation: int
    message: str
    retry: bool = True


class ThrowError(NamedTuple):
    """A BPMN error from a handler, job or user task: goes to the boundary events (BPMN 2.0.2 10.5.1)."""

    activation: int
    code: str
    message: str = ""
    variables: Values = NOTHING


class ThrowEscalation(NamedTuple):
    """A BPMN escalation from a task or from a called instance; the activity goes on unless it is interrupted.

    `called`: what the variables of the called instance are: they come to the caller as they do at its end.
    """

    activation: int
    code: str
    variables: Values = NOTHING
    called: Values = NOTHING


class FireTimer(NamedTuple):
    """A timer announced by `ArmTimer` is due."""

    activation: int


class Correlate(NamedTuple):
    """A message reached the subscription announced by `Subscribe`."""

    activation: int
    payload: Value = None


class SignalReceived(NamedTuple):
    """A signal was broadcast; every waiting catcher of that name in the instance takes it."""

    name: str
    payload: Value = None


class SetVariables(NamedTuple):
    """Change variables from outside. `activation` narrows to that activity's local scope; None is the process."""

    variables: Values
    activation: int | None = None


@dataclass(frozen=True, slots=True)
class Refresh:
    """Look again at conditions (record values in `env` changed)."""


class Refit(NamedTuple):
    """The program under the instance is another version: arm those of the `fresh` events that can fire now."""

    fresh: frozenset[str]


class MoveToken(NamedTuple):
    """Cancel these activations (none: only add) and enter `target`. Scopes in between are opened as needed.

    What already waits in joins stays; whoever plans a return settles that (engine.workflow.tasks.returning). `scope`:
    the running scope to begin in, where the activations do not tell. `compensate`: what was completed at these nodes is
    compensated first, newest first (BPMN 2.0.2 10.7), then the target begins. `arrived`: (join, flow) that count as
    arrived in the sub-processes that are opened. `resume`: the target is a multi-instance activity that is over; it
    goes on as it stood: `{"host": activation, "facts": its counters, "items": [variables of the open ones], "records":
    how many records for compensation it had left, "recall": [item, by] of a vote to take back, or none}`.
    """

    cancel: tuple[int, ...]
    target: str
    reason: str = ""
    variables: Values = NOTHING
    scope: int | None = None
    compensate: frozenset[str] = frozenset()
    arrived: tuple[tuple[str, str], ...] = ()
    resume: Mapping[str, Any] | None = None


class Skip(NamedTuple):
    """Complete the activity without doing it."""

    activation: int
    reason: str = ""
    variables: Values = NOTHING


class PassJoin(NamedTuple):
    """A join that waits for tokens that cannot come goes on with those that have come."""

    node: str


class Retry(NamedTuple):
    """Do again what ended in an incident."""

    activation: int


class Cancel(NamedTuple):
    """End the instance from outside: everything open is cancelled."""

    reason: str = ""


class ActivateAdHoc(NamedTuple):
    """Begin one of the activities of a running ad-hoc sub-process. `activation` is the sub-process's."""

    activation: int
    node: str


class FinishAdHoc(NamedTuple):
    """A person says that an ad-hoc sub-process is done; what still runs in it is cancelled."""

    activation: int


class AddItem(NamedTuple):
    """Add one instance to a running multi-instance activity (加签). `activation`: the host's or any item's.

    `is_next`: in a sequential one its turn comes next, otherwise last.
    """

    activation: int
    item: Value = None
    is_next: bool = False


class ArrangeItems(NamedTuple):
    """Who of a sequential multi-instance activity comes after the running one, in this order; `order`: from 1.

    Those left out are taken out of it (减签). `activation`: the host's.
    """

    activation: int
    order: tuple[int, ...]


class RemoveItem(NamedTuple):
    """Take one open instance out of a running multi-instance activity (减签)."""

    activation: int


class RecallVote(NamedTuple):
    """Take back the vote `by` somebody in a countersign that still runs. `activation`: the host's; `item`: from 1."""

    activation: int
    item: int
    by: str


class CalledInstanceEnded(NamedTuple):
    """The instance started by `StartCalledInstance` ended; with `error` the call activity throws that error code.

    `undo`, `version`: what it can compensate later, and the version it ran.
    """

    activation: int
    variables: Values = NOTHING
    error: str | None = None
    message: str = ""
    undo: tuple[Any, ...] = ()
    version: str = ""


Command = (
    Start
    | CompleteTask
    | CompleteJob
    | FailJob
    | HandlerReturned
    | HandlerFailed
    | ThrowError
    | ThrowEscalation
    | FireTimer
    | Correlate
    | SignalReceived
    | SetVariables
    | Refresh
    | Refit
    | MoveToken
    | Skip
    | PassJoin
    | Retry
    | Cancel
    | ActivateAdHoc
    | FinishAdHoc
    | AddItem
    | ArrangeItems
    | RemoveItem
    | RecallVote
    | CalledInstanceEnded
)
