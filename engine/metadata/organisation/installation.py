"""The first rows of an empty database: headquarters and the shipped roles."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.shipped_roles import shipped_roles


def install(tx: Tx, name: str, *, key: str = "hq", name_en: str = "") -> UUID:
    """Makes headquarters and the shipped roles when they are missing; the id of headquarters. Safe to repeat."""
    for role in shipped_roles():
        values = {"key": role.key, "label": role.label._asdict(), "is_shipped": True, "rights": list(role.rights)}
        statement = insert(t.role).values(values)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_={"label": statement.excluded.label, "rights": statement.excluded.rights},
                where=sa.and_(t.role.c.is_shipped, t.role.c.rights.is_distinct_from(statement.excluded.rights)),
            )
        )
    root = tx.execute(sa.select(t.branch.c.id).where(t.branch.c.parent_id.is_(None))).scalar_one_or_none()
    if root is None:
        root = new_id()
        tx.execute(sa.insert(t.branch).values(id=root, key=key, name=name, name_en=name_en, kind="headquarters"))
        tx.record(Event("branch:created", ("branch", root), root, {"key": key, "name": name}))
    snapshot.changed(tx)
    assert isinstance(root, UUID)
    return root
