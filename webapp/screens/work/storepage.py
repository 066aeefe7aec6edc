"""Data stores for operators: what each branch keeps, who wrote it last, what was corrected; filling and correcting."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from engine.feel.values import kind as kind_of
from engine.feel.values import to_json
from engine.kernel.errors import BadRequest, NotFound
from engine.kernel.history_search import HistoryQuery
from engine.kernel.uow import Tx
from engine.metadata import rights, snapshot
from engine.workflow import deployments, instances, stores
from engine.workflow.instances import InstanceQuery
from engine.workflow.runtime import OPERATE
from engine.workflow.stores import StoreRow
from webapp.modelwords import load
from webapp.screens.audit import trail_export, trailpage
from webapp.screens.work.typedvalue import typed

KINDS = ("text", "number", "boolean", "date", "list", "context")
_INPUTS = {"number": "number", "boolean": "boolean", "date": "date", "list": "lines", "context": "lines"}
_LONGEST = 120


@dataclass(frozen=True)
class Line:
    """One store of one branch. ``case``: title and address of the case that wrote it last, none when a person did;
    ``url``: to look at it and correct it."""

    name: str
    branch: str
    text: str
    updated_at: datetime
    case: tuple[str, str] | None
    url: str


@dataclass(frozen=True)
class Page:
    """``used``: store names of live models with the processes that name them; ``empty``: (name, branch, address) of
    those nobody has written yet, where the actor may."""

    lines: tuple[Line, ...]
    used: Mapping[str, tuple[str, ...]]
    empty: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class One:
    """``version`` 0: nobody has written it. ``input``: number, boolean, date, lines or text; ``value``: as typed."""

    name: str
    branch: str
    version: int
    text: str
    input: str
    value: str
    may_change: bool
    users: tuple[str, ...]
    changes: tuple[trailpage.Line, ...]


def read(tx: Tx) -> Page:
    """The stores of the branches the actor operates or looks at. Raises: Forbidden when there are none."""
    rows = stores.listed(tx)
    names = {key: branch.name for key, branch in snapshot.load(tx).branches.items()}
    cases = _cases(tx, rows)
    used = _used(tx)
    return Page(tuple(_line(tx, row, names, cases) for row in rows), used, _empty(tx, rows, used, names))


def one(tx: Tx, branch_id: UUID, name: str, kind: str = "") -> One:
    """One store, also one that is still empty when a live model names it. Raises: Forbidden; NotFound."""
    branch = snapshot.load(tx).branches.get(branch_id)
    users = _used(tx).get(name, ())
    if branch is None:
        raise NotFound
    version, value = _held(tx, branch_id, name, bool(users))
    return One(
        name=name,
        branch=branch.name,
        version=version,
        text=_shown(value),
        input=_INPUTS.get(kind or kind_of(value), "text"),
        value=_typed_out(value),
        may_change=_operates(tx, branch_id),
        users=users,
        changes=_changes(tx, branch_id, name),
    )


def change(tx: Tx, branch_id: UUID, name: str, given: Mapping[str, str]) -> None:
    """Stores what was typed. Raises: UserError that says what was expected; Stale when a case was faster; Forbidden."""
    kind, version = given.get("kind", ""), given.get("version", "")
    if kind not in ("", *KINDS) or not version.isdecimal():
        raise BadRequest
    held = _held(tx, branch_id, name, is_known=name in _used(tx))[1]
    value = typed(given.get("value", "").strip(), kind, held)
    stores.put(tx, branch_id, name, value, int(version), given.get("reason", "").strip())


def _held(tx: Tx, branch_id: UUID, name: str, is_known: bool) -> tuple[int, Any]:
    try:
        row, value = stores.get(tx, branch_id, name)
    except NotFound:
        if not is_known:
            raise
        return 0, None
    return row.version, value


def _line(tx: Tx, row: StoreRow, names: Mapping[UUID, str], cases: Mapping[UUID, tuple[str, str]]) -> Line:
    value = stores.get(tx, row.branch_id, row.name)[1]
    case = cases.get(row.instance_id) if row.instance_id else None
    url = url_for("stores.show", branch_id=row.branch_id, name=row.name)
    return Line(row.name, names.get(row.branch_id, ""), _shown(value), row.updated_at, case, url)


def _cases(tx: Tx, rows: Iterable[StoreRow]) -> dict[UUID, tuple[str, str]]:
    ids = tuple({row.instance_id for row in rows if row.instance_id})[:200]
    found = instances.search(tx, InstanceQuery(ids=ids, limit=200)).items if ids else ()
    return {row.id: (row.title or row.process_key, url_for("instances.show", instance_id=row.id)) for row in found}


def _used(tx: Tx) -> dict[str, tuple[str, ...]]:
    """Shared stores that live versions name, with the names of their processes."""
    found: dict[str, tuple[str, ...]] = {}
    for row in deployments.processes(tx):
        for name, facts in load(tx, row.version_id).program.stores.items() if row.version_id else ():
            if facts.scope != "case":
                found[name] = (*found.get(name, ()), row.name or row.key)
    return found


def _everywhere(tx: Tx) -> frozenset[str]:
    """Those that the whole organisation shares: they lie at headquarters."""
    programs = (load(tx, row.version_id).program for row in deployments.processes(tx) if row.version_id)
    return frozenset(name for one in programs for name, facts in one.stores.items() if facts.scope == "organisation")


def _empty(
    tx: Tx, rows: Iterable[StoreRow], used: Iterable[str], names: Mapping[UUID, str]
) -> tuple[tuple[str, str, str], ...]:
    written = {(row.branch_id, row.name) for row in rows}
    shared, root = _everywhere(tx), snapshot.load(tx).root.id
    return tuple(
        (name, names[branch], url_for("stores.show", branch_id=branch, name=name))
        for name in used
        for branch in names
        if (branch, name) not in written and _operates(tx, branch) and (branch == root or name not in shared)
    )


def _operates(tx: Tx, branch_id: UUID) -> bool:
    held = rights.branches_with(tx, OPERATE)
    return held is None or branch_id in held


def _shown(value: Any) -> str:
    text = _typed_out(value).replace("\n", " ")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _typed_out(value: Any) -> str:
    plain = to_json(value)
    if plain is None or isinstance(plain, str):
        return plain or ""
    return json.dumps(plain, ensure_ascii=False, indent=2) if isinstance(plain, dict | list) else json.dumps(plain)


def _changes(tx: Tx, branch_id: UUID, name: str) -> tuple[trailpage.Line, ...]:
    """What people corrected, for who may read the trail."""
    if not rights.has_right(tx, "view_history"):
        return ()
    found = trail_export.found(tx, HistoryQuery(subject=("branch", str(branch_id)), action="store:changed")).items
    return trailpage.lines(tx, [entry for entry in found if entry.data.get("store") == name])
