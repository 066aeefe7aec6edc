"""Instances, their timers, jobs and incidents, and moves between versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def instance() -> None:
    """Creates ``instance``."""
    op.create_table(
        "instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("lifecycle", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("parent_activation", sa.BigInteger(), nullable=True),
        sa.Column("starter", sa.Text(), nullable=False),
        sa.Column("starter_kind", sa.Text(), nullable=False),
        sa.Column("starter_name", sa.Text(), nullable=False),
        sa.Column("pinned", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("open_incidents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'active') = (ended_at is null)", name=op.f("ck_instance_ended")),
        sa.CheckConstraint(
            "status in ('active', 'completed', 'cancelled', 'terminated')", name=op.f("ck_instance_status")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_instance_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        info={"room": "workflow"},
    )
    _instance_indexes()


def _instance_indexes() -> None:
    op.create_index("ix_instance_branch", "instance", ["branch_id", "id"])
    op.create_index("ix_instance_incident", "instance", ["id"], postgresql_where=sa.text("open_incidents > 0"))
    op.create_index(
        "ix_instance_parent",
        "instance",
        ["parent_id", "parent_activation"],
        postgresql_where=sa.text("parent_id is not null"),
    )
    op.create_index("ix_instance_process", "instance", ["process_key", "id"])
    op.create_index(
        "ix_instance_record",
        "instance",
        ["record_object", "record_id", "id"],
        postgresql_where=sa.text("record_id is not null"),
    )
    op.create_index("ix_instance_starter", "instance", ["starter", "id"])
    op.create_index(
        "ix_instance_version",
        "instance",
        ["version_id", "id"],
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        "uq_instance_lifecycle",
        "instance",
        ["record_object", "record_id"],
        unique=True,
        postgresql_where=sa.text("lifecycle and ended_at is null"),
    )


def migration_batch() -> None:
    """Creates ``migration_batch``."""
    op.create_table(
        "migration_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_version_id", sa.Uuid(), nullable=False),
        sa.Column("to_version_id", sa.Uuid(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["process_version.id"], name=op.f("fk_migration_batch_from_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["process_version.id"], name=op.f("fk_migration_batch_to_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_batch")),
        info={"room": "workflow"},
    )


def incident() -> None:
    """Creates ``incident``."""
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("activation", sa.BigInteger(), nullable=True),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_incident_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        info={"room": "workflow"},
    )
    op.create_index("ix_incident_instance", "incident", ["instance_id", "activation"])
    op.create_index("ix_incident_open", "incident", ["id"], postgresql_where=sa.text("resolved_at is null"))


def migration_undo() -> None:
    """Creates ``migration_undo``."""
    op.create_table(
        "migration_undo",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["migration_batch.id"], name=op.f("fk_migration_undo_batch_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_migration_undo_instance_id")),
        sa.PrimaryKeyConstraint("batch_id", "instance_id", name=op.f("pk_migration_undo")),
        info={"room": "workflow"},
    )


def timer() -> None:
    """Creates ``timer``."""
    op.create_table(
        "timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("activation", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind in ('event', 'reminder', 'start')", name=op.f("ck_timer_kind")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_timer_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        info={"room": "workflow"},
    )
    op.create_index("ix_timer_due", "timer", ["due_at"], postgresql_where=sa.text("not is_paused"))
    op.create_index("ix_timer_instance", "timer", ["instance_id", "activation"])
    op.create_index("ix_timer_task", "timer", ["task_id"], postgresql_where=sa.text("task_id is not null"))


def workflow_job() -> None:
    """Creates ``workflow_job``."""
    op.create_table(
        "workflow_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("activation", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('external', 'outbound')", name=op.f("ck_workflow_job_kind")),
        sa.CheckConstraint("status in ('queued', 'leased', 'failed')", name=op.f("ck_workflow_job_status")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_workflow_job_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_job")),
        sa.UniqueConstraint("instance_id", "activation", name=op.f("uq_workflow_job_instance_id_activation")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_workflow_job_due",
        "workflow_job",
        ["kind", "type", "next_at"],
        postgresql_where=sa.text("status <> 'failed'"),
    )
