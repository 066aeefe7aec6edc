"""One sheet going into one object, batch by batch: each batch in whatever transaction the caller gives it.

Validators are compiled once a batch; uniqueness, links, duplicates and access are asked once a batch. A batch that was
rolled back may be taken again: what it had seen does not count before `settle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
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
from engine.metadata.import_rows import Candidate, RowCompiler, RowError, Seen
from engine.metadata.sheets import Row
from engine.metadata.writing import history_event, insert_rows

MAX_ERRORS = 1_000
_NOT_IMPORTED = frozenset({"formula", "rollup", "auto_number", "lines", "image", "files"})
OnDuplicate = Literal["skip", "create", "update"]


@dataclass
class ImportResult:
    """`duplicates`: (row, what it matches); both lists are capped at 1,000, `failed` counts all rows with an error."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    errors: list[RowError] = field(default_factory=list)
    duplicates: list[tuple[int, Duplicate]] = field(default_factory=list)
    is_dry_run: bool = False

    def add(self, other: ImportResult) -> None:
        """The next batch's figures come on top."""
        self.created += other.created
        self.updated += other.updated
        self.skipped += other.skipped
        self.failed += other.failed
        self.errors += other.errors[: MAX_ERRORS - len(self.errors)]
        self.duplicates += other.duplicates[: MAX_ERRORS - len(self.duplicates)]


class Undo(Exception):
    """Leaves the savepoint or transaction of a dry run."""


def importable_fields(tx: Tx, object_key: str) -> list[FieldDefinition]:
    """Fields the actor may fill by import, in the order of the definition."""
    rights = access.rights_on(tx, object_key)
    return [
        one
        for one in catalog.all_fields(rights.definition)
        if rights.levels.get(one.key) == "write" and one.type not in _NOT_IMPORTED and not (one.read_only or one.hidden)
    ]


def note(tx: Tx, sheet: SheetImport, filename: str, result: ImportResult) -> None:
    """The import as a whole, in the history."""
    counts = {"created": result.created, "updated": result.updated, "skipped": result.skipped, "failed": result.failed}
    branch_id = access.rights_on(tx, sheet.object_key).profile.branch_id
    data = {"batch": str(sheet.batch_id), "file": filename[:200], **counts}
    tx.record(Event("records:imported", ("object", sheet.object_key), branch_id, data))


class SheetImport:
    """What stays the same from batch to batch. `mapping`: header -> field key, None leaves a column out."""

    def __init__(
        self,
        object_key: str,
        headers: Sequence[str],
        mapping: Mapping[str, str | None],
        *,
        duplicates: OnDuplicate = "skip",
        is_dry_run: bool = False,
        batch_id: UUID | None = None,
    ) -> None:
        self.object_key = object_key
        self.batch_id = batch_id or new_id()
        self._headers, self._mapping = headers, mapping
        self._duplicates, self._is_dry_run = duplicates, is_dry_run
        self._seen = Seen()

    def check(self, tx: Tx) -> list[FieldDefinition | None]:
        """A field per column. Raises Forbidden, UserError when the actor may not import this into these fields."""
        access.require(tx, "import", self.object_key)
        records.require_writable(access.rights_on(tx, self.object_key).definition)
        return _checked_mapping(tx, self.object_key, self._headers, self._mapping)

    def take(self, tx: Tx, batch: Sequence[Row]) -> ImportResult:
        """Store the rows that are right; what became of these rows. Raises what `check` raises."""
        self._seen.begin()
        columns, rights = self.check(tx), access.rights_on(tx, self.object_key)
        compiler = RowCompiler(tx, rights, columns, self._seen)
        result = ImportResult(is_dry_run=self._is_dry_run)
        one = _Batch(tx, rights, compiler, duplicates=self._duplicates, batch_id=self.batch_id, result=result)
        one.take(batch)
        return result

    def settle(self) -> None:
        """The batch taken last is stored."""
        self._seen.settle()


class _Batch:
    """Rows in, counts and errors out."""

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

    def take(self, batch: Sequence[Row]) -> None:
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
        if not self.result.is_dry_run:
            hooks.run_imported(self.tx, definition.key, [one.id for one in candidates], str(self.batch_id))

    def _require_reach(self, candidates: list[Candidate]) -> None:
        ids = {candidate.id for candidate in candidates}
        reached = access.reachable(self.tx, self.rights, "import", ids)
        if "create" in self.rights.access.clauses:
            reached &= access.reachable(self.tx, self.rights, "create", ids)
        if ids - reached:
            raise _OutOfReach(ids - reached)

    def _fail(self, errors: list[RowError]) -> None:
        self.result.failed += len({error.row for error in errors})
        self.result.errors += errors


class _OutOfReach(Exception):
    def __init__(self, ids: set[UUID]) -> None:
        super().__init__()
        self.ids = ids


def _checked_mapping(
    tx: Tx, object_key: str, headers: Sequence[str], mapping: Mapping[str, str | None]
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
