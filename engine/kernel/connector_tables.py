"""Tables of connectors, the inbox and the outbox (shapes and states: docs/architecture.md, connectors)."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

_KERNEL = {"room": "kernel"}
_NOW = DateTime(timezone=True)

INBOX_STATES = ("new", "done", "quarantined", "discarded", "dead")
OUTBOX_STATES = ("queued", "sending", "sent", "unknown", "delivered", "failed", "dead", "expired", "suppressed")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


connector = Table(
    "connector",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("branch_id", Uuid),
    Column("config", JSONB, nullable=False),
    Column("secrets", LargeBinary),
    Column("enabled", Boolean, nullable=False),
    Column("zone", Text, nullable=False),
    Column("hook_token", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("created_at", _NOW, nullable=False),
    Column("updated_at", _NOW, nullable=False),
    info=_KERNEL,
)

connector_health = Table(
    "connector_health",
    metadata,
    Column("connector_id", Uuid, ForeignKey("connector.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("since", _NOW, nullable=False),
    Column("last_ok_at", _NOW),
    Column("last_event_at", _NOW),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("skews", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("cursor", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("open_until", _NOW),
    Column("tokens", Float),
    Column("tokens_at", _NOW),
    Column("dropped", Integer, nullable=False, server_default="0"),
    Column("lease_owner", Text),
    Column("lease_until", _NOW),
    _one_of("state", ("ok", "degraded", "down", "disabled")),
    info=_KERNEL,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connector_id", Uuid, ForeignKey("connector.id"), nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("received_at", _NOW, nullable=False),
    Column("occurred_at", _NOW, nullable=False),
    Column("device_time_raw", Text, nullable=False),
    Column("realtime", Boolean, nullable=False),
    Column("correlation", JSONB, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", _NOW, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("connector_id", "dedupe_key"),
    _one_of("state", INBOX_STATES),
    Index("ix_inbox_due", "next_at", "id", postgresql_where=text("state = 'new'")),
    Index("ix_inbox_attention", "connector_id", "id", postgresql_where=text("state IN ('quarantined', 'dead')")),
    info=_KERNEL,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("connector_id", Uuid, ForeignKey("connector.id")),
    Column("ordering_key", Text),
    Column("category", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", _NOW, nullable=False),
    Column("expires_at", _NOW),
    Column("created_at", _NOW, nullable=False),
    Column("sent_at", _NOW),
    Column("settled_at", _NOW),
    Column("lease_until", _NOW),
    Column("reply_token", Text, nullable=False, unique=True),
    Column("code", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("branch_id", Uuid),
    Column("subject_kind", Text),
    Column("subject_id", Text),
    Column("instance_id", Uuid),
    Column("activity_id", Text),
    Column("awaited", Boolean, nullable=False, server_default="false"),
    Column("reported_at", _NOW),
    _one_of("state", OUTBOX_STATES),
    Index("ix_outbox_awaited", "id", postgresql_where=text("awaited AND reported_at IS NULL")),
    Index("ix_outbox_due", "connector_id", "next_at", "id", postgresql_where=text("state = 'queued'")),
    Index("ix_outbox_sending", "lease_until", postgresql_where=text("state = 'sending'")),
    Index("ix_outbox_ordering", "ordering_key", "id", postgresql_where=text("state IN ('queued', 'sending')")),
    Index("ix_outbox_recipient", "recipient", "id"),
    Index("ix_outbox_instance", "instance_id", "id", postgresql_where=text("instance_id IS NOT NULL")),
    info=_KERNEL,
)

outbox_part = Table(
    "outbox_part",
    metadata,
    Column("outbox_id", Uuid, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True),
    Column("segment", SmallInteger, primary_key=True),
    Column("provider_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("sent_at", _NOW, nullable=False),
    Column("at", _NOW),
    Index("ix_outbox_part_provider", "provider_id", "sent_at"),
    info=_KERNEL,
)

orphan_receipt = Table(
    "orphan_receipt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connector_id", Uuid, ForeignKey("connector.id"), nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("segment", SmallInteger, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", _NOW, nullable=False),
    Index("ix_orphan_receipt_provider", "connector_id", "provider_id"),
    info=_KERNEL,
)

suppression = Table(
    "suppression",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("at", _NOW, nullable=False),
    Column("reason", Text, nullable=False),
    info=_KERNEL,
)

outbox_hold = Table(
    "outbox_hold",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("since", _NOW, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("id = 1", name="single"),
    info=_KERNEL,
)
