"""Create workflow."""

from engine.kernel.append_only import forbid_changes
from engine.workflow.migrations.first import definitions, instances, messages, tasks

revision = "workflow_0001"
down_revision = None
branch_labels = ("workflow",)
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    definitions.deployment()
    messages.message()
    definitions.process()
    tasks.substitution()
    tasks.task_cc()
    tasks.task_event()
    tasks.task_turn()
    tasks.task_vote()
    tasks.working_calendar()
    definitions.decision_version()
    definitions.deployment_resource()
    messages.message_delivery()
    definitions.process_version()
    instances.instance()
    instances.migration_batch()
    messages.start_subscription()
    instances.incident()
    instances.migration_undo()
    messages.subscription()
    instances.timer()
    tasks.user_task()
    instances.workflow_job()
    tasks.task_candidate()
    forbid_changes("task_vote", "task_event")
