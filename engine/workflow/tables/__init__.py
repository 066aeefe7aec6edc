"""Tables of the workflow room."""

from engine.workflow.tables.correlation import message, message_delivery, start_subscription, subscription
from engine.workflow.tables.deployment import (
    decision_version,
    deployment,
    deployment_resource,
    process,
    process_overlay,
    process_version,
)
from engine.workflow.tables.instance import incident, instance, instance_value, migration_batch, migration_undo
from engine.workflow.tables.people import substitution, task_turn, working_calendar
from engine.workflow.tables.schedule import timer, workflow_job
from engine.workflow.tables.store import data_store
from engine.workflow.tables.task import task_candidate, task_cc, task_event, task_vote, user_task

__all__ = [
    "data_store",
    "decision_version",
    "deployment",
    "deployment_resource",
    "incident",
    "instance",
    "instance_value",
    "message",
    "message_delivery",
    "migration_batch",
    "migration_undo",
    "process",
    "process_overlay",
    "process_version",
    "start_subscription",
    "subscription",
    "substitution",
    "task_candidate",
    "task_cc",
    "task_event",
    "task_turn",
    "task_vote",
    "timer",
    "user_task",
    "workflow_job",
    "working_calendar",
]
