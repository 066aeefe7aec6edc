"""The protocol every connector speaks, and the values that cross it.

A connector translates between one outside system and events. It never commits, retries, rate-limits or redacts:
the host (`engine.kernel.delivery*`, `connectors.host`) does, so that every connector is as reliable as the best.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable
from uuid import UUID

from engine.kernel.text import Text

Json = Mapping[str, Any]
"""A JSON object at the edge of the system: validated by a schema before it is trusted."""


class ConnectorFault(Exception):
    """The outside system could not be used; `code` is stable, the text is for the operator's log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Unavailable(ConnectorFault):
    """The peer or the port is not reachable now; the host backs off and tries again."""


class BadInput(ConnectorFault):
    """The peer sent bytes that do not follow its protocol."""


class BadConfig(ConnectorFault):
    """The connector's configuration cannot work; retrying is pointless until someone changes it."""


class SendStatus(StrEnum):
    """What is known after an attempt to send. `unknown`: it may have left, so it is never sent again blindly."""

    SENT = "sent"
    RETRY = "retry"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    THROTTLED = "throttled"


class HealthState(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    DISABLED = "disabled"


class ReceiptStatus(StrEnum):
    """Fate of a sent message as its provider tells it. All but `pending` are final."""

    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's word about one sent message; found by `outbox_id`, or by `provider_id` (and recipient)."""

    status: ReceiptStatus
    provider_id: str = ""
    outbox_id: str = ""
    recipient: str = ""
    segment: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from outside.

    `dedupe_key` is unique per connector: the same event arriving twice is stored once. `correlation` holds the keys a
    waiting process may match on. `device_time_raw` is the device's own clock reading. `raw` is already scrubbed of
    fingerprints, faces and passwords. A `quarantine` reason keeps the row out of processing until a person looks.
    """

    dedupe_key: str
    name: str
    occurred_at: datetime
    payload: Json
    correlation: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    device_time_raw: str = ""
    realtime: bool = True
    quarantine: str | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to send, as a connector sees it; `id` is stable over attempts (the provider's reference)."""

    id: UUID
    payload: Json
    attempt: int
    created_at: datetime
    reply_token: str = ""


@dataclass(frozen=True, slots=True)
class SendResult:
    """Outcome of one attempt. `retry_after_s` is the peer's own wish; `code` its error code, for the operator."""

    status: SendStatus
    provider_id: str = ""
    provider_ids: tuple[str, ...] = ()
    retry_after_s: float | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    state: HealthState
    code: str = ""
    facts: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRequest:
    """An HTTP request as received: body bytes untouched, header names in lower case, `path` after the mount point."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str = ""
    secret_path: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """What the host stored before the reply is built: new and repeated events count as accepted."""

    accepted: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int = 200
    body: bytes = b"OK"
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pickup:
    """A peer that fetches its messages: up to `limit` of those for `recipient` are handed over with the reply.

    `hand_over` says of each message that it is sent (with the provider id its result will carry) or impossible;
    `render` builds the reply from those that are sent.
    """

    recipient: str
    limit: int
    hand_over: Callable[[Outbound], SendResult]
    render: Callable[[Sequence[Outbound]], HttpReply]


@dataclass(frozen=True, slots=True)
class RawReply:
    """How to answer once the inbox rows are committed: built from the commit's outcome, or from messages picked up."""

    on_commit: Callable[[Committed], HttpReply]
    pickup: Pickup | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought. `acknowledge` (delete at the peer) is called only after the host committed the items."""

    items: Sequence[Inbound]
    cursor: str | None
    acknowledge: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An event the connector can raise, for the modeller's picker: name, label, correlation keys, payload schema."""

    name: str
    label: Text
    keys: tuple[str, ...]
    payload_schema: Json


class SerialPort(Protocol):
    """The part of pyserial's `Serial` that connectors use."""

    timeout: float | None

    @property
    def in_waiting(self) -> int: ...
    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def reset_input_buffer(self) -> None: ...
    def close(self) -> None: ...


class SerialOpener(Protocol):
    def __call__(self, port: str, *, baudrate: int, timeout: float) -> SerialPort: ...


class HttpClient(Protocol):
    """Sends one request. Raises `Unavailable` when nothing was sent, `ReplyLost` when it may have been."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpReply: ...


class ReplyLost(ConnectorFault):
    """The request may have reached the peer, but no reply was read: the outcome is unknown."""


class Now(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Ctx:
    """What the host lends a connector. Nothing here is used in a constructor."""

    connector_id: str
    clock: Now
    http: HttpClient
    serial_open: SerialOpener
    log: logging.Logger
    rng: random.Random


@runtime_checkable
class Connector(Protocol):
    """One outside system. Constructors do no I/O; `receive` is pure; the host owns everything durable."""

    kind: ClassVar[str]
    config_schema: ClassVar[Json]

    def __init__(self, cfg: Json, ctx: Ctx) -> None: ...

    def poll(self, cursor: str | None, limit: int) -> Polled:
        """Fetch events from a peer that does not call us. May block up to about a second.

        Raises:
            ConnectorFault: the peer cannot be used; the host backs off.
        """

    def receive(self, request: RawRequest) -> tuple[Sequence[Inbound], RawReply]:
        """Parse and verify a request of the peer, without side effects. Never raises for bad bytes."""

    def send(self, out: Outbound) -> SendResult:
        """Send one message. Called outside any transaction."""

    def check(self, deep: bool = False) -> Health:
        """Say whether the peer can be used; `deep` may talk to it."""

    def describe_events(self) -> Sequence[EventSpec]: ...

    def close(self) -> None:
        """Release ports and connections; the connector may be used again afterwards."""


class ConnectorBase:
    """Answers for the methods a connector does not need."""

    kind: ClassVar[str] = ""
    config_schema: ClassVar[Json] = {}

    def poll(self, cursor: str | None, limit: int) -> Polled:
        return Polled((), cursor)

    def receive(self, request: RawRequest) -> tuple[Sequence[Inbound], RawReply]:
        return (), reply_with(HttpReply(404, b"not found"))

    def send(self, out: Outbound) -> SendResult:
        return SendResult(SendStatus.PERMANENT, code="cannot_send", detail=f"{self.kind} does not send messages")

    def check(self, deep: bool = False) -> Health:
        return Health(HealthState.OK)

    def describe_events(self) -> Sequence[EventSpec]:
        return ()

    def close(self) -> None:
        return None


def reply_with(reply: HttpReply) -> RawReply:
    """A reply that does not depend on what was committed."""
    return RawReply(on_commit=lambda _outcome: reply)
