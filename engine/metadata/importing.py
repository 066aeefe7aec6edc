"""Import of a sheet: preview with guessed mapping, dry run, then rows in batches with everything checked.

Validators are compiled once; uniqueness, links, duplicates and access are asked once a batch. A dry run does all the
work of a real one inside a savepoint that is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.history import Event
from engine.kernel.history_bulk import record_many
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, hooks, records
from engine.metadata.access import ObjectRights
from engine.metadata.definition import FieldDefinition
from engine.metadata.duplicates import Duplicate, find_many
from engine.metadata.import_rows import Candidate, RowCompiler, RowError
from engine.metadata.mapping import guess_mapping
from engine.metadata.sheets import read_rows
from engine.metadata.writing import history_event, insert_rows

__all__ = ["ImportResult", "Preview", "RowError", "importable_fields", "preview", "run"]

BATCH = 500
_MAX_ERRORS = 1_000
_SAMPLE = 5
OnDuplicate = Literal["skip", "create", "update"]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Preview:
    """`sample`: the first rows as texts; `rows`: data rows in the file."""

    headers: list[str]
    mapping: dict[str, str | None]
    sample: list[list[str]]
    rows: int


@dataclass
class ImportResult:
    """`duplicates`: (row, what it matches); `errors` are capped at 1,000, `failed` counts all rows with one."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    errors: list[RowError] = field(default_factory=list)
    duplicates: list[tuple[int, Duplicate]] = field(default_factory=list)
    is_dry_run: bool = False


class _Undo(Exception):
    """Leaves the savepoint of a dry run."""


def importable_fields(tx: Tx, object_key: str) -> list[FieldDefinition]:
    """Fields the actor may fill by import, in the order of the definition."""
    rights = access.rights_on(tx, object_key)
    skipped = {"formula", "rollup", "auto_number", "lines", "image", "files"}
    return [
        one
        for one in catalog.all_fields(rights.definition)
        if rights.levels.get(one.key) == "write" and one.type not in skipped and not (one.read_only or one.hidden)
    ]


def preview(tx: Tx, object_key: str, filename: str, content: bytes) -> Preview:
    """Headers with the guessed mapping, and the first rows. Raises Forbidden, UserError, PayloadTooLarge."""
    access.require(tx, "import", object_key)
    rows = read_rows(filename, content)
    headers = _headers(rows)
    sample: list[list[str]] = []
    count = 0
    for _, cells in rows:
        count += 1
        if len(sample) < _SAMPLE:
            sample.append(["" if cell is None else str(cell) for cell in _padded(cells, len(headers))])
    return Preview(headers, guess_mapping(headers, importable_fields(tx, object_key)), sample, count)


def run(
    tx: Tx,
    object_key: str,
    filename: str,
    content: bytes,
    mapping: Mapping[str, str | None],
    *,
    dry_run: bool = False,
    duplicates: OnDuplicate = "skip",
    progress: Progress = lambda _done, _total: None,
) -> ImportResult:
    """Imports the rows that are right and reports the others; with `dry_run` only reports.

    `mapping`: header -> field key. `duplicates`: what to do with a row that matches an existing record; `update` needs
    the record to be within reach. Raises Forbidden, UserError, PayloadTooLarge.
    """
    access.require(tx, "import", object_key)
    rights = access.rights_on(tx, object_key)
    records.require_writable(rights.definition)
    rows = read_rows(filename, content)
    compiler = RowCompiler(tx, rights, _checked_mapping(tx, object_key, _headers(rows), mapping))
    batch_id = new_id()
    result = ImportResult(is_dry_run=dry_run)
    worker = _Import(tx, rights, compiler, duplicates=duplicates, batch_id=batch_id, result=result)
    try:
        with tx.savepoint():
            done = 0
            for batch in _batches(rows):
                worker.take(batch)
                done += len(batch)
                progress(done, None)
            if dry_run:
                raise _Undo
    except _Undo:
        return result
    counts = {"created": result.created, "updated": result.updated, "skipped": result.skipped, "failed": result.failed}
    data = {"batch": str(batch_id), "file": filename[:200], **counts}
    tx.record(Event("records:imported", ("object", object_key), rights.profile.branch_id, data))
    return result


class _Import:
    """One run: batches in, counts and errors out."""

    def __init__(
        self,
        tx: Tx,
        rights: ObjectRights,
        compiler: RowCompiler,
        *,
        duplicates: OnDuplicate,
        batch_id: UUID,
        result: ImportResult,
    ) -> None:
        self.tx, self.rights, self.compiler = tx, rights, compiler
        self.duplicates, self.batch_id, self.result = duplicates, batch_id, result

    def take(self, batch: Sequence[tuple[int, list[object]]]) -> None:
        candidates, errors = self.compiler.compile(batch)
        self._fail(errors)
        fresh = self._without_duplicates(candidates)
        for branch_id in sorted({candidate.branch_id for candidate in fresh}, key=str):
            self._insert([candidate for candidate in fresh if candidate.branch_id == branch_id], branch_id)

    def _without_duplicates(self, candidates: list[Candidate]) -> list[Candidate]:
        matches = find_many(self.tx, self.rights, [candidate.values for candidate in candidates])
        fresh: list[Candidate] = []
        for place, candidate in enumerate(candidates):
            known = matches.get(place, [])
            twin = self.compiler.twin_in_file(candidate)
            self.result.duplicates += [(candidate.row, duplicate) for duplicate in known[:1]]
            if self.duplicates == "create" or not (known or twin):
                fresh.append(candidate)
            elif self.duplicates == "update" and known and known[0].id is not None:
                self._update(candidate, known[0].id)
            else:
                self.result.skipped += 1
        return fresh

    def _update(self, candidate: Candidate, record_id: UUID) -> None:
        try:
            with self.tx.savepoint():
                records.update(self.tx, self.rights.definition.key, record_id, None, candidate.given)
            self.result.updated += 1
        except UserError as error:
            self._fail(
                [RowError(candidate.row, key, text) for key, text in (error.fields or {"": error.message}).items()]
            )

    def _insert(self, candidates: list[Candidate], branch_id: UUID) -> None:
        definition = catalog.load_branch(self.tx, branch_id).object(self.rights.definition.key)
        try:
            with self.tx.savepoint():
                values = [candidate.values for candidate in candidates]
                records.number(self.tx, definition, values, branch_id)
                insert_rows(self.tx, definition, values)
                self._require_reach(candidates)
        except _OutOfReach as error:
            text = Text("您不能在该校区或为该负责人创建", "You may not create there, or for that owner")
            self._fail(
                [RowError(candidate.row, "owner_id", text) for candidate in candidates if candidate.id in error.ids]
            )
            if rest := [candidate for candidate in candidates if candidate.id not in error.ids]:
                self._insert(rest, branch_id)
            return
        data = {"batch": str(self.batch_id)}
        events = [
            history_event("record:created", definition, one.id, branch_id, before={}, after=one.values, data=data)
            for one in candidates
        ]
        record_many(self.tx, events)
        self.result.created += len(candidates)
        self._run_hooks(candidates)

    def _require_reach(self, candidates: list[Candidate]) -> None:
        ids = {candidate.id for candidate in candidates}
        reached = access.reachable(self.tx, self.rights, "import", ids)
        if "create" in self.rights.access.clauses:
            reached &= access.reachable(self.tx, self.rights, "create", ids)
        if ids - reached:
            raise _OutOfReach(ids - reached)

    def _run_hooks(self, candidates: list[Candidate]) -> None:
        if self.result.is_dry_run or not hooks.has_created_hooks(self.rights.definition.key):
            return
        for candidate in candidates:
            hooks.run_created(self.tx, records.get(self.tx, self.rights.definition.key, candidate.id, written=True))

    def _fail(self, errors: list[RowError]) -> None:
        self.result.failed += len({error.row for error in errors})
        self.result.errors += errors[: _MAX_ERRORS - len(self.result.errors)]


class _OutOfReach(Exception):
    def __init__(self, ids: set[UUID]) -> None:
        super().__init__()
        self.ids = ids


def _headers(rows: Iterator[tuple[int, list[object]]]) -> list[str]:
    _, cells = next(rows, (0, []))
    if not cells:
        raise UserError("empty_file", Text("文件中没有数据", "The file holds no data"))
    headers: list[str] = []
    for place, cell in enumerate(cells):
        name = str(cell).strip() if cell is not None else f"第{place + 1}列"
        headers.append(name if name not in headers else f"{name} ({place + 1})")
    return headers


def _checked_mapping(
    tx: Tx, object_key: str, headers: list[str], mapping: Mapping[str, str | None]
) -> list[FieldDefinition | None]:
    fields = {one.key: one for one in importable_fields(tx, object_key)}
    found: list[FieldDefinition | None] = []
    for header in headers:
        key = mapping.get(header)
        if key and key not in fields:
            raise access.unknown_field(key)
        found.append(fields[key] if key else None)
    used = [one.key for one in found if one is not None]
    if not used:
        raise UserError("no_mapping", Text("请至少对应一列", "Map at least one column"))
    if len(set(used)) != len(used):
        raise UserError("bad_mapping", Text("一个字段只能对应一列", "A field may be mapped once only"))
    return found


def _batches(rows: Iterator[tuple[int, list[object]]]) -> Iterator[list[tuple[int, list[object]]]]:
    batch: list[tuple[int, list[object]]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _padded(cells: list[Any], width: int) -> list[Any]:
    return [*cells[:width], *([None] * (width - len(cells)))]
