"""User tasks, their people, votes and turns; working calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def substitution() -> None:
    """Creates ``substitution``."""
    op.create_table(
        "substitution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("substitute_id", sa.Text(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_substitution_range")),
        sa.CheckConstraint("user_id <> substitute_id", name=op.f("ck_substitution_other")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        info={"room": "workflow"},
    )
    op.create_index("ix_substitution_user", "substitution", ["user_id", "ends_at"])


def task_cc() -> None:
    """Creates ``task_cc``."""
    op.create_table(
        "task_cc",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("by_user", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_cc")),
        sa.UniqueConstraint("task_id", "user_id", name=op.f("uq_task_cc_task_id_user_id")),
        info={"room": "workflow"},
    )
    op.create_index("ix_task_cc_user", "task_cc", ["user_id", "id"])


def task_event() -> None:
    """Creates ``task_event``."""
    op.create_table(
        "task_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_event")),
        info={"room": "workflow", "append_only": True},
    )
    op.create_index("ix_task_event_instance", "task_event", ["instance_id", "id"])
    op.create_index("ix_task_event_task", "task_event", ["task_id", "id"])


def task_turn() -> None:
    """Creates ``task_turn``."""
    op.create_table(
        "task_turn",
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process_key", "node_id", "user_id", name=op.f("pk_task_turn")),
        info={"room": "workflow"},
    )


def task_vote() -> None:
    """Creates ``task_vote``."""
    op.create_table(
        "task_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("acting_for_person", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_vote")),
        sa.UniqueConstraint("task_id", name=op.f("uq_task_vote_task_id")),
        info={"room": "workflow", "append_only": True},
    )
    op.create_index("ix_task_vote_instance", "task_vote", ["instance_id", "node_id"])


def working_calendar() -> None:
    """Creates ``working_calendar``."""
    op.create_table(
        "working_calendar",
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("weekdays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("holidays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("make_up_workdays", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", name=op.f("pk_working_calendar")),
        info={"room": "workflow"},
    )


def user_task() -> None:
    """Creates ``user_task``."""
    op.create_table(
        "user_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("activation", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.BigInteger(), nullable=True),
        sa.Column("item", sa.Integer(), nullable=True),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), server_default="", nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("delegated_by", sa.Text(), nullable=True),
        sa.Column(
            "acting_for", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("50"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("completed_by_name", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('task', 'before', 'after')", name=op.f("ck_user_task_kind")),
        sa.CheckConstraint("status in ('open', 'waiting', 'done', 'cancelled')", name=op.f("ck_user_task_status")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
        info={"room": "workflow"},
    )
    _user_task_indexes()


def _user_task_indexes() -> None:
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "completed_at", "id"],
        postgresql_where=sa.text("status = 'done'"),
    )
    op.create_index(
        "ix_user_task_due",
        "user_task",
        ["assignee", "due_at", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_user_task_instance", "user_task", ["instance_id", "activation"])
    op.create_index(
        "ix_user_task_parent",
        "user_task",
        ["parent_id"],
        postgresql_where=sa.text("parent_id is not null"),
    )
    op.create_index(
        "ix_user_task_record",
        "user_task",
        ["object", "record_id"],
        postgresql_where=sa.text("status in ('open', 'waiting') and record_id is not null"),
    )
    op.create_index(
        "ix_user_task_todo",
        "user_task",
        ["assignee", "id"],
        postgresql_where=sa.text("status = 'open' and assignee is not null"),
    )
    op.create_index(
        "uq_user_task_activation",
        "user_task",
        ["instance_id", "activation"],
        unique=True,
        postgresql_where=sa.text("kind = 'task' and status in ('open', 'waiting')"),
    )


def task_candidate() -> None:
    """Creates ``task_candidate``."""
    op.create_table(
        "task_candidate",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_task_candidate_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "task_id", name=op.f("pk_task_candidate")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_task_candidate_open",
        "task_candidate",
        ["user_id", "task_id"],
        postgresql_where=sa.text("is_open"),
    )
    op.create_index("ix_task_candidate_task_id", "task_candidate", ["task_id"])
