"""Create workflow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.kernel.append_only import forbid_changes

revision = "workflow_0001"
down_revision = None
branch_labels = ("workflow",)
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    _deployment()
    _message()
    _process()
    _substitution()
    _task_cc()
    _task_event()
    _task_turn()
    _task_vote()
    _working_calendar()
    _decision_version()
    _deployment_resource()
    _message_delivery()
    _process_version()
    _instance()
    _migration_batch()
    _start_subscription()
    _incident()
    _migration_undo()
    _subscription()
    _timer()
    _user_task()
    _workflow_job()
    _task_candidate()
    forbid_changes("task_vote", "task_event")


def _deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.Column("deployed_by_name", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('waiting', 'active', 'refused')", name=op.f("ck_deployment_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_deployment_waiting", "deployment", ["id"], unique=False, postgresql_where=sa.text("status = 'waiting'")
    )


def _message() -> None:
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
    op.create_index(
        "ix_message_buffered", "message", ["name", "id"], unique=False, postgresql_where=sa.text("status = 'buffered'")
    )
    op.create_index(
        "ix_message_expiry", "message", ["expires_at"], unique=False, postgresql_where=sa.text("status = 'buffered'")
    )
    op.create_index("ix_message_new", "message", ["next_at"], unique=False, postgresql_where=sa.text("status = 'new'"))
    op.create_index(
        "ix_message_target",
        "message",
        ["source_instance_id", "activation"],
        unique=False,
        postgresql_where=sa.text("kind = 'internal'"),
    )


def _process() -> None:
    op.create_table(
        "process",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("latest_version_id", sa.Uuid(), nullable=True),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process")),
        info={"room": "workflow"},
    )


def _substitution() -> None:
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
    op.create_index("ix_substitution_user", "substitution", ["user_id", "ends_at"], unique=False)


def _task_cc() -> None:
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
    op.create_index("ix_task_cc_user", "task_cc", ["user_id", "id"], unique=False)


def _task_event() -> None:
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
    op.create_index("ix_task_event_instance", "task_event", ["instance_id", "id"], unique=False)
    op.create_index("ix_task_event_task", "task_event", ["task_id", "id"], unique=False)


def _task_turn() -> None:
    op.create_table(
        "task_turn",
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process_key", "node_id", "user_id", name=op.f("pk_task_turn")),
        info={"room": "workflow"},
    )


def _task_vote() -> None:
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
    op.create_index("ix_task_vote_instance", "task_vote", ["instance_id", "node_id"], unique=False)


def _working_calendar() -> None:
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


def _decision_version() -> None:
    op.create_table(
        "decision_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_decision_version_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_version")),
        sa.UniqueConstraint("decision_id", "number", name=op.f("uq_decision_version_decision_id_number")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_decision_version_deployment_id", "decision_version", ["deployment_id", "decision_id"], unique=False
    )


def _deployment_resource() -> None:
    op.create_table(
        "deployment_resource",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('bpmn', 'dmn', 'form')", name=op.f("ck_deployment_resource_kind")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_deployment_resource_deployment_id")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "name", name=op.f("pk_deployment_resource")),
        info={"room": "workflow"},
    )


def _message_delivery() -> None:
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
        unique=False,
        postgresql_where=sa.text("done_at is null"),
    )


def _process_version() -> None:
    op.create_table(
        "process_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("lifecycle", sa.Boolean(), nullable=False),
        sa.Column("money", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployment.id"], name=op.f("fk_process_version_deployment_id")),
        sa.ForeignKeyConstraint(["process_key"], ["process.key"], name=op.f("fk_process_version_process_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint("process_key", "number", name=op.f("uq_process_version_process_key_number")),
        info={"room": "workflow"},
    )
    op.create_index("ix_process_version_deployment_id", "process_version", ["deployment_id"], unique=False)


def _instance() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("record_object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("lifecycle", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("parent_activation", sa.BigInteger(), nullable=True),
        sa.Column("starter", sa.Text(), nullable=False),
        sa.Column("starter_kind", sa.Text(), nullable=False),
        sa.Column("starter_name", sa.Text(), nullable=False),
        sa.Column("pinned", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("open_incidents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'active') = (ended_at is null)", name=op.f("ck_instance_ended")),
        sa.CheckConstraint(
            "status in ('active', 'completed', 'cancelled', 'terminated')", name=op.f("ck_instance_status")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_instance_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
        info={"room": "workflow"},
    )
    op.create_index("ix_instance_branch", "instance", ["branch_id", "id"], unique=False)
    op.create_index(
        "ix_instance_incident", "instance", ["id"], unique=False, postgresql_where=sa.text("open_incidents > 0")
    )
    op.create_index(
        "ix_instance_parent",
        "instance",
        ["parent_id", "parent_activation"],
        unique=False,
        postgresql_where=sa.text("parent_id is not null"),
    )
    op.create_index("ix_instance_process", "instance", ["process_key", "id"], unique=False)
    op.create_index(
        "ix_instance_record",
        "instance",
        ["record_object", "record_id", "id"],
        unique=False,
        postgresql_where=sa.text("record_id is not null"),
    )
    op.create_index("ix_instance_starter", "instance", ["starter", "id"], unique=False)
    op.create_index(
        "ix_instance_version",
        "instance",
        ["version_id", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        "uq_instance_lifecycle",
        "instance",
        ["record_object", "record_id"],
        unique=True,
        postgresql_where=sa.text("lifecycle and ended_at is null"),
    )


def _migration_batch() -> None:
    op.create_table(
        "migration_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_version_id", sa.Uuid(), nullable=False),
        sa.Column("to_version_id", sa.Uuid(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["process_version.id"], name=op.f("fk_migration_batch_from_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["process_version.id"], name=op.f("fk_migration_batch_to_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_batch")),
        info={"room": "workflow"},
    )


def _start_subscription() -> None:
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
    op.create_index("ix_start_subscription_lookup", "start_subscription", ["kind", "name"], unique=False)


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("activation", sa.BigInteger(), nullable=True),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_incident_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        info={"room": "workflow"},
    )
    op.create_index("ix_incident_instance", "incident", ["instance_id", "activation"], unique=False)
    op.create_index(
        "ix_incident_open", "incident", ["id"], unique=False, postgresql_where=sa.text("resolved_at is null")
    )


def _migration_undo() -> None:
    op.create_table(
        "migration_undo",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("lock_version", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["migration_batch.id"], name=op.f("fk_migration_undo_batch_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_migration_undo_instance_id")),
        sa.PrimaryKeyConstraint("batch_id", "instance_id", name=op.f("pk_migration_undo")),
        info={"room": "workflow"},
    )


def _subscription() -> None:
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
    op.create_index("ix_subscription_lookup", "subscription", ["kind", "name", "key"], unique=False)


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.Column("activation", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind in ('event', 'reminder', 'start')", name=op.f("ck_timer_kind")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_timer_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        info={"room": "workflow"},
    )
    op.create_index("ix_timer_due", "timer", ["due_at"], unique=False, postgresql_where=sa.text("not is_paused"))
    op.create_index("ix_timer_instance", "timer", ["instance_id", "activation"], unique=False)
    op.create_index(
        "ix_timer_task", "timer", ["task_id"], unique=False, postgresql_where=sa.text("task_id is not null")
    )


def _user_task() -> None:
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
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "completed_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'done'"),
    )
    op.create_index(
        "ix_user_task_due",
        "user_task",
        ["assignee", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_user_task_instance", "user_task", ["instance_id", "activation"], unique=False)
    op.create_index(
        "ix_user_task_parent",
        "user_task",
        ["parent_id"],
        unique=False,
        postgresql_where=sa.text("parent_id is not null"),
    )
    op.create_index(
        "ix_user_task_record",
        "user_task",
        ["object", "record_id"],
        unique=False,
        postgresql_where=sa.text("status in ('open', 'waiting') and record_id is not null"),
    )
    op.create_index(
        "ix_user_task_todo",
        "user_task",
        ["assignee", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open' and assignee is not null"),
    )
    op.create_index(
        "uq_user_task_activation",
        "user_task",
        ["instance_id", "activation"],
        unique=True,
        postgresql_where=sa.text("kind = 'task' and status in ('open', 'waiting')"),
    )


def _workflow_job() -> None:
    op.create_table(
        "workflow_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("activation", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('external', 'outbound')", name=op.f("ck_workflow_job_kind")),
        sa.CheckConstraint("status in ('queued', 'leased', 'failed')", name=op.f("ck_workflow_job_status")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_workflow_job_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_job")),
        sa.UniqueConstraint("instance_id", "activation", name=op.f("uq_workflow_job_instance_id_activation")),
        info={"room": "workflow"},
    )
    op.create_index(
        "ix_workflow_job_due",
        "workflow_job",
        ["kind", "type", "next_at"],
        unique=False,
        postgresql_where=sa.text("status <> 'failed'"),
    )


def _task_candidate() -> None:
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
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index("ix_task_candidate_task_id", "task_candidate", ["task_id"], unique=False)
