"""What roles, rules and principals may do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def principal_grant() -> None:
    """Creates ``principal_grant``."""
    op.create_table(
        "principal_grant",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("principal", "object", name=op.f("pk_principal_grant")),
        info={"room": "metadata"},
    )


def field_grant() -> None:
    """Creates ``field_grant``."""
    op.create_table(
        "field_grant",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('none', 'masked', 'read', 'write')", name=op.f("ck_field_grant_level")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_field_grant_role")),
        sa.PrimaryKeyConstraint("role", "object", "field", name=op.f("pk_field_grant")),
        info={"room": "metadata"},
    )


def object_grant() -> None:
    """Creates ``object_grant``."""
    op.create_table(
        "object_grant",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("where", sa.Text(), nullable=True),
        sa.Column("is_shipped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_object_grant_role")),
        sa.PrimaryKeyConstraint("role", "object", name=op.f("pk_object_grant")),
        info={"room": "metadata"},
    )


def forbid_rule() -> None:
    """Creates ``forbid_rule``."""
    op.create_table(
        "forbid_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("where", sa.Text(), nullable=True),
        sa.Column("fields", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("num_nonnulls(role, user_id) = 1", name=op.f("ck_forbid_rule_one_target")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_forbid_rule_role")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_forbid_rule_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forbid_rule")),
        info={"room": "metadata"},
    )


def record_share() -> None:
    """Creates ``record_share``."""
    op.create_table(
        "record_share",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("can_update", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_record_share_user_id")),
        sa.PrimaryKeyConstraint("object", "record_id", "user_id", name=op.f("pk_record_share")),
        info={"room": "metadata"},
    )
    op.create_index("ix_record_share_user", "record_share", ["user_id", "object"])


def sharing_rule() -> None:
    """Creates ``sharing_rule``."""
    op.create_table(
        "sharing_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("can_update", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("num_nonnulls(role, group_id) = 1", name=op.f("ck_sharing_rule_one_receiver")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_sharing_rule_branch_id")),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.id"], name=op.f("fk_sharing_rule_group_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_sharing_rule_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_rule")),
        info={"room": "metadata"},
    )


def task_grant() -> None:
    """Creates ``task_grant``."""
    op.create_table(
        "task_grant",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_task_grant_user_id")),
        sa.PrimaryKeyConstraint("task_id", "user_id", name=op.f("pk_task_grant")),
        info={"room": "metadata"},
    )
    op.create_index("ix_task_grant_user", "task_grant", ["user_id", "object"])
