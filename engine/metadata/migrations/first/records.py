"""Custom records, field registry, overlays and counters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def metadata_epoch() -> None:
    """Creates ``metadata_epoch``."""
    op.create_table(
        "metadata_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_metadata_epoch_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_epoch")),
        info={"room": "metadata"},
    )


def number_counter() -> None:
    """Creates ``number_counter``."""
    op.create_table(
        "number_counter",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("object", "field", "prefix", name=op.f("pk_number_counter")),
        info={"room": "metadata"},
    )


def field_registry() -> None:
    """Creates ``field_registry``."""
    op.create_table(
        "field_registry",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("owner_branch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["owner_branch_id"], ["branch.id"], name=op.f("fk_field_registry_owner_branch_id")),
        sa.PrimaryKeyConstraint("object", "field", name=op.f("pk_field_registry")),
        info={"room": "metadata"},
    )


def overlay() -> None:
    """Creates ``overlay``."""
    op.create_table(
        "overlay",
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("patch", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_overlay_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "object", "revision", name=op.f("pk_overlay")),
        info={"room": "metadata"},
    )
    op.create_index(
        "ux_overlay_current", "overlay", ["branch_id", "object"], unique=True, postgresql_where=sa.text("is_current")
    )


def custom_record() -> None:
    """Creates ``custom_record``."""
    op.create_table(
        "custom_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_custom_record_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_custom_record_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_record")),
        info={"room": "metadata"},
    )
    op.create_index(
        "ix_custom_record_object",
        "custom_record",
        ["object", "branch_id", "id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_custom_record_search",
        "custom_record",
        [sa.literal_column("search_grams(search)")],
        postgresql_using="gin",
    )
