"""What people do to a record beyond changing fields: previewed first, then started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import records
from engine.metadata.record import Record
from forms.definition import Option


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One fact the person should see before going on; ``value`` is a Decimal, date, number or text."""

    label: Text
    value: Any


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen. ``blockers`` forbid going on, ``warnings`` do not."""

    lines: tuple[PreviewLine, ...]
    warnings: tuple[Text, ...] = ()
    blockers: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the instance that started, or the record that changed."""

    message: Text
    instance_id: UUID | None = None
    record: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True)
class DomainAction:
    """One action on records of ``object``.

    ``form``: key of the form that asks for its values, empty for none. ``roles`` may use it; the functions check
    the actor's rights on the record again. ``stages``: offered only in these stages, empty for all.
    ``defaults``: what the form stands filled with for a record, by field; ``choices``: what a field of the form
    offers for the record, by field. ``gone``: raises what somebody should read who could see the record a moment ago
    and no longer can.
    """

    name: str
    object: str
    label: Text
    icon: str
    form: str
    roles: tuple[str, ...]
    preview: Callable[[Tx, UUID, Mapping[str, Any]], Preview]
    start: Callable[[Tx, UUID, Mapping[str, Any]], Done]
    stages: tuple[str, ...] = field(default=())
    defaults: Callable[[Tx, UUID], Mapping[str, Any]] = field(default=lambda tx, record_id: {})
    choices: Callable[[Tx, UUID], Mapping[str, tuple[Option, ...]]] = field(default=lambda tx, record_id: {})
    gone: Callable[[Tx, UUID], None] = field(default=lambda tx, record_id: None)

    def record(self, tx: Tx, record_id: UUID) -> Record:
        """The record, as far as the actor may read it. Raises: NotFound, or what ``gone`` says instead."""
        try:
            return records.get(tx, self.object, record_id)
        except NotFound:
            self.gone(tx, record_id)
            raise
