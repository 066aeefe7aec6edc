"""Record tables in migrations: the columns and indexes every one was born with, said once.

Frozen with the first release: a later column of all record tables is a migration of its own, never a change here.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

_LIVE = sa.text("deleted_at IS NULL")


def create_record_table(name: str, *parts: SchemaItem, is_staged: bool = False) -> None:
    """A table of records: the common columns, then ``parts``. ``is_staged``: every record has a stage."""
    op.create_table(name, *_common_columns(is_staged), *parts, *_common_constraints(name))
    for suffix, column in (("branch", "branch_id"), ("owner", "owner_id"), ("sort_name", "sort_name")):
        op.create_index(f"ix_{name}_{suffix}", name, [column, "id"], postgresql_where=_LIVE)
    op.create_index(f"ix_{name}_search", name, [sa.literal_column("search_grams(search)")], postgresql_using="gin")


def create_read_indexes(table: str, *columns: str) -> None:
    """An index a column, in the order lists are read: by the column, then by id."""
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])


def create_unique_index(table: str, *columns: str) -> None:
    """No two records that are not deleted share these values; named after the last column."""
    op.create_index(f"ux_{table}_{columns[-1]}", table, list(columns), unique=True, postgresql_where=_LIVE)


def _common_columns(is_staged: bool) -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=not is_staged),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("custom", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
    ]


def _common_constraints(name: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f(f"fk_{name}_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f(f"fk_{name}_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    ]
