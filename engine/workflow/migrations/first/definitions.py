"""Processes, their versions, decision tables and what was deployed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def deployment() -> None:
    """Creates ``deployment``."""
    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.Column("deployed_by_name", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('waiting', 'active', 'refused')", name=op.f("ck_deployment_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        info={"room": "workflow"},
    )
    op.create_index("ix_deployment_waiting", "deployment", ["id"], postgresql_where=sa.text("status = 'waiting'"))


def process() -> None:
    """Creates ``process``."""
    op.create_table(
        "process",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("latest_version_id", sa.Uuid(), nullable=True),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process")),
        info={"room": "workflow"},
    )


def decision_version() -> None:
    """Creates ``decision_version``."""
    op.create_table(
        "decision_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_decision_version_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_version")),
        sa.UniqueConstraint("decision_id", "number", name=op.f("uq_decision_version_decision_id_number")),
        info={"room": "workflow"},
    )
    op.create_index("ix_decision_version_deployment_id", "decision_version", ["deployment_id", "decision_id"])


def deployment_resource() -> None:
    """Creates ``deployment_resource``."""
    op.create_table(
        "deployment_resource",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('bpmn', 'dmn', 'form')", name=op.f("ck_deployment_resource_kind")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_deployment_resource_deployment_id")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "name", name=op.f("pk_deployment_resource")),
        info={"room": "workflow"},
    )


def process_version() -> None:
    """Creates ``process_version``."""
    op.create_table(
        "process_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("lifecycle", sa.Boolean(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_process_version_deployment_id")),
        sa.ForeignKeyConstraint(["process_key"], ["process.key"], name=op.f("fk_process_version_process_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint("process_key", "number", name=op.f("uq_process_version_process_key_number")),
        info={"room": "workflow"},
    )
    op.create_index("ix_process_version_deployment_id", "process_version", ["deployment_id"])
