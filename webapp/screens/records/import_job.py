"""An import in the background: batch by batch, each its own commit, to be gone on with by the next worker.

What is done so far is kept in the commit of each batch (`Progress.keep`): a worker that dies between two of them leaves
nothing half done, and the next one goes on behind the last row taken.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel import files
from engine.kernel.actor import Actor
from engine.kernel.background import Cancelled, Progress
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.metadata import importing
from engine.metadata.duplicates import Duplicate
from engine.metadata.import_batches import MAX_ERRORS, ImportResult, SheetImport, Undo, note
from engine.metadata.sheets import Row, estimated_rows

Json = Mapping[str, Any]


def run_import(boundary: Boundary, actor: Actor, parameters: Json, progress: Progress) -> Mapping[str, object]:
    """`{created, updated, skipped, failed, dry_run, errors, duplicates, batch, row, rows}`; `row`: the last taken."""
    kept = dict(progress.kept or _nothing(parameters))
    if kept.get("noted"):
        return kept
    content = boundary.run(actor, lambda tx: files.read(tx, UUID(parameters["file"])))
    headers, rows = importing.open_sheet(parameters["filename"], content)
    job = _Job(boundary, actor, parameters, progress, kept, headers)
    boundary.run(actor, job.sheet.check)
    total = estimated_rows(content)
    try:
        for batch in importing.batches(row for row in rows if row[0] > kept["row"]):
            job.take(batch, max(total, job.kept["rows"] + len(batch)))
    except Cancelled:
        job.end()
        raise
    return job.end()


def _nothing(parameters: Json) -> dict[str, Any]:
    figures = dict.fromkeys(("created", "updated", "skipped", "failed", "row", "rows"), 0)
    lists: dict[str, Any] = {"errors": [], "duplicates": []}
    return {**figures, **lists, "dry_run": parameters["dry_run"], "batch": str(new_id())}


class _Job:
    """One worker's turn at an import. `kept`: the job's result so far, as stored."""

    def __init__(
        self, boundary: Boundary, actor: Actor, parameters: Json, progress: Progress, kept: Json, headers: list[str]
    ) -> None:
        self._boundary, self._actor, self._progress = boundary, actor, progress
        self._parameters, self.kept = parameters, kept
        self.sheet = SheetImport(
            parameters["object"],
            headers,
            parameters["mapping"],
            duplicates=parameters["duplicates"],
            is_dry_run=parameters["dry_run"],
            batch_id=UUID(kept["batch"]),
        )

    def take(self, batch: list[Row], total: int) -> None:
        """One batch, committed with what is done so far; a dry run's batch is undone and only told."""

        def use_case(tx: Tx) -> Json:
            found = _told(self.kept, self.sheet.take(tx, batch), batch)
            if self._parameters["dry_run"]:
                raise _Tried(found)
            self._progress.keep(tx, found, found["rows"], total)
            return found

        try:
            self.kept = self._boundary.run(self._actor, use_case)
        except _Tried as tried:
            self.kept = tried.found
            self._progress.report(self.kept["rows"], total)
        self.sheet.settle()

    def end(self) -> Mapping[str, object]:
        """The import as a whole goes to the history, once."""
        if self._parameters["dry_run"]:
            return self.kept

        def use_case(tx: Tx) -> Json:
            counts = {name: self.kept[name] for name in ("created", "updated", "skipped", "failed")}
            note(tx, self.sheet, self._parameters["filename"], ImportResult(**counts))
            found = {**self.kept, "noted": True}
            self._progress.keep(tx, found, found["rows"], found["rows"], is_end=True)
            return found

        return self._boundary.run(self._actor, use_case)


class _Tried(Undo):
    """The batch of a dry run, told and undone."""

    def __init__(self, found: Json) -> None:
        super().__init__()
        self.found = found


def _told(kept: Json, part: ImportResult, batch: list[Row]) -> Json:
    """What is done so far with this batch on top."""
    errors = [_error(one.row, one.field, one.message) for one in part.errors]
    duplicates = [_duplicate(row, one) for row, one in part.duplicates]
    counts = {name: kept[name] + getattr(part, name) for name in ("created", "updated", "skipped", "failed")}
    return {
        **kept,
        **counts,
        "errors": [*kept["errors"], *errors][:MAX_ERRORS],
        "duplicates": [*kept["duplicates"], *duplicates][:MAX_ERRORS],
        "row": batch[-1][0],
        "rows": kept["rows"] + len(batch),
    }


def _error(row: int, field: str, message: Text) -> dict[str, object]:
    return {"row": row, "field": field, "zh": message.zh, "en": message.en}


def _duplicate(row: int, duplicate: Duplicate) -> dict[str, object]:
    """What a row matches: of a record out of reach only where it is and how long it is protected."""
    until = duplicate.protected_until
    return {
        "row": row,
        "rule": duplicate.rule,
        "branch": duplicate.branch_name,
        "protected_until": until.isoformat() if until else None,
        "id": str(duplicate.id) if duplicate.id else None,
        "title": duplicate.title,
    }
