"""What the runner is given by the program around it: handlers, people, records, forms, rights, notices.

The composition root installs one `Runtime` per process; tests install their own. A transaction may carry another one in
its memo, so that two platforms can live in one process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from engine.kernel.actor import ActorKind
from engine.kernel.text import Text
from engine.workflow.assignees import Directory
from engine.workflow.calendar import DEFAULT_CALENDAR, WorkingCalendar
from engine.workflow.gate.surroundings import Surroundings
from engine.workflow.handlers import HandlerRegistry
from engine.workflow.interpreter.values import Value, Values

if TYPE_CHECKING:
    from engine.kernel.uow import Tx
    from engine.workflow.tasks.held import Held
    from engine.workflow.tasks.rows import TaskRow

MEMO = "workflow.runtime"
OPERATE = "operate_processes"
DEPLOY = "manage_processes"
VIEW = "view_processes"
PASS_APPROVAL = "pass_approvals"  # noqa: S105 - a right, not a password
START = "start_process"
SEND_MESSAGE = "send_message"


class Records(Protocol):
    """Records as the process's principal sees them. `object_key` is an object's key, `record_id` its row."""

    def read(self, tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Value]:
        """Field values by field id, with `id`, `branch_id`, `owner_id`, `stage`; empty when there is no such record."""

    def set_stage(self, tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
        """Write the record's stage."""


class Forms(Protocol):
    """Checks what a person fills into a task's form, and form files before they are deployed."""

    def check(self, held: Held, values: Values) -> Values:
        """The values of a task under lock as process variables, typed. Raises: UserError with `fields`."""

    def defects(self, name: str, content: str) -> tuple[Text, ...]:
        """What is wrong with a form's file; nothing when it can be used."""


class Access(Protocol):
    """Rights that are not about one task."""

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        """Whether tx.actor holds `right` in the branch: one of the names above; `start_process:<key>` for starting."""

    def branches(self, tx: Tx, right: str) -> frozenset[UUID] | None:
        """Branches where tx.actor holds the right, with all below; None: everywhere."""

    def may_read(self, tx: Tx, object_key: str, field: str) -> bool:
        """Whether tx.actor may read the field in full."""

    def grant_task(self, tx: Tx, task: TaskRow, user_id: str) -> None:
        """From now on the user may read the task's fields of its record."""

    def tasks_ended(self, tx: Tx, task_ids: Sequence[UUID]) -> None:
        """These tasks are closed: what they granted becomes read-only, then ends."""


class Notices(Protocol):
    """Tells people; called in the step's transaction, so it writes rows and does not send."""

    def tell(self, tx: Tx, kind: str, users: Sequence[str], task: TaskRow) -> None:
        """`kind`: `opened`, `urged`, `overdue`, `cc`, `returned`."""


class Calendars(Protocol):
    """Working calendars."""

    def __call__(self, tx: Tx, branch_id: UUID | None) -> WorkingCalendar: ...


class Compose(Protocol):
    """Makes the payload of an outside message from its template and inputs."""

    def __call__(
        self, tx: Tx, channel: str, template: str, recipient: str, inputs: Values, branch_id: UUID | None
    ) -> Mapping[str, Value]: ...


def plain_surroundings(tx: Tx, sources: Mapping[str, str]) -> Surroundings:
    """Only the handlers are known: for programs without forms, roles and objects."""
    return Surroundings(handlers={one.name: one for one in runtime_of(tx).handlers.all()})


class PlainForms:
    """Takes every value: for models whose tasks have no form definition."""

    def check(self, held: Held, values: Values) -> Values:
        """The values unchanged."""
        return values

    def defects(self, name: str, content: str) -> tuple[Text, ...]:
        """Nothing: what the file says is not read."""
        return ()


class NoNotices:
    """Tells nobody: people find their tasks in the inbox."""

    def tell(self, tx: Tx, kind: str, users: Sequence[str], task: TaskRow) -> None:
        """Does nothing."""


def default_calendar(tx: Tx, branch_id: UUID | None) -> WorkingCalendar:
    """The shipped calendar for every branch."""
    return DEFAULT_CALENDAR


def plain_payload(
    tx: Tx, channel: str, template: str, recipient: str, inputs: Values, branch_id: UUID | None
) -> Mapping[str, Value]:
    """The inputs as they are; a template's name goes along with them as `params` for the connector to fill."""
    filled = {"template": template, "params": dict(inputs)} if template else {}
    return {"to": recipient, **inputs, **filled}


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything the runner asks of its surroundings. `reserved_messages`: names only connectors may send."""

    handlers: HandlerRegistry
    directory: Callable[[Tx], Directory]
    records: Records
    access: Access
    forms: Forms = field(default_factory=PlainForms)
    notices: Notices = field(default_factory=NoNotices)
    calendar: Calendars = default_calendar
    compose: Compose = plain_payload
    surroundings: Callable[[Tx, Mapping[str, str]], Surroundings] = plain_surroundings
    reserved_messages: frozenset[str] = frozenset()


_installed: list[Runtime] = []


def install(runtime: Runtime) -> Callable[[], None]:
    """Make it the runtime of this process; the last call wins. Gives back what puts the one before in its place."""
    before = list(_installed)
    _installed[:] = [runtime]

    def restore() -> None:
        _installed[:] = before

    return restore


def runtime_of(tx: Tx) -> Runtime:
    """The runtime of this transaction. Raises: RuntimeError when none was installed."""
    found = tx.memo.get(MEMO)
    if isinstance(found, Runtime):
        return found
    if not _installed:
        raise RuntimeError("Expected an installed workflow runtime; call engine.workflow.runtime.install first.")
    return _installed[0]


def holds_everywhere(tx: Tx, right: str) -> bool:
    """Whether tx.actor holds the right in the whole organisation, not in some branches only."""
    return tx.actor.kind is ActorKind.SYSTEM or runtime_of(tx).access.branches(tx, right) is None
