"""User tasks with everything the inbox shows; written in the same transaction as the step that opens them.

Ids are time-ordered, so `id` is the key of every keyset. `kind` `before` and `after` are signers added to `parent_id`.
`result` keeps the packed answer of a task that waits for its `after` signers, and with the vote that decided a
countersign what that was before. `host`: the multi-instance activation.
`annulled_at`: what was decided here counts no more, for it was taken back or the case returned to an earlier task.
`rounds`: activations of the rounds of loops and multi-instance bodies around the task, innermost first.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from engine.kernel.database import metadata

ROOM = {"room": "workflow"}
_LIVE = "status in ('open', 'waiting')"

user_task = Table(
    "user_task",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("instance_id", Uuid, ForeignKey("instance.id"), nullable=False),
    Column("activation", BigInteger, nullable=False),
    Column("host", BigInteger),
    Column("item", Integer),
    Column("node_id", TextColumn, nullable=False),
    Column("process_key", TextColumn, nullable=False),
    Column("kind", TextColumn, nullable=False),
    Column("parent_id", Uuid),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("status", TextColumn, nullable=False),
    Column("title", TextColumn, nullable=False),
    Column("name", TextColumn, nullable=False),
    Column("form", TextColumn, nullable=False, server_default=""),
    Column("branch_id", Uuid),
    Column("object", TextColumn),
    Column("record_id", Uuid),
    Column("assignee", TextColumn),
    Column("delegated_by", TextColumn),
    Column("acting_for", JSONB, nullable=False, server_default=text("'{}'")),
    Column("priority", SmallInteger, nullable=False, server_default=text("50")),
    Column("due_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("claimed_at", DateTime(timezone=True)),
    Column("urged_at", DateTime(timezone=True)),
    Column("draft", JSONB),
    Column("result", LargeBinary),
    Column("outcome", TextColumn),
    Column("comment", TextColumn),
    Column("completed_at", DateTime(timezone=True)),
    Column("completed_by", TextColumn),
    Column("completed_by_name", TextColumn),
    Column("annulled_at", DateTime(timezone=True)),
    Column("rounds", ARRAY(BigInteger), nullable=False, server_default=text("'{}'::bigint[]")),
    CheckConstraint("status in ('open', 'waiting', 'done', 'cancelled')", name="status"),
    CheckConstraint("kind in ('task', 'before', 'after')", name="kind"),
    Index("ix_user_task_todo", "assignee", "id", postgresql_where=text("status = 'open' and assignee is not null")),
    Index("ix_user_task_due", "assignee", "due_at", "id", postgresql_where=text("status = 'open'")),
    Index("ix_user_task_done", "completed_by", "completed_at", "id", postgresql_where=text("status = 'done'")),
    Index("ix_user_task_instance", "instance_id", "activation"),
    Index("ix_user_task_record", "object", "record_id", postgresql_where=text(f"{_LIVE} and record_id is not null")),
    Index("ix_user_task_parent", "parent_id", postgresql_where=text("parent_id is not null")),
    Index(
        "uq_user_task_activation",
        "instance_id",
        "activation",
        unique=True,
        postgresql_where=text(f"kind = 'task' and {_LIVE}"),
    ),
    info=ROOM,
)

task_candidate = Table(
    "task_candidate",
    metadata,
    Column("user_id", TextColumn, primary_key=True),
    Column("task_id", Uuid, ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True),
    Column("is_open", Boolean, nullable=False),
    Index("ix_task_candidate_open", "user_id", "task_id", postgresql_where=text("is_open")),
    Index("ix_task_candidate_task_id", "task_id"),
    info=ROOM,
)

task_vote = Table(
    "task_vote",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("instance_id", Uuid, nullable=False),
    Column("task_id", Uuid, nullable=False),
    Column("node_id", TextColumn, nullable=False),
    Column("user_id", TextColumn, nullable=False),
    Column("user_name", TextColumn, nullable=False),
    Column("person", TextColumn, nullable=False),
    Column("acting_for", TextColumn),
    Column("acting_for_person", TextColumn),
    Column("outcome", TextColumn, nullable=False),
    Column("comment", TextColumn, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_task_vote_instance", "instance_id", "node_id"),
    UniqueConstraint("task_id"),
    info={**ROOM, "append_only": True},
)

task_cc = Table(
    "task_cc",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, nullable=False),
    Column("instance_id", Uuid, nullable=False),
    Column("user_id", TextColumn, nullable=False),
    Column("by_user", TextColumn, nullable=False),
    Column("comment", TextColumn, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Index("ix_task_cc_user", "user_id", "id"),
    UniqueConstraint("task_id", "user_id"),
    info=ROOM,
)

task_event = Table(
    "task_event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, nullable=False),
    Column("instance_id", Uuid, nullable=False),
    Column("kind", TextColumn, nullable=False),
    Column("by_id", TextColumn, nullable=False),
    Column("by_name", TextColumn, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("comment", TextColumn, nullable=False),
    Column("data", JSONB, nullable=False),
    Index("ix_task_event_task", "task_id", "id"),
    Index("ix_task_event_instance", "instance_id", "id"),
    info={**ROOM, "append_only": True},
)
