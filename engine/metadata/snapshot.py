"""All of the organisation's configuration at one epoch, read once and shared by the transactions of a process.

The row of `metadata_epoch` takes a fresh number whenever a table behind the snapshot changes (triggers of the
migration do it), and is read once in each transaction: a change of permissions holds from the next transaction on.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import Engine

from engine.kernel.bounded import Bounded
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata.shipped_roles import shipped_roles

PEOPLE = 10_000
"""What is kept of single actors: who they are, and what they hold on each object they touch."""
_MEMO = "metadata.snapshot"
_EPOCH = "select value from metadata_epoch"
_latest: WeakKeyDictionary[Engine, Snapshot] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Branch:
    id: UUID
    key: str
    name: str
    name_en: str
    parent_id: UUID | None
    kind: str
    zone: str
    is_active: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Role:
    key: str
    label: Text
    rights: frozenset[str]
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights on one object: action -> scope, field -> level, FEEL row rule."""

    scopes: Mapping[str, str]
    fields: Mapping[str, str]
    where: str | None = None
    source: str = "set"
    """`set` by an administrator, `shipped` with the object, `role` (every object), `manifest` of a process."""


@dataclass(frozen=True, slots=True)
class SharingRule:
    id: UUID
    object: str
    name: str
    where: str
    role: str | None
    group_id: UUID | None
    branch_id: UUID | None
    can_update: bool
    masked: frozenset[str] = frozenset()
    """Fields that are shown masked, at most, in rows which only this rule opens."""


@dataclass(frozen=True, slots=True)
class ForbidRule:
    id: UUID
    object: str
    name: str
    role: str | None
    user_id: UUID | None
    actions: frozenset[str]
    where: str | None
    fields: frozenset[str]


@dataclass(frozen=True)
class Snapshot:
    """`grants`: (role, object) set by administrators; `overlays`: object -> branch -> patch; `memo`: derived values.

    `people`: derived values of single actors, as many as work at a time.
    """

    epoch: int
    branches: Mapping[UUID, Branch]
    roles: Mapping[str, Role]
    grants: Mapping[tuple[str, str], Grant]
    principals: Mapping[tuple[str, str], Grant]
    sharing: tuple[SharingRule, ...]
    forbids: tuple[ForbidRule, ...]
    overlays: Mapping[str, Mapping[UUID, Mapping[str, Any]]]
    memo: dict[Hashable, Any] = field(default_factory=dict)
    people: Bounded[Hashable, Any] = field(default_factory=partial(Bounded, PEOPLE))

    @property
    def root(self) -> Branch:
        return next(branch for branch in self.branches.values() if branch.parent_id is None)

    def chain(self, branch_id: UUID) -> tuple[UUID, ...]:
        """The branch's ancestors from headquarters down to itself."""
        found: list[UUID] = []
        current: UUID | None = branch_id
        while current is not None and current in self.branches:
            found.append(current)
            current = self.branches[current].parent_id
        return tuple(reversed(found))

    def below(self, branch_id: UUID) -> frozenset[UUID]:
        """The branch and all under it."""
        key = ("below", branch_id)
        if key not in self.memo:
            self.memo[key] = frozenset(one for one in self.branches if branch_id in self.chain(one))
        found: frozenset[UUID] = self.memo[key]
        return found

    def branch_by_key(self, key: str) -> Branch | None:
        return next((branch for branch in self.branches.values() if branch.key == key), None)


def load(tx: Tx) -> Snapshot:
    """The configuration this transaction sees."""
    found = tx.memo.get(_MEMO)
    if not isinstance(found, Snapshot):
        epoch = int(tx.query(_EPOCH, {})[0][0])
        cached = _latest.get(tx.engine)
        found = cached if cached is not None and cached.epoch == epoch else _read(tx, epoch)
        tx.memo[_MEMO] = _latest[tx.engine] = found
    return found


def foresee(tx: Tx) -> None:
    """Ask for the epoch along with the transaction's first query."""
    if _MEMO not in tx.memo:
        tx.foresee(_EPOCH, {})


def changed(tx: Tx) -> None:
    """Called after a write to a configuration table: this transaction reads it anew."""
    tx.memo.pop(_MEMO, None)


def _read(tx: Tx, epoch: int) -> Snapshot:
    branches = {row.id: Branch(*tuple(row)) for row in tx.execute(_columns(t.branch, Branch))}
    overlays: dict[str, dict[UUID, Mapping[str, Any]]] = {}
    for row in tx.execute(sa.select(t.overlay).where(t.overlay.c.is_current)):
        overlays.setdefault(row.object, {})[row.branch_id] = row.patch
    return Snapshot(
        epoch=epoch,
        branches=branches,
        roles=_roles(tx),
        grants=_grants(tx),
        principals={
            (row.principal, row.object): Grant(row.scopes, row.fields, None, "manifest")
            for row in tx.execute(sa.select(t.principal_grant))
        },
        sharing=tuple(_sharing(row) for row in tx.execute(_columns(t.sharing_rule, SharingRule))),
        forbids=tuple(_forbid(row) for row in tx.execute(_columns(t.forbid_rule, ForbidRule))),
        overlays=overlays,
    )


def _sharing(row: Any) -> SharingRule:
    return SharingRule(**{**row._mapping, "masked": frozenset(row.masked)})


def _forbid(row: Any) -> ForbidRule:
    values = {**row._mapping, "actions": frozenset(row.actions), "fields": frozenset(row.fields)}
    return ForbidRule(**values)


def _columns(table: sa.Table, shape: type) -> sa.Select[Any]:
    return sa.select(*(table.c[field.name] for field in fields(shape))).order_by(table.c.id)


def _roles(tx: Tx) -> dict[str, Role]:
    shipped = {role.key: role for role in shipped_roles()}
    found = {}
    for row in tx.execute(sa.select(t.role).order_by(t.role.c.key)):
        rights = frozenset(row.rights)
        if row.is_shipped and row.key in shipped:
            rights |= frozenset(shipped[row.key].rights)
        found[row.key] = Role(row.key, Text(row.label["zh"], row.label["en"]), rights, row.is_shipped)
    return found


def _grants(tx: Tx) -> dict[tuple[str, str], Grant]:
    levels: dict[tuple[str, str], dict[str, str]] = {}
    for row in tx.execute(sa.select(t.field_grant)):
        levels.setdefault((row.role, row.object), {})[row.field] = row.level
    return {
        (row.role, row.object): Grant(row.scopes, levels.get((row.role, row.object), {}), row.where)
        for row in tx.execute(sa.select(t.object_grant))
    }
