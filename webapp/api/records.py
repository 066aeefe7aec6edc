"""Records of any object: list, count, create, read, change, delete, restore, trail, duplicates, merge, sheets."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from engine.kernel.errors import BadRequest
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import duplicates, importing, records, trail
from engine.metadata import query as reader
from engine.metadata.query import Query
from engine.workflow import instances
from engine.workflow.instances.reading import InstanceRowView
from webapp.api import base
from webapp.api.schema import JobStarted, Plain, page_of, schema_of, to_plain
from webapp.screens.records import sheets

blueprint = base.blueprint("records", "Records 记录")


class Listing(Schema):
    """FEEL or JSON filter, sort keys (`-created_at`), fields by comma, keyset cursor."""

    filter = fields.String(load_default=None)
    sort = fields.String(load_default=None)
    fields_ = fields.String(load_default=None, data_key="fields")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    after = fields.String(load_default=None)
    search = fields.String(load_default=None, validate=validate.Length(max=100))
    deleted = fields.Boolean(load_default=False)


class RecordValues(Schema):
    """Field values; what is not named stays."""

    class Meta:
        """Any field of the object."""

        unknown = "include"


class Merge(Schema):
    """The record that stays, the one that goes, and which values to take from the latter."""

    keep = fields.UUID(required=True)
    drop = fields.UUID(required=True)
    take = fields.List(fields.String(), load_default=list)


class Reveal(Schema):
    """Why a masked value is looked at; it stays in the trail."""

    reason = fields.String(required=True, validate=validate.Length(2, 500))


class Export(Schema):
    """What to export, and as what."""

    filter = fields.Raw(load_default=None)
    sort = fields.List(fields.String(), load_default=list)
    fields_ = fields.List(fields.String(), load_default=None, data_key="fields")
    search = fields.String(load_default=None)
    format = fields.String(load_default="xlsx", validate=validate.OneOf(["xlsx", "csv"]))


class Sheet(Schema):
    """The file."""

    file = Upload(required=True)


class ImportOptions(Schema):
    """How to import: `mapping` is JSON, header to field (guessed when left out)."""

    mapping = fields.String(load_default=None)
    duplicates = fields.String(load_default="skip", validate=validate.OneOf(["skip", "create", "update"]))
    dry_run = fields.Boolean(load_default=False)


class Paging(Schema):
    """Where to go on."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    before = fields.String(load_default=None)


class RecordView(Schema):
    """A record: values by field (exact numbers as texts), titles of what they point to, the actor's access by field."""

    id = fields.UUID()
    object = fields.String()
    version = fields.Integer()
    title = fields.String()
    values_ = fields.Dict(keys=fields.String(), values=Plain(), data_key="values")
    titles = fields.Dict(keys=fields.String(), values=Plain())
    access = fields.Dict(keys=fields.String(), values=fields.String())


class Revealed(Schema):
    """The full value."""

    value = Plain()


class ImportStarted(JobStarted):
    """The job, and which field each header fills."""

    mapping = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


def _query(object_key: str, arguments: Mapping[str, Any]) -> Query:
    names = arguments["fields_"]
    return Query(
        object_key,
        fields=tuple(names.split(",")) if names else None,
        filter=_filter(arguments["filter"]),
        sort=tuple(part for part in (arguments["sort"] or "").split(",") if part),
        limit=arguments["limit"],
        after=arguments["after"],
        search=arguments["search"],
        deleted=arguments["deleted"],
    )


def _filter(value: str | None) -> Any:
    if value is None or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise BadRequest("filter", Text("filter 不是有效的 JSON", "filter is not valid JSON")) from error


@blueprint.get("/records/<object_key>")
@blueprint.arguments(Listing, location="query")
@blueprint.response(200, page_of(RecordView))
def listing(arguments: Mapping[str, Any], object_key: str) -> Response:
    """Records the actor may see, with the fields it may read."""
    query = _query(object_key, arguments)

    def use_case(tx: Tx) -> object:
        page = reader.fetch(tx, query)
        return {"items": [_shown(record) for record in page.items], "next": page.next}

    return base.shown(use_case)


@blueprint.get("/records/<object_key>/count")
@blueprint.arguments(Listing, location="query")
@blueprint.response(200, schema_of(reader.Count))
def count(arguments: Mapping[str, Any], object_key: str) -> Response:
    """How many, capped."""
    query = _query(object_key, arguments)
    return base.shown(lambda tx: reader.count(tx, query))


@blueprint.post("/records/<object_key>")
@blueprint.arguments(RecordValues)
@blueprint.response(201, RecordView)
def create(body: Mapping[str, Any], object_key: str) -> Response:
    """A new record."""
    response = base.write(
        lambda tx: _shown(records.create(tx, object_key, body)),
        status=201,
        recheck=lambda tx, stored: records.get(tx, object_key, UUID(stored["id"])),
    )
    return base.with_version(response, 1)


@blueprint.get("/records/<object_key>/<uuid:record_id>")
@blueprint.response(200, RecordView)
def show(object_key: str, record_id: UUID) -> Response:
    """One record; its version is the ETag."""
    record = base.read(lambda tx: records.get(tx, object_key, record_id))
    return base.with_version(base.answer(_shown(record)), record.version)


@blueprint.patch("/records/<object_key>/<uuid:record_id>")
@blueprint.arguments(RecordValues)
@blueprint.response(200, RecordView)
def update(body: Mapping[str, Any], object_key: str, record_id: UUID) -> Response:
    """Changes fields; `If-Match` carries the version (428 without, 412 when somebody was faster)."""
    version = base.required_version()
    response = base.write(
        lambda tx: _shown(records.update(tx, object_key, record_id, version, body)),
        recheck=lambda tx, stored: records.get(tx, object_key, record_id),
    )
    return base.with_version(response, version + 1)


@blueprint.delete("/records/<object_key>/<uuid:record_id>")
@blueprint.response(204)
def delete(object_key: str, record_id: UUID) -> Response:
    """Into the bin; with `If-Match` only that version."""
    version = base.required_version() if request.headers.get("If-Match") else None
    return base.write(lambda tx: records.delete(tx, object_key, record_id, version), status=204)


@blueprint.post("/records/<object_key>/<uuid:record_id>/restore")
@blueprint.response(200, RecordView)
def restore(object_key: str, record_id: UUID) -> Response:
    """Out of the bin."""
    return base.write(lambda tx: _shown(records.restore(tx, object_key, record_id)))


@blueprint.get("/records/<object_key>/<uuid:record_id>/history")
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, page_of(trail.HistoryEntry))
def history(arguments: Mapping[str, Any], object_key: str, record_id: UUID) -> Response:
    """The record's trail, newest first; changes of fields the actor may read."""
    return base.listed(
        lambda tx: records.history(tx, object_key, record_id, limit=arguments["limit"], before=arguments["before"])
    )


@blueprint.get("/records/<object_key>/<uuid:record_id>/processes")
@blueprint.response(200, page_of(InstanceRowView))
def processes(object_key: str, record_id: UUID) -> Response:
    """Process instances of the record."""

    def use_case(tx: Tx) -> object:
        records.get(tx, object_key, record_id)
        return instances.search(tx, instances.InstanceQuery(record=(object_key, record_id)))

    return base.shown(use_case)


@blueprint.post("/records/<object_key>/<uuid:record_id>/reveal/<field>")
@blueprint.arguments(Reveal)
@blueprint.response(200, Revealed)
def reveal(body: Mapping[str, Any], object_key: str, record_id: UUID, field: str) -> Response:
    """Shows one masked value, with a reason, in the trail."""
    return base.write(lambda tx: {"value": to_plain(records.reveal(tx, object_key, record_id, field, body["reason"]))})


@blueprint.post("/records/<object_key>/duplicates")
@blueprint.arguments(RecordValues)
@blueprint.response(200, page_of(duplicates.Duplicate))
def find_duplicates(body: Mapping[str, Any], object_key: str) -> Response:
    """Whether such a record exists, in any branch; tells only that, where, and until when it is protected."""
    return base.listed(lambda tx: duplicates.find(tx, object_key, body))


@blueprint.post("/records/<object_key>/merge")
@blueprint.arguments(Merge)
@blueprint.response(200, RecordView)
def merge(body: Mapping[str, Any], object_key: str) -> Response:
    """Makes one record of two."""
    return base.write(lambda tx: _shown(records.merge(tx, object_key, body["keep"], body["drop"], body["take"])))


@blueprint.post("/records/<object_key>/import")
@blueprint.arguments(Sheet, location="files")
@blueprint.arguments(ImportOptions, location="query")
@blueprint.response(202, ImportStarted)
def import_sheet(upload: Mapping[str, Any], options: Mapping[str, Any], object_key: str) -> Response:
    """Starts an import job from .xlsx or .csv; follow it at `/jobs/{id}`."""
    content, filename = upload["file"].read(), upload["file"].filename or "import.xlsx"

    def use_case(tx: Tx) -> dict[str, object]:
        given = _filter(options["mapping"])
        mapping = given or dict(importing.preview(tx, object_key, filename, content).mapping)
        job = sheets.start_import(
            tx,
            object_key,
            filename,
            content,
            mapping,
            duplicates=options["duplicates"],
            dry_run=options["dry_run"],
        )
        return {"job": job, "mapping": mapping}

    return base.write(use_case, status=202)


@blueprint.post("/records/<object_key>/export")
@blueprint.arguments(Export)
@blueprint.response(202, JobStarted)
def export(body: Mapping[str, Any], object_key: str) -> Response:
    """Starts an export job; its file is at `/jobs/{id}/file`."""
    names = body["fields_"]
    query = Query(
        object_key,
        fields=tuple(names) if names else None,
        filter=body["filter"],
        sort=tuple(body["sort"]),
        search=body["search"],
    )
    return base.write(lambda tx: {"job": sheets.start_export(tx, query, body["format"])}, status=202)


@blueprint.get("/jobs/<uuid:job_id>/file")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def result_file(job_id: UUID) -> Response:
    """The file an export made."""
    described, content = base.read(lambda tx: sheets.result_file(tx, job_id))
    response = Response(content, content_type=described.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=described.name)
    return response


def _shown(record: Any) -> dict[str, object]:
    return {
        "id": record.id,
        "object": record.object,
        "version": record.version,
        "title": record.title,
        "values": record.json(),
        "titles": dict(record.titles),
        "access": dict(record.levels),
    }
