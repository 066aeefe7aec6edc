"""Create connectors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    _connector()
    _outbox_hold()
    _suppression()
    _connector_health()
    _inbox()
    _orphan_receipt()
    _outbox()
    _outbox_part()


def _connector() -> None:
    op.create_table(
        "connector",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("hook_token", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connector")),
        sa.UniqueConstraint("hook_token", name=op.f("uq_connector_hook_token")),
        info={"room": "kernel"},
    )


def _outbox_hold() -> None:
    op.create_table(
        "outbox_hold",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_outbox_hold_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_hold")),
        info={"room": "kernel"},
    )


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", "category", name=op.f("pk_suppression")),
        info={"room": "kernel"},
    )


def _connector_health() -> None:
    op.create_table(
        "connector_health",
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "skews", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tokens", sa.Float(), nullable=True),
        sa.Column("tokens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('ok', 'degraded', 'down', 'disabled')", name=op.f("ck_connector_health_state")),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name=op.f("fk_connector_health_connector_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connector_id", name=op.f("pk_connector_health")),
        info={"room": "kernel"},
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_time_raw", sa.Text(), nullable=False),
        sa.Column("realtime", sa.Boolean(), nullable=False),
        sa.Column("correlation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('new', 'done', 'quarantined', 'discarded', 'dead')", name=op.f("ck_inbox_state")),
        sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=op.f("fk_inbox_connector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("connector_id", "dedupe_key", name=op.f("uq_inbox_connector_id_dedupe_key")),
        info={"room": "kernel"},
    )
    op.create_index(
        "ix_inbox_attention",
        "inbox",
        ["connector_id", "id"],
        postgresql_where=sa.text("state IN ('quarantined', 'dead')"),
    )
    op.create_index("ix_inbox_due", "inbox", ["next_at", "id"], postgresql_where=sa.text("state = 'new'"))


def _orphan_receipt() -> None:
    op.create_table(
        "orphan_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("segment", sa.SmallInteger(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=op.f("fk_orphan_receipt_connector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orphan_receipt")),
        info={"room": "kernel"},
    )
    op.create_index("ix_orphan_receipt_provider", "orphan_receipt", ["connector_id", "provider_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=True),
        sa.Column("ordering_key", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_token", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'unknown', 'delivered', 'failed', 'dead', 'expired', 'suppressed')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["connector_id"], ["connector.id"], name=op.f("fk_outbox_connector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_idempotency_key")),
        sa.UniqueConstraint("reply_token", name=op.f("uq_outbox_reply_token")),
        info={"room": "kernel"},
    )
    _outbox_indexes()


def _outbox_indexes() -> None:
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["connector_id", "next_at", "id"],
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_outbox_instance",
        "outbox",
        ["instance_id", "id"],
        postgresql_where=sa.text("instance_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_ordering",
        "outbox",
        ["ordering_key", "id"],
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index("ix_outbox_recipient", "outbox", ["recipient", "id"])
    op.create_index("ix_outbox_sending", "outbox", ["lease_until"], postgresql_where=sa.text("state = 'sending'"))


def _outbox_part() -> None:
    op.create_table(
        "outbox_part",
        sa.Column("outbox_id", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.SmallInteger(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_part_outbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outbox_id", "segment", name=op.f("pk_outbox_part")),
        info={"room": "kernel"},
    )
    op.create_index("ix_outbox_part_provider", "outbox_part", ["provider_id", "sent_at"])
