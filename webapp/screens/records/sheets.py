"""Import and export of records as background jobs; both the pages and the API start them here."""

import io
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from engine.kernel import background, files
from engine.kernel.actor import Actor
from engine.kernel.background import JobHandler, Progress
from engine.kernel.errors import Forbidden
from engine.kernel.uow import Boundary, Tx
from engine.metadata import access, exporting
from engine.metadata.query import Query
from webapp.screens.records.import_job import run_import

Format = Literal["xlsx", "csv"]
Duplicates = Literal["skip", "create", "update"]

IMPORT, EXPORT = "records.import", "records.export"
_MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def start_import(
    tx: Tx,
    object_key: str,
    filename: str,
    content: bytes,
    mapping: Mapping[str, str | None],
    *,
    duplicates: Duplicates,
    dry_run: bool,
) -> UUID:
    """Keeps the sheet and puts the job down; its id. ``mapping``: header to field key, None leaves a column out."""
    access.require(tx, "import", object_key)
    file_id = files.store(tx, filename, "application/octet-stream", content)
    parameters = {
        "object": object_key,
        "file": file_id,
        "filename": filename,
        "mapping": dict(mapping),
        "duplicates": duplicates,
        "dry_run": dry_run,
    }
    return background.enqueue(tx, IMPORT, parameters)


def start_export(tx: Tx, query: Query, file_format: Format) -> UUID:
    """Puts the job down; its id. The file is the actor's own."""
    access.require(tx, "export", query.object)
    parameters = {
        "object": query.object,
        "fields": list(query.fields) if query.fields is not None else None,
        "filter": query.filter,
        "sort": list(query.sort),
        "search": query.search,
        "format": file_format,
    }
    return background.enqueue(tx, EXPORT, parameters)


def result_file(tx: Tx, job_id: UUID) -> tuple[files.StoredFile, bytes]:
    """The file an export of the actor's own made. Raises: NotFound, Forbidden."""
    job = background.get(tx, job_id)
    if job.kind != EXPORT or not job.result:
        raise Forbidden
    file_id = UUID(str(job.result["file"]))
    return files.describe(tx, file_id), files.read(tx, file_id)


def _export(
    boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: Progress
) -> Mapping[str, object]:
    fields = parameters["fields"]
    query = Query(
        parameters["object"],
        fields=tuple(fields) if fields is not None else None,
        filter=parameters["filter"],
        sort=tuple(parameters["sort"]),
        search=parameters["search"],
    )

    def use_case(tx: Tx) -> Mapping[str, object]:
        sink = io.BytesIO()
        file_format = parameters["format"]
        rows = exporting.export(tx, query, file_format, sink, progress=progress.report)
        name = f"{query.object}-{tx.now:%Y%m%d-%H%M}.{file_format}"
        return {
            "file": str(files.store(tx, name, _MEDIA_TYPES[file_format], sink.getvalue())),
            "name": name,
            "rows": rows,
        }

    return boundary.run(actor, use_case)


JOB_HANDLERS: dict[str, JobHandler] = {IMPORT: run_import, EXPORT: _export}
"""By kind; the composition root gives them to the workers."""
