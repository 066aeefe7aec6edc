"""What a step asks of the world, as data, in the order it happened.

An activation is opened and closed at most once each, so a row keyed (instance, activation) is inserted once and
deleted once. One step may open and close the same activation: the runner drops such pairs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

from engine.kernel.text import Text
from engine.workflow.interpreter.values import Value, Values

HistoryKind = Literal["entered", "completed", "cancelled", "taken", "caught", "thrown", "skipped", "moved", "decided"]
EndStatus = Literal["completed", "terminated", "error", "cancelled"]


class HistoryEvent(NamedTuple):
    """An element was entered, completed or cancelled; a flow was taken; an event caught or thrown.

    `data`: what a person wants to know later (outcome, reason, event name).
    """

    kind: HistoryKind
    element_id: str
    activation: int
    data: Values | None = None


class OpenTask(NamedTuple):
    """A person has to do something. `host` is the multi-instance activation, `item` its loop counter from 1.

    `local`: the item's own variables. `due` is computed from school:task `due`; `title` and `priority` evaluated.
    """

    activation: int
    node: str
    host: int | None
    item: int | None
    local: Values
    due: datetime | None
    title: str | None
    priority: Value


class CloseTask(NamedTuple):
    """The task is no longer open."""

    activation: int
    reason: Literal["completed", "cancelled"]


class ArmTimer(NamedTuple):
    """Send `FireTimer(activation)` when `due` (aware) has come. `kind`: `event`, or `retry` of a failed handler."""

    activation: int
    node: str
    due: datetime
    kind: Literal["event", "retry"]


class DisarmTimer(NamedTuple):
    """Forget the timer (also after it fired)."""

    activation: int


class Subscribe(NamedTuple):
    """Wait for a message or signal of that name; `keys` must all match for a message, empty matches by name alone."""

    activation: int
    node: str
    kind: Literal["message", "signal"]
    name: str
    keys: Values


class Unsubscribe(NamedTuple):
    """Forget the subscription (also after it matched)."""

    activation: int


class ThrowMessage(NamedTuple):
    """Correlate this message with whoever waits for it, this instance included."""

    activation: int
    node: str
    name: str
    keys: Values
    payload: Value


class ThrowSignal(NamedTuple):
    """Broadcast to all OTHER instances; catchers of this instance have taken it already."""

    activation: int
    node: str
    name: str
    payload: Value


class CallHandler(NamedTuple):
    """Run the local handler now and answer with HandlerReturned, HandlerFailed or ThrowError."""

    activation: int
    node: str
    name: str
    inputs: Values


class EnqueueJob(NamedTuple):
    """An outside worker may fetch this. Replaces an earlier job of the same activation when `attempt` > 1."""

    activation: int
    node: str
    type: str
    inputs: Values
    retries: int
    attempt: int
    not_before: datetime | None


class CancelJob(NamedTuple):
    """The job is no longer wanted or done."""

    activation: int


class SendOutbound(NamedTuple):
    """Put a message into the outbox. With `wait` the activity stands until CompleteJob, FailJob or ThrowError."""

    activation: int
    node: str
    connector: str
    template: str
    to: Value
    inputs: Values
    expires: Value
    ordering: Value
    wait: bool


class StartCalledInstance(NamedTuple):
    """Start an instance of `process` (id as written in the model) and report CalledInstanceEnded.

    `undo`: it does nothing but compensate what an earlier called instance completed; `binding` is `version:<id>` then.
    """

    activation: int
    node: str
    process: str
    binding: str
    variables: Values
    undo: tuple[Any, ...] = ()


class CancelCalledInstance(NamedTuple):
    """The call activity was interrupted: cancel the called instance."""

    activation: int


class EscalateToCaller(NamedTuple):
    """An escalation nobody caught in a called instance: send ThrowEscalation to the calling activation.

    `payload`: what the escalation itself carries; `variables`: those of the called process as they are now.
    """

    code: str
    payload: Value
    variables: Values


class SetStage(NamedTuple):
    """Set the stage of the record the process is about."""

    node: str
    value: str


class RaiseIncident(NamedTuple):
    """The activation stands until Retry, Skip, MoveToken or Cancel. `code` is stable, `detail` technical."""

    activation: int
    node: str
    code: str
    text: Text
    detail: str


class ResolveIncident(NamedTuple):
    """The incident is over."""

    activation: int


class WriteStore(NamedTuple):
    """A data store, which all instances share, gets this value (BPMN 2.0.2 10.4.1)."""

    store: str
    value: Value


class InstanceEnded(NamedTuple):
    """Nothing more will happen. `variables` are the process variables at the end.

    `undo`: what a called instance completed and can compensate later, for its caller to keep.
    """

    status: EndStatus
    variables: Values
    error: str | None
    message: str
    undo: tuple[Any, ...] = ()


Effect = (
    HistoryEvent
    | OpenTask
    | CloseTask
    | ArmTimer
    | DisarmTimer
    | Subscribe
    | Unsubscribe
    | ThrowMessage
    | ThrowSignal
    | CallHandler
    | EnqueueJob
    | CancelJob
    | SendOutbound
    | StartCalledInstance
    | CancelCalledInstance
    | EscalateToCaller
    | SetStage
    | RaiseIncident
    | ResolveIncident
    | WriteStore
    | InstanceEnded
)
