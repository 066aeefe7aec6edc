"""Running and finished cases, their large values, their incidents, and migrations between versions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}

instance = Table(
    "instance",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version_id", Uuid, ForeignKey("process_version.id"), nullable=False),
    Column("process_key", TextColumn, nullable=False),
    Column("status", TextColumn, nullable=False),
    Column("suspended", Boolean, nullable=False, server_default=text("false")),
    Column("state", LargeBinary, nullable=False),
    Column("lock_version", Integer, nullable=False),
    Column("title", TextColumn, nullable=False),
    Column("branch_id", Uuid),
    Column("record_object", TextColumn),
    Column("record_id", Uuid),
    Column("lifecycle", Boolean, nullable=False, server_default=text("false")),
    Column("root_id", Uuid, nullable=False),
    Column("parent_id", Uuid),
    Column("parent_activation", BigInteger),
    Column("starter", TextColumn, nullable=False),
    Column("starter_kind", TextColumn, nullable=False),
    Column("starter_name", TextColumn, nullable=False),
    Column("pinned", JSONB, nullable=False),
    Column("chosen", JSONB, nullable=False, server_default=text("'{}'")),
    Column("open_incidents", Integer, nullable=False, server_default=text("0")),
    Column("choices", ARRAY(TextColumn), nullable=False, server_default=text("'{}'::text[]")),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    CheckConstraint("status in ('active', 'completed', 'cancelled', 'terminated')", name="status"),
    CheckConstraint("(status = 'active') = (ended_at is null)", name="ended"),
    Index("ix_instance_starter", "starter", "id"),
    Index("ix_instance_process", "process_key", "id"),
    Index("ix_instance_version", "version_id", "id", postgresql_where=text("ended_at is null")),
    Index("ix_instance_record", "record_object", "record_id", "id", postgresql_where=text("record_id is not null")),
    Index("ix_instance_branch", "branch_id", "id"),
    Index("ix_instance_parent", "parent_id", "parent_activation", postgresql_where=text("parent_id is not null")),
    Index("ix_instance_incident", "id", postgresql_where=text("open_incidents > 0")),
    Index("ix_instance_choices", "id", postgresql_where=text("choices <> '{}'")),
    Index(
        "uq_instance_lifecycle",
        "record_object",
        "record_id",
        unique=True,
        postgresql_where=text("lifecycle and ended_at is null"),
    ),
    info=ROOM,
)

instance_value = Table(
    "instance_value",
    metadata,
    Column("instance_id", Uuid, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    info=ROOM,
)

incident = Table(
    "incident",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id")),
    Column("activation", BigInteger),
    Column("node_id", TextColumn, nullable=False),
    Column("message_id", Uuid),
    Column("outbox_id", Uuid),
    Column("branch_id", Uuid),
    Column("process_key", TextColumn, nullable=False),
    Column("kind", TextColumn, nullable=False),
    Column("message_zh", TextColumn, nullable=False),
    Column("message_en", TextColumn, nullable=False),
    Column("detail", TextColumn, nullable=False, server_default=""),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", TextColumn),
    Column("resolution", TextColumn),
    Index("ix_incident_instance", "instance_id", "activation"),
    Index("ix_incident_open", "id", postgresql_where=text("resolved_at is null")),
    info=ROOM,
)

migration_batch = Table(
    "migration_batch",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("from_version_id", Uuid, ForeignKey("process_version.id"), nullable=False),
    Column("to_version_id", Uuid, ForeignKey("process_version.id"), nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("created_by", TextColumn, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info=ROOM,
)

migration_undo = Table(
    "migration_undo",
    metadata,
    Column("batch_id", Uuid, ForeignKey("migration_batch.id"), primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("lock_version", Integer, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    info=ROOM,
)
