"""Messages, and who waits for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def message() -> None:
    """Creates ``message``."""
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source_instance_id", sa.Uuid(), nullable=True),
        sa.Column("target_instance_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activation", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("delivered_to", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('message', 'signal', 'internal')", name=op.f("ck_message_kind")),
        sa.CheckConstraint(
            "status in ('new', 'buffered', 'done', 'expired', 'ambiguous', 'dead')", name=op.f("ck_message_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        info={"room": "workflow"},
    )
    op.create_index("ix_message_buffered", "message", ["name", "id"], postgresql_where=sa.text("status = 'buffered'"))
    op.create_index("ix_message_expiry", "message", ["expires_at"], postgresql_where=sa.text("status = 'buffered'"))
    op.create_index("ix_message_new", "message", ["next_at"], postgresql_where=sa.text("status = 'new'"))
    op.create_index(
        "ix_message_target",
        "message",
        ["source_instance_id", "activation"],
        postgresql_where=sa.text("kind = 'internal'"),
    )


def message_delivery() -> None:
    """Creates ``message_delivery``."""
    op.create_table(
        "message_delivery",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("activation", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_delivery_message_id")),
        sa.PrimaryKeyConstraint("message_id", "instance_id", "activation", name=op.f("pk_message_delivery")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_message_delivery_due",
        "message_delivery",
        ["next_at"],
        postgresql_where=sa.text("done_at is null"),
    )


def start_subscription() -> None:
    """Creates ``start_subscription``."""
    op.create_table(
        "start_subscription",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('message', 'signal')", name=op.f("ck_start_subscription_kind")),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_start_subscription_version_id")),
        sa.PrimaryKeyConstraint("version_id", "node_id", "position", name=op.f("pk_start_subscription")),
        info={"room": "workflow"},
    )
    op.create_index("ix_start_subscription_lookup", "start_subscription", ["kind", "name"])


def subscription() -> None:
    """Creates ``subscription``."""
    op.create_table(
        "subscription",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("activation", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('message', 'signal')", name=op.f("ck_subscription_kind")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_subscription_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "activation", name=op.f("pk_subscription")),
        info={"room": "workflow"},
    )
    op.create_index("ix_subscription_lookup", "subscription", ["kind", "name", "key"])
