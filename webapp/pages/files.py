"""Stored files: whoever may read the field that holds one may read it."""

from uuid import UUID

from flask import Blueprint, Response

from engine.kernel import files
from engine.kernel.files import StoredFile
from engine.kernel.uow import Tx
from engine.metadata import attachments
from webapp.downloads import attachment
from webapp.request import run

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<uuid:file_id>")
def show(file_id: UUID) -> Response:
    """One file."""
    file, content = run(lambda tx: _read(tx, file_id))
    return attachment(file.name, file.media_type, content, inline=True)


def _read(tx: Tx, file_id: UUID) -> tuple[StoredFile, bytes]:
    return attachments.open_file(tx, file_id), files.read(tx, file_id)
