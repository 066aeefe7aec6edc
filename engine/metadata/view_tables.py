"""Lists that people saved: the question of a list under a name, for oneself or shared with a branch."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", sa.Uuid(), primary_key=True),
    Column("object", sa.Text(), nullable=False),
    Column("user_id", sa.Uuid(), ForeignKey("app_user.id"), nullable=False),
    Column("branch_id", sa.Uuid(), ForeignKey("branch.id")),
    Column("name", sa.Text(), nullable=False),
    Column("parameters", JSONB(), nullable=False),
    Index("ix_saved_view_user", "user_id", "object"),
    Index("ix_saved_view_branch", "branch_id", "object"),
    info={"room": "metadata"},
)
