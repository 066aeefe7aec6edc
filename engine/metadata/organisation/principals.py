"""Grants of those who are not users: processes, public forms, devices, connectors."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.organisation.coverage import missing_for_grant
from engine.metadata.organisation.roles import more_than_held
from engine.metadata.rights import require_right
from engine.metadata.snapshot import Grant


def approve_principal(tx: Tx, principal: str, grants: Mapping[str, Grant]) -> None:
    """Replaces what `principal` (`process:refund`, `public_form:lead`) may do: object key -> Grant.

    Called at deploy with the manifest's grants. Needs `manage_processes`, and each grant itself at headquarters.
    """
    require_right(tx, "manage_processes")
    root = snapshot.load(tx).root.id
    for object_key, grant in grants.items():
        if missing := missing_for_grant(tx, object_key, grant, root):
            raise more_than_held(missing)
    tx.execute(sa.delete(t.principal_grant).where(t.principal_grant.c.principal == principal))
    for object_key, grant in grants.items():
        values = {"principal": principal, "object": object_key, "scopes": grant.scopes, "fields": grant.fields}
        tx.execute(insert(t.principal_grant).values(values))
    snapshot.changed(tx)
    data = {key: {"scopes": dict(grant.scopes), "fields": dict(grant.fields)} for key, grant in grants.items()}
    tx.record(Event("principal:approved", ("principal", principal), root, data))
