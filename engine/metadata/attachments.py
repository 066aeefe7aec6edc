"""Files of records: the record and field one belongs to decide who may read it; a field takes fresh uploads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel import files
from engine.kernel.actor import ActorKind
from engine.kernel.errors import NotFound
from engine.kernel.files import StoredFile
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import ObjectDefinition
from engine.metadata.levels import is_readable
from engine.metadata.validation import raise_errors

_TYPES = frozenset({"image", "files"})


def open_file(tx: Tx, file_id: UUID) -> StoredFile:
    """The file's facts when the actor may read it: its own upload, or one of a record's readable field.

    Raises NotFound, also when it exists but may not be read.
    """
    file = files.describe(tx, file_id)
    if tx.actor.kind is ActorKind.SYSTEM:
        return file
    if file.subject is None or file.field is None:
        if file.created_by == tx.actor.id:
            return file
        raise NotFound
    object_key, record_id = file.subject[0], UUID(file.subject[1])
    if object_key not in catalog.load(tx).definitions:
        raise NotFound
    rights = access.rights_on(tx, object_key)
    levels = access.task_levels(tx, rights.profile, object_key, record_id)
    if access.can(tx, "read", object_key, record_id):
        levels = access.levels_with_task(tx, rights, record_id)
    if not is_readable(levels.get(file.field, "none")):
        raise NotFound
    return file


def attach_new(
    tx: Tx, definition: ObjectDefinition, record_id: UUID, old: Mapping[str, Any], changed: Mapping[str, Any]
) -> None:
    """Gives the record the files its fields now name. Raises UserError for one that is not the actor's fresh upload.

    Otherwise a known id of another record's file would become readable through this one.
    """
    errors: dict[str, Text] = {}
    for key, value in changed.items():
        field = catalog.field_of(definition, key)
        if field is None or field.type not in _TYPES or value is None:
            continue
        for file_id in _ids(value) - _ids(old.get(key)):
            try:
                _take(tx, file_id, (definition.key, str(record_id)), key)
            except NotFound:
                errors[key] = Text("请重新上传该文件", "Upload the file again")
    raise_errors(errors)


def _take(tx: Tx, file_id: UUID, subject: tuple[str, str], field: str) -> None:
    """A process hands on what a person uploaded for it; a file some record owns stays with that record."""
    uploader = files.describe(tx, file_id).created_by if tx.actor.kind is ActorKind.PROCESS else tx.actor.id
    files.attach(tx, file_id, subject, field, uploader=uploader)


def _ids(value: Any) -> set[UUID]:
    if value is None:
        return set()
    return set(value) if isinstance(value, list) else {value}
