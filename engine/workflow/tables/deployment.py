"""What was deployed: a deployment holds files; versions of processes and decisions point into it.

A `process_overlay` is what one branch changes in a process: `tasks` by node id, decision tables and forms in `files`.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}

deployment = Table(
    "deployment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", TextColumn, nullable=False),
    Column("tag", TextColumn),
    Column("status", TextColumn, nullable=False),
    Column("money", Boolean, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("deployed_by", TextColumn, nullable=False),
    Column("deployed_by_name", TextColumn, nullable=False),
    Column("deployed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", TextColumn),
    Column("approved_by_name", TextColumn),
    Column("approved_at", DateTime(timezone=True)),
    Column("flag", TextColumn),
    CheckConstraint("status in ('waiting', 'active', 'refused')", name="status"),
    Index("ix_deployment_waiting", "id", postgresql_where=text("status = 'waiting'")),
    info=ROOM,
)

deployment_resource = Table(
    "deployment_resource",
    metadata,
    Column("deployment_id", Uuid, ForeignKey("deployment.id"), primary_key=True),
    Column("name", TextColumn, primary_key=True),
    Column("kind", TextColumn, nullable=False),
    Column("content", TextColumn, nullable=False),
    Column("hash", TextColumn, nullable=False),
    CheckConstraint("kind in ('bpmn', 'dmn', 'form', 'import')", name="kind"),
    info=ROOM,
)

process = Table(
    "process",
    metadata,
    Column("key", TextColumn, primary_key=True),
    Column("name", TextColumn, nullable=False),
    Column("latest_version_id", Uuid),
    Column("record_object", TextColumn),
    Column("money", Boolean, nullable=False),
    Column("is_paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info=ROOM,
)

process_version = Table(
    "process_version",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("process_key", TextColumn, ForeignKey("process.key"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("tag", TextColumn),
    Column("deployment_id", Uuid, ForeignKey("deployment.id"), nullable=False),
    Column("resource", TextColumn, nullable=False),
    Column("hash", TextColumn, nullable=False),
    Column("principal", TextColumn, nullable=False),
    Column("record_object", TextColumn),
    Column("lifecycle", Boolean, nullable=False),
    Column("money", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("process_key", "number"),
    Index("ix_process_version_deployment_id", "deployment_id"),
    info=ROOM,
)

decision_version = Table(
    "decision_version",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("decision_id", TextColumn, nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("tag", TextColumn),
    Column("deployment_id", Uuid, ForeignKey("deployment.id"), nullable=False),
    Column("resource", TextColumn, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("decision_id", "number"),
    Index("ix_decision_version_deployment_id", "deployment_id", "decision_id"),
    info=ROOM,
)

process_overlay = Table(
    "process_overlay",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("process_key", TextColumn, ForeignKey("process.key"), nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version_id", Uuid, ForeignKey("process_version.id"), nullable=False),
    Column("status", TextColumn, nullable=False),
    Column("tasks", JSONB, nullable=False),
    Column("files", JSONB, nullable=False),
    Column("saved_by", TextColumn, nullable=False),
    Column("saved_by_name", TextColumn, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", TextColumn),
    Column("decided_by_name", TextColumn),
    Column("decided_at", DateTime(timezone=True)),
    CheckConstraint("status in ('waiting', 'active', 'replaced', 'refused', 'withdrawn')", name="status"),
    UniqueConstraint("process_key", "branch_id", "number"),
    Index(
        "uq_process_overlay_active",
        "process_key",
        "branch_id",
        unique=True,
        postgresql_where=text("status = 'active'"),
    ),
    info=ROOM,
)
