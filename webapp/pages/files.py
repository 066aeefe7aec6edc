"""Stored files: whoever may read the field that holds one may read it."""

from uuid import UUID

from flask import Blueprint, Response

from engine.kernel import files
from engine.kernel.errors import NotFound
from engine.kernel.files import StoredFile
from engine.kernel.uow import Tx
from engine.metadata import records
from engine.metadata.levels import is_readable
from webapp.downloads import attachment
from webapp.request import run

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<uuid:file_id>")
def show(file_id: UUID) -> Response:
    """One file."""
    file, content = run(lambda tx: _read(tx, file_id))
    return attachment(file.name, file.media_type, content, inline=True)


def _read(tx: Tx, file_id: UUID) -> tuple[StoredFile, bytes]:
    file = files.describe(tx, file_id)
    if file.subject is None or file.field is None:
        if file.created_by != tx.actor.id:
            raise NotFound
        return file, files.read(tx, file_id)
    object_key, record_id = file.subject
    record = records.get(tx, object_key, UUID(record_id))
    if not is_readable(record.levels.get(file.field, "none")):
        raise NotFound
    return file, files.read(tx, file_id)
