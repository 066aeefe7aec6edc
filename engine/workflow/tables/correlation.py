"""Messages and signals between instances and from outside, and who waits for them.

`subscription.key` is the canonical text of the keys that must match (sorted JSON, values as text; `{}` for none);
`message.keys` the same as JSON. `payload` is packed by `interpreter.codec`, so that values come back exactly.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Uuid,
    text,
)
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}

subscription = Table(
    "subscription",
    metadata,
    Column("instance_id", Uuid, ForeignKey("instance.id"), primary_key=True),
    Column("activation", BigInteger, primary_key=True),
    Column("kind", TextColumn, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("key", TextColumn, nullable=False),
    Column("node_id", TextColumn, nullable=False),
    CheckConstraint("kind in ('message', 'signal')", name="kind"),
    Index("ix_subscription_lookup", "kind", "name", "key"),
    info=ROOM,
)

start_subscription = Table(
    "start_subscription",
    metadata,
    Column("version_id", Uuid, ForeignKey("process_version.id"), primary_key=True),
    Column("node_id", TextColumn, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("process_key", TextColumn, nullable=False),
    Column("kind", TextColumn, nullable=False),
    Column("name", TextColumn, nullable=False),
    CheckConstraint("kind in ('message', 'signal')", name="kind"),
    Index("ix_start_subscription_lookup", "kind", "name"),
    info=ROOM,
)

message = Table(
    "message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("message_id", TextColumn, unique=True),
    Column("kind", TextColumn, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("keys", JSONB, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("status", TextColumn, nullable=False),
    Column("source_instance_id", Uuid),
    Column("target_instance_id", Uuid),
    Column("branch_id", Uuid),
    Column("record_object", TextColumn),
    Column("record_id", Uuid),
    Column("actor_kind", TextColumn, nullable=False),
    Column("actor_id", TextColumn, nullable=False),
    Column("actor_name", TextColumn, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("activation", BigInteger),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("delivered_to", Uuid),
    Column("error", TextColumn),
    CheckConstraint("kind in ('message', 'signal', 'internal')", name="kind"),
    CheckConstraint("status in ('new', 'buffered', 'done', 'expired', 'ambiguous', 'dead')", name="status"),
    Index("ix_message_new", "next_at", postgresql_where=text("status = 'new'")),
    Index("ix_message_buffered", "name", "id", postgresql_where=text("status = 'buffered'")),
    Index("ix_message_target", "source_instance_id", "activation", postgresql_where=text("kind = 'internal'")),
    Index("ix_message_expiry", "expires_at", postgresql_where=text("status = 'buffered'")),
    info=ROOM,
)

message_delivery = Table(
    "message_delivery",
    metadata,
    Column("message_id", Uuid, ForeignKey("message.id"), primary_key=True),
    Column("instance_id", Uuid, primary_key=True),
    Column("activation", BigInteger, primary_key=True),
    Column("node_id", TextColumn, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("done_at", DateTime(timezone=True)),
    Index("ix_message_delivery_due", "next_at", postgresql_where=text("done_at is null")),
    info=ROOM,
)
