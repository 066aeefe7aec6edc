"""What becomes due by itself: timers and jobs. Rows are leased in batches with SKIP LOCKED."""

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}

timer = Table(
    "timer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id")),
    Column("activation", BigInteger),
    Column("kind", TextColumn, nullable=False),
    Column("reference", TextColumn, nullable=False),
    Column("task_id", Uuid),
    Column("version_id", Uuid, ForeignKey("process_version.id")),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("data", JSONB, nullable=False, server_default=text("'{}'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("kind in ('event', 'reminder', 'start')", name="kind"),
    Index("ix_timer_due", "due_at", postgresql_where=text("not is_paused")),
    Index("ix_timer_instance", "instance_id", "activation"),
    Index("ix_timer_task", "task_id", postgresql_where=text("task_id is not null")),
    info=ROOM,
)

workflow_job = Table(
    "workflow_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id"), nullable=False),
    Column("activation", BigInteger, nullable=False),
    Column("node_id", TextColumn, nullable=False),
    Column("kind", TextColumn, nullable=False),
    Column("type", TextColumn, nullable=False),
    Column("status", TextColumn, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("lease_until", DateTime(timezone=True)),
    Column("worker", TextColumn),
    Column("inputs", LargeBinary, nullable=False),
    Column("error", TextColumn),
    CheckConstraint("kind in ('external', 'outbound')", name="kind"),
    CheckConstraint("status in ('queued', 'leased', 'failed')", name="status"),
    Index("ix_workflow_job_due", "kind", "type", "next_at", postgresql_where=text("status <> 'failed'")),
    UniqueConstraint("instance_id", "activation"),
    info=ROOM,
)
