"""The import wizard: upload, map the columns, try, import."""

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from engine.kernel import background, files
from engine.kernel.errors import BadRequest, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, importing
from engine.metadata.definition import ObjectDefinition
from webapp.i18n import gettext, locale, translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.records import sheets
from webapp.screens.records.sheets import Duplicates

blueprint = Blueprint("imports", __name__, url_prefix="/imports")


@blueprint.get("/<object_key>")
def start(object_key: str) -> Response:
    """Asks for the sheet."""
    definition = run(lambda tx: _definition(tx, object_key))
    return page("imports/upload.html", definition=definition, error="")


@blueprint.post("/<object_key>")
def upload(object_key: str) -> Response:
    """Keeps the sheet and shows how its columns were understood."""
    sheet = request.files.get("sheet")
    try:
        if sheet is None or not sheet.filename:
            raise BadRequest("no_file", Text("请选择 .xlsx 或 .csv 文件", "Choose an .xlsx or .csv file"))
        name, content = sheet.filename, sheet.read()
        file_id = run(lambda tx: _keep(tx, object_key, name, content))
    except UserError as error:
        definition = run(lambda tx: _definition(tx, object_key))
        text = f"{translated(error.message)} {translated(error.hint)}"
        return page("imports/upload.html", status=error.status, definition=definition, error=text)
    return go(url_for(".mapping", object_key=object_key, file_id=file_id))


@blueprint.get("/<object_key>/<uuid:file_id>")
def mapping(object_key: str, file_id: UUID) -> Response:
    """Which column is which field."""
    return page("imports/mapping.html", **run(lambda tx: _mapping(tx, object_key, file_id)))


@blueprint.post("/<object_key>/<uuid:file_id>")
def try_out(object_key: str, file_id: UUID) -> Response:
    """A dry run in the background with the chosen mapping."""
    columns = zip(request.form.getlist("header"), request.form.getlist("field"), strict=False)
    chosen = {header: field or None for header, field in columns}
    duplicates = _duplicates(request.form.get("duplicates", ""))
    job_id = run(lambda tx: _begin(tx, object_key, file_id, chosen, duplicates))
    return go(url_for("jobs.show", job_id=job_id))


@blueprint.post("/jobs/<uuid:job_id>/confirm")
def confirm(job_id: UUID) -> Response:
    """The same import for real."""
    started = run(lambda tx: _confirm(tx, job_id))
    return go(url_for("jobs.show", job_id=started), gettext("导入已开始"))


def _definition(tx: Tx, object_key: str) -> ObjectDefinition:
    access.require(tx, "import", object_key)
    return access.rights_on(tx, object_key).definition


def _keep(tx: Tx, object_key: str, name: str, content: bytes) -> UUID:
    access.require(tx, "import", object_key)
    importing.preview(tx, object_key, name, content)
    return files.store(tx, name, "application/octet-stream", content)


def _own_file(tx: Tx, file_id: UUID) -> tuple[str, bytes]:
    file = files.describe(tx, file_id)
    if file.created_by != tx.actor.id or file.subject is not None:
        raise NotFound
    return file.name, files.read(tx, file_id)


def _mapping(tx: Tx, object_key: str, file_id: UUID) -> dict[str, Any]:
    rights = access.rights_on(tx, object_key)
    name, content = _own_file(tx, file_id)
    found = importing.preview(tx, object_key, name, content)
    fields = [
        (field.key, field.label.in_locale(locale()), field.required)
        for field in rights.definition.fields
        if rights.levels.get(field.key) == "write" and not field.hidden and not field.read_only
    ]
    return {"definition": rights.definition, "preview": found, "fields": fields, "filename": name}


def _begin(tx: Tx, object_key: str, file_id: UUID, chosen: dict[str, str | None], duplicates: Duplicates) -> UUID:
    name, content = _own_file(tx, file_id)
    return sheets.start_import(tx, object_key, name, content, chosen, duplicates=duplicates, dry_run=True)


def _confirm(tx: Tx, job_id: UUID) -> UUID:
    job = background.get(tx, job_id)
    if job.kind != sheets.IMPORT or not job.parameters["dry_run"]:
        raise NotFound
    told = job.parameters
    content = files.read(tx, UUID(told["file"]))
    duplicates = _duplicates(told["duplicates"])
    return sheets.start_import(
        tx, told["object"], told["filename"], content, told["mapping"], duplicates=duplicates, dry_run=False
    )


def _duplicates(text: str) -> Duplicates:
    return cast(Duplicates, text) if text in ("skip", "create", "update") else "skip"
