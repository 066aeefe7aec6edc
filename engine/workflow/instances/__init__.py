"""Instances: start, look, operate, migrate."""

from engine.workflow.instances import adhoc
from engine.workflow.instances.batches import Batch, batches
from engine.workflow.instances.diagram import Diagram, diagram
from engine.workflow.instances.forgetting import forget_variables, kept_variables
from engine.workflow.instances.migrating import (
    MigrationPlan,
    MigrationResult,
    counterparts,
    migrate,
    open_batch,
    plan_migration,
    undo_migration,
)
from engine.workflow.instances.operating import (
    MovePreview,
    cancel,
    move,
    pass_join,
    resume,
    retry,
    set_variables,
    skip,
    suspend,
)
from engine.workflow.instances.places import Place, Places, places, standing_at
from engine.workflow.instances.reading import (
    InstancePage,
    InstanceQuery,
    InstanceView,
    get,
    history,
    search,
)
from engine.workflow.instances.starting import choices, start

__all__ = [
    "Batch",
    "Diagram",
    "InstancePage",
    "InstanceQuery",
    "InstanceView",
    "MigrationPlan",
    "MigrationResult",
    "MovePreview",
    "Place",
    "Places",
    "adhoc",
    "batches",
    "cancel",
    "choices",
    "counterparts",
    "diagram",
    "forget_variables",
    "get",
    "history",
    "kept_variables",
    "migrate",
    "move",
    "open_batch",
    "pass_join",
    "places",
    "plan_migration",
    "resume",
    "retry",
    "search",
    "set_variables",
    "skip",
    "standing_at",
    "start",
    "suspend",
    "undo_migration",
]
