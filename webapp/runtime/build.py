"""The engine's runtime of this school."""

from connectors import events
from engine.kernel.connector import EventSpec
from engine.workflow.calendars import calendar_of
from engine.workflow.organisation import OrganisationDirectory, OrganisationRecords
from engine.workflow.runtime import Runtime
from processes.registry import Registry
from webapp.runtime.gate import surroundings_of
from webapp.runtime.messages import Messages
from webapp.runtime.rights import ProcessRights
from webapp.runtime.task_forms import TaskForms


def build_runtime(registry: Registry) -> Runtime:
    """Handlers, people, records, rights, forms and message texts, from what was discovered."""
    return Runtime(
        handlers=registry.handlers(),
        directory=OrganisationDirectory,
        records=OrganisationRecords(),
        access=ProcessRights(registry),
        forms=TaskForms(registry),
        calendar=calendar_of,
        compose=Messages(registry),
        surroundings=surroundings_of(registry),
        reserved_messages=frozenset(event.name for event in vars(events).values() if isinstance(event, EventSpec)),
    )
