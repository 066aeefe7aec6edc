"""Files: upload first, then name the file's id in a record's field; whoever may read the field may download it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from engine.kernel import files
from engine.kernel.uow import Tx
from engine.metadata import attachments
from webapp.api import base
from webapp.downloads import attachment

blueprint = base.blueprint("files", "Files 文件")


class UploadedFile(Schema):
    """The file."""

    file = Upload(required=True)


class FileView(Schema):
    """A file's facts."""

    id = fields.UUID()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()


@blueprint.post("/files")
@blueprint.arguments(UploadedFile, location="files")
@blueprint.response(201, FileView)
def upload(body: Mapping[str, Any]) -> Response:
    """Keeps a file; until a record names it only its uploader can read it."""
    sent = body["file"]
    name, media_type, content = sent.filename or "file", sent.mimetype or "application/octet-stream", sent.read()

    def use_case(tx: Tx) -> dict[str, object]:
        file_id = files.store(tx, name, media_type, content)
        return {"id": file_id, "name": name, "media_type": media_type, "size": len(content)}

    return base.write(use_case, status=201)


@blueprint.get("/files/<uuid:file_id>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def download(file_id: UUID) -> Response:
    """The file's bytes; 404 for whoever may not read the field that holds it."""

    def use_case(tx: Tx) -> tuple[files.StoredFile, bytes]:
        return attachments.open_file(tx, file_id), files.read(tx, file_id)

    file, content = base.read(use_case)
    return attachment(file.name, file.media_type, content)
