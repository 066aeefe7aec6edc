"""Sheet rows to checked records: what can be prepared once per import is, the rest is asked once per batch."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.kernel.errors import UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot, validation
from engine.metadata import organisation_tables as t
from engine.metadata.access import ObjectRights
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Unique
from engine.metadata.feel_sql import compile_for, environment
from engine.metadata.fieldtypes import CellContext, FieldError, type_of
from engine.metadata.reading import feel_context
from engine.metadata.statement import Statement, from_clause, own_rows, stored_value
from engine.metadata.writing import with_formulas

_FAST_DEFAULTS = "import.defaults"


@dataclass(frozen=True, slots=True)
class RowError:
    """`row`: number in the sheet, from 1; `field` empty for the whole row."""

    row: int
    field: str
    message: Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that may be stored: `values` are all of the record's, `given` those of the sheet."""

    row: int
    id: UUID
    branch_id: UUID
    values: dict[str, Any]
    given: dict[str, Any]


class Seen:
    """Keys the earlier rows of a file held. Those of a batch count for good only once the batch is stored."""

    def __init__(self) -> None:
        self._stored: dict[str, set[tuple[Any, ...]]] = {}
        self._fresh: dict[str, set[tuple[Any, ...]]] = {}

    def begin(self) -> None:
        """A batch begins; what an undone one had seen is forgotten."""
        self._fresh = {}

    def settle(self) -> None:
        """The batch is stored."""
        for kind, keys in self._fresh.items():
            self._stored.setdefault(kind, set()).update(keys)
        self._fresh = {}

    def add(self, kind: str, key: tuple[Any, ...]) -> bool:
        """Notes the key; True when an earlier row had it."""
        fresh = self._fresh.setdefault(kind, set())
        is_known = key in fresh or key in self._stored.get(kind, ())
        fresh.add(key)
        return is_known


class RowCompiler:
    """Knows the columns' fields and types, the names already looked up, and the keys already seen in the file."""

    def __init__(self, tx: Tx, rights: ObjectRights, columns: Sequence[FieldDefinition | None], seen: Seen) -> None:
        self._tx, self._rights, self._seen = tx, rights, seen
        self._columns = [(place, field, type_of(field)) for place, field in enumerate(columns) if field is not None]
        self._named: dict[tuple[str, str], str | None] = {}
        self._twins: set[UUID] = set()
        self._definitions: dict[UUID, ObjectDefinition] = {}
        config = snapshot.load(tx)
        home = rights.profile.branch_id or config.root.id
        self._home = home
        self._context = CellContext(ZoneInfo(config.branches[home].zone), self._find)

    def compile(self, batch: Sequence[tuple[int, list[object]]]) -> tuple[list[Candidate], list[RowError]]:
        """Candidates and what is wrong with the other rows."""
        candidates: list[Candidate] = []
        errors: list[RowError] = []
        for number, cells in batch:
            given, wrong = self._cells(number, cells)
            candidate = None if wrong else self._candidate(number, given, wrong)
            errors += wrong
            if candidate is not None:
                candidates.append(candidate)
        errors += self._unique(candidates)
        failed = {error.row for error in errors}
        kept = [candidate for candidate in candidates if candidate.row not in failed]
        for candidate in kept:
            self._remember(candidate)
        return kept, errors

    def twin_in_file(self, candidate: Candidate) -> bool:
        """True when an earlier row of the file matches by a match rule."""
        return candidate.id in self._twins

    def _cells(self, number: int, cells: list[object]) -> tuple[dict[str, Any], list[RowError]]:
        given: dict[str, Any] = {}
        errors: list[RowError] = []
        for place, field, field_type in self._columns:
            cell = cells[place] if place < len(cells) else None
            if cell is None:
                continue
            try:
                value = field_type.from_cell(field, cell, self._context)
            except FieldError as error:
                errors.append(RowError(number, field.key, error.message))
                continue
            if value is not None:
                given[field.key] = value
        return given, errors

    def _candidate(self, number: int, given: dict[str, Any], errors: list[RowError]) -> Candidate | None:
        branch_id = given.get("branch_id", self._home)
        definition = self._definition(branch_id)
        strange = next((key for key in given if catalog.field_of(definition, key) is None), None)
        if strange is not None:
            errors.append(RowError(number, strange, Text("该校区没有此字段", "The branch does not have this field")))
            return None
        values = {**given, "id": new_id(), "branch_id": branch_id}
        if "owner_id" not in values and self._rights.profile.user_id is not None:
            values["owner_id"] = self._rights.profile.user_id
        if definition.stages:
            values.setdefault("stage", definition.stages[0].key)
        values |= self._defaults(definition, values)
        values |= with_formulas(self._tx, definition, values)
        try:
            validation.check(self._tx, definition, values)
        except UserError as error:
            errors += [RowError(number, key, text) for key, text in error.fields.items()]
            return None
        return Candidate(number, values["id"], branch_id, values, given)

    def _definition(self, branch_id: UUID) -> ObjectDefinition:
        if branch_id not in self._definitions:
            self._definitions[branch_id] = catalog.load_branch(self._tx, branch_id).object(self._rights.definition.key)
        return self._definitions[branch_id]

    def _defaults(self, definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
        """Defaults that read no other field are computed once for the whole import."""
        constant = self._tx.memo.setdefault((_FAST_DEFAULTS, definition.key, id(definition)), {})
        if not constant:
            context = feel_context(self._tx, definition, {})
            for field in definition.fields:
                if field.default and _is_constant(definition, field.default):
                    result = compile_for(definition, field.default).evaluate(context, environment(self._tx))
                    constant[field.key] = None if result is None else type_of(field).from_json(field, result)
            constant[""] = None
        found = {key: value for key, value in constant.items() if key and key not in values}
        others = any(field.default and field.key not in constant for field in definition.fields)
        return found | (validation.defaults(self._tx, definition, {**values, **found}) if others else {})

    def _unique(self, candidates: list[Candidate]) -> list[RowError]:
        errors: list[RowError] = []
        text = Text("该值已被使用", "This value is already taken")
        for field in self._rights.definition.fields:
            if field.unique is Unique.NONE or not any(c.values.get(field.key) is not None for c in candidates):
                continue
            taken = self._taken(field, [c.values[field.key] for c in candidates if c.values.get(field.key) is not None])
            for candidate in candidates:
                value = candidate.values.get(field.key)
                place = candidate.branch_id if field.unique is Unique.BRANCH else None
                if value is None:
                    continue
                if self._seen.add(f"unique:{field.key}", (value, place)) or (value, place) in taken:
                    errors.append(RowError(candidate.row, field.key, text))
        return errors

    def _taken(self, field: FieldDefinition, values: list[Any]) -> set[tuple[Any, ...]]:
        definition, statement = self._rights.definition, Statement()
        alias = statement.alias()
        value = stored_value(field, alias)
        sql = (
            f"SELECT {value} AS value, {alias}.branch_id FROM {from_clause(definition, alias)}"
            f" WHERE {value} = ANY({statement.bind(values, type_of(field).result_sql(field) + '[]')})"
            f" AND {alias}.deleted_at IS NULL AND {own_rows(statement, definition, alias)}"
        )
        is_branch = field.unique is Unique.BRANCH
        rows = self._tx.execute(sa.text(sql), statement.parameters)
        return {(row.value, row.branch_id if is_branch else None) for row in rows}

    def _remember(self, candidate: Candidate) -> None:
        for rule in self._rights.definition.match_rules:
            key = tuple(candidate.values.get(name) for name in rule.fields)
            if None in key or any(isinstance(part, (list, dict)) for part in key):
                continue
            if self._seen.add(f"match:{rule.key}", key):
                self._twins.add(candidate.id)

    def _find(self, kind: str, text: str) -> str | None:
        key = (kind, text)
        if key not in self._named:
            self._named[key] = _named(self._tx, kind, text)
        return self._named[key]


def _named(tx: Tx, kind: str, text: str) -> str | None:
    """Id of the one thing with this name, within the actor's sight."""
    if kind == "branch":
        found = [one.id for one in snapshot.load(tx).branches.values() if text in (one.key, one.name, one.name_en)]
    elif kind == "user":
        c = t.app_user.c
        statement = sa.select(c.id).where(sa.or_(c.username == text.lower(), c.name == text), c.is_active).limit(2)
        found = list(tx.execute(statement).scalars())
    else:
        found = _record_named(tx, kind, text)
    return str(found[0]) if len(found) == 1 else None


def _record_named(tx: Tx, kind: str, text: str) -> list[UUID]:
    from engine.metadata.query import Query, fetch

    rights = access.rights_on(tx, kind)
    name = rights.definition.name_field
    if not rights.access.allows("read") or not rights.readable(name):
        return []
    page = fetch(tx, Query(kind, (name,), {"field": name, "op": "=", "value": text}, limit=2))
    return [record.id for record in page.items]


def _is_constant(definition: ObjectDefinition, expression: str) -> bool:
    return all(path[0] == "actor" for path in compile_for(definition, expression).references)
