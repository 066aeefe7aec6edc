"""Working calendars of branches, substitutions while away (`is_over`: what was untouched has come back), and whose turn
it is."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, Index, Table, Uuid, text
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}

working_calendar = Table(
    "working_calendar",
    metadata,
    Column("branch_id", Uuid, primary_key=True),
    Column("zone", TextColumn, nullable=False),
    Column("weekdays", JSONB, nullable=False),
    Column("windows", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    Column("make_up_workdays", JSONB, nullable=False),
    info=ROOM,
)

substitution = Table(
    "substitution",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", TextColumn, nullable=False),
    Column("substitute_id", TextColumn, nullable=False),
    Column("process_key", TextColumn),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("created_by", TextColumn, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("is_over", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("user_id <> substitute_id", name="other"),
    CheckConstraint("ends_at > starts_at", name="range"),
    Index("ix_substitution_user", "user_id", "ends_at"),
    Index("ix_substitution_due", "ends_at", postgresql_where=text("not is_over")),
    info=ROOM,
)

task_turn = Table(
    "task_turn",
    metadata,
    Column("process_key", TextColumn, primary_key=True),
    Column("node_id", TextColumn, primary_key=True),
    Column("user_id", TextColumn, primary_key=True),
    Column("turn", BigInteger, nullable=False),
    info=ROOM,
)
