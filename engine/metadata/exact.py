"""Exact search on a masked field: a right of its own, in the history, limited in number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from engine.kernel import history
from engine.kernel.errors import Forbidden, TooManyRequests, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access
from engine.metadata.columns import Columns
from engine.metadata.conditions import filter_to_sql
from engine.metadata.getting import get
from engine.metadata.record import Record
from engine.metadata.statement import Statement, from_clause, own_rows

PER_HOUR = 30
_MOST = 5
_ACTION = "record:searched_exactly"


def find_exact(tx: Tx, object_key: str, field_key: str, value: Any) -> list[Record]:
    """At most five records within reach whose masked field is exactly `value`; the value stays masked in them.

    Needs `reveal` on the object. Raises Forbidden, UserError for a bad value, TooManyRequests after 30 in an hour.
    """
    rights = access.rights_on(tx, object_key)
    if rights.levels.get(field_key, "none") == "none":
        raise access.unknown_field(field_key)
    if not access.can(tx, "reveal", object_key):
        raise Forbidden
    if not isinstance(value, str) or len(value.strip()) < 4:
        message = Text("请输入完整的值", "Enter the full value")
        raise UserError("full_value_needed", message, fields={field_key: message})
    _count(tx)
    statement = Statement()
    alias = statement.alias()
    columns = Columns(tx, statement, rights.definition, alias, checked=False)
    condition = filter_to_sql(columns, {"field": field_key, "op": "=", "value": value})
    reach = " AND ".join(access.predicate_of(tx, statement, rights, action, alias) for action in ("read", "reveal"))
    sql = (
        f"SELECT {alias}.id FROM {from_clause(rights.definition, alias)} WHERE {alias}.deleted_at IS NULL"  # noqa: S608
        f" AND {own_rows(statement, rights.definition, alias)} AND {reach} AND {condition} LIMIT {_MOST}"
    )
    ids = tx.execute(sa.text(sql), statement.parameters).scalars().all()
    data = {"field": field_key, "found": len(ids)}
    tx.record(Event(_ACTION, ("object", object_key), rights.profile.branch_id, data))
    return [get(tx, object_key, one) for one in ids]


def _count(tx: Tx) -> None:
    c = history.history.c
    recent = (c.actor_id == tx.actor.id, c.action == _ACTION, c.at > tx.now - timedelta(hours=1))
    if tx.execute(sa.select(sa.func.count()).where(*recent)).scalar_one() >= PER_HOUR:
        raise TooManyRequests(hint=Text("一小时后再试", "Try again in an hour"))
