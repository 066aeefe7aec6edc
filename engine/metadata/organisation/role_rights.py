"""Which administration rights a role carries."""

from __future__ import annotations

import sqlalchemy as sa

from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.known_rights import check_rights
from engine.metadata.organisation.roles import more_than_held
from engine.metadata.rights import EVERY_RIGHT, has_rights, require_right


def set_rights(tx: Tx, role: str, rights: frozenset[str]) -> None:
    """Replaces the role's administration rights; from then on they no longer follow the release.

    Needs `manage_roles`, and each right that is given or taken, at headquarters. Raises: NotFound, UserError,
    Forbidden, Conflict for a role that holds every right.
    """
    require_right(tx, "manage_roles")
    config = snapshot.load(tx)
    found = config.roles.get(role)
    if found is None:
        raise NotFound
    if EVERY_RIGHT in found.rights:
        raise Conflict(
            "every_right", Text("该角色拥有全部管理权限，不能修改", "The role holds every right; that stays")
        )
    check_rights(rights)
    changed = rights ^ found.rights
    if not has_rights(tx, changed, config.root.id):
        raise more_than_held("、".join(sorted(changed)))
    if changed:
        tx.execute(sa.update(t.role).where(t.role.c.key == role).values(rights=sorted(rights), is_shipped=False))
        snapshot.changed(tx)
        tx.record(Event("role:changed", ("role", role), changes=[_change(found.rights, rights)]))


def _change(old: frozenset[str], new: frozenset[str]) -> Change:
    return Change("rights", "、".join(sorted(old)), "、".join(sorted(new)))
