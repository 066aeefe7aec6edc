"""Chosen cases to the newest version of their process: how each old version's cases fare, and putting it to work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import bulk, deployments, instances
from engine.workflow.instances.reading import InstanceRowView
from webapp.i18n import gettext


@dataclass(frozen=True)
class Moving:
    """The chosen cases of one old version. ``stay``: how many need a choice, or can't go."""

    old: int
    new: int
    old_id: UUID
    new_id: UUID
    go: tuple[UUID, ...]
    stay: int


def moving(tx: Tx, cases: Sequence[InstanceRowView]) -> tuple[Moving, ...]:
    """By old version, newest first. Raises: UserError unless all are of one process with a newer version."""
    keys = {one.process_key for one in cases}
    if len(keys) != 1:
        text = Text("请只选同一种流程的实例", "Choose cases of one process only")
        raise UserError("several_processes", text)
    versions = deployments.versions(tx, keys.pop())
    newest = next((one for one in versions if one.status == "active"), None)
    sql = "select id, version_id from instance where id = any(%(ids)s)"
    at = {row[0]: row[1] for row in tx.query(sql, {"ids": [one.id for one in cases]})}
    found = []
    for old in versions:
        ids = {key for key, version in at.items() if version == old.id}
        if newest is None or old.id == newest.id or not ids:
            continue
        ready = [one for one in instances.plan_migration(tx, old.id, newest.id).ready if one in ids]
        found.append(Moving(old.number, newest.number, old.id, newest.id, tuple(ready), len(ids) - len(ready)))
    if not found:
        raise UserError("newest_already", Text("所选流程都在最新版本上", "The chosen cases are on the newest version"))
    return tuple(found)


def facts(groups: Sequence[Moving]) -> Iterator[tuple[str, str]]:
    """What the page says of them: (text, tone)."""
    for one in groups:
        yield gettext("版本 %(old)s → %(new)s：%(n)s 个可以迁移", old=one.old, new=one.new, n=len(one.go)), ""
        if one.stay:
            yield gettext("%(n)s 个需要先选择对应的环节，请到“版本迁移”办理", n=one.stay), "amber"


def start(tx: Tx, groups: Sequence[Moving]) -> UUID:
    """One job for all old versions; its id. Raises: UserError when none can go."""
    moves = [bulk.Move(one.old_id, one.new_id, one.go, {}) for one in groups if one.go]
    if not moves:
        raise UserError("none_ready", Text("没有可以直接迁移的流程", "None of the cases can go by itself"))
    return bulk.migrate(tx, moves)
