"""What was done by the clock: one row for each duty, place and period."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, text
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

duty_run = Table(
    "duty_run",
    metadata,
    Column("name", TextColumn, primary_key=True),
    Column("place", TextColumn, primary_key=True),  # a branch's id, or "all"
    Column("period", TextColumn, primary_key=True),  # the local day 2026-09-01, or the interval's beginning in UTC
    Column("state", TextColumn, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("ran_at", DateTime(timezone=True), nullable=False),
    Column("retry_at", DateTime(timezone=True)),
    Column("result", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    CheckConstraint("state IN ('done', 'failed')", name="state"),
    Index("ix_duty_run_ran_at", "ran_at"),
    info={"room": "kernel"},
)
