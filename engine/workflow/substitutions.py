"""代理: who stands in for whom while away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.instances.access import operates_for
from engine.workflow.runner.people import SUBSTITUTES, substitutes
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks.giving_back import give_back

MOST_AT_ONCE = 50
_DUE = """select id, user_id, process_key from substitution where not is_over and ends_at <= %(now)s
 order by ends_at, id limit %(limit)s for update skip locked"""

_EVER_NAMED = """with recursive deputy(id) as (select substitute_id from substitution where user_id = %(user)s
 union select s.substitute_id from substitution s join deputy d on s.user_id = d.id) select id from deputy"""


@dataclass(frozen=True, slots=True)
class Substitution:
    """From `starts_at` until before `ends_at`; `process_key` None: for every process."""

    id: UUID
    user_id: str
    substitute_id: str
    process_key: str | None
    starts_at: datetime
    ends_at: datetime


def create(
    tx: Tx, user_id: str, substitute_id: str, starts_at: datetime, ends_at: datetime, process_key: str | None = None
) -> UUID:
    """Name a substitute for oneself, or for whomever one operates. Raises: Forbidden; UserError; NotFound."""
    _require_mine(tx, user_id)
    if ends_at <= starts_at or user_id == substitute_id:
        raise UserError("bad_substitution", Text("请检查代理人和时间", "Check the substitute and the times"))
    if len(runtime_of(tx).directory(tx).existing([user_id, substitute_id])) != 2:
        raise NotFound("user_not_found", Text("没有该用户", "There is no such user"))
    substitution_id = new_id()
    sql = """insert into substitution (id, user_id, substitute_id, process_key, starts_at, ends_at, created_by,
 created_at) values (%(id)s, %(user)s, %(substitute)s, %(process)s, %(starts)s, %(ends)s, %(by)s, %(now)s)"""
    parameters = {
        "id": substitution_id, "user": user_id, "substitute": substitute_id, "process": process_key,
        "starts": starts_at, "ends": ends_at, "by": tx.actor.id, "now": tx.now,
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)
    data = {"user": user_id, "substitute": substitute_id, "from": starts_at, "until": ends_at, "process": process_key}
    _forget(tx)
    tx.record(Event("substitution:created", ("substitution", substitution_id), data=data))
    return substitution_id


def end(tx: Tx, substitution_id: UUID) -> None:
    """It is over now; what the substitute has in his place, not begun, comes back. Raises: NotFound; Forbidden."""
    sql = """select user_id, starts_at, process_key from substitution where id = %(id)s and ends_at > %(now)s
 for update"""
    row = tx.connection.exec_driver_sql(sql, {"id": substitution_id, "now": tx.now}).one_or_none()
    if row is None:
        raise NotFound("substitution_not_found", Text("未找到生效中的代理", "There is no such substitution in force"))
    user, starts_at, process_key = row
    _require_mine(tx, user)
    deputies = _ever_named(tx, user)
    if starts_at >= tx.now:
        tx.connection.exec_driver_sql("delete from substitution where id = %(id)s", {"id": substitution_id})
    else:
        change = "update substitution set ends_at = %(now)s where id = %(id)s"
        tx.connection.exec_driver_sql(change, {"id": substitution_id, "now": tx.now})
    _give_back(tx, substitution_id, user, deputies, process_key)


def end_due(tx: Tx) -> int:
    """Those whose time is over end as if somebody had ended them; how many."""
    found = tx.query(_DUE, {"now": tx.now, "limit": MOST_AT_ONCE})
    for substitution_id, user, process_key in found:
        _give_back(tx, substitution_id, user, _ever_named(tx, user), process_key)
    return len(found)


def _give_back(tx: Tx, substitution_id: UUID, user: str, deputies: set[str], process_key: str | None) -> None:
    """Not from those who still stand in for him. What another transaction holds, or too many, follows a round later."""
    _forget(tx)
    back, is_more = give_back(tx, user, deputies - _deputies(tx, user, process_key), process_key)
    if not is_more:
        tx.post(
            "update substitution set is_over = true where id = %(id)s and ends_at <= %(now)s",
            {"id": substitution_id, "now": tx.now},
        )
    if back or not is_more:
        _tell_ended(tx, substitution_id, user, len(back))


def _ever_named(tx: Tx, user: str) -> set[str]:
    """Whom he has ever named, whom those have named, and so on."""
    return {row[0] for row in tx.query(_EVER_NAMED, {"user": user})}


def _tell_ended(tx: Tx, substitution_id: UUID, user: str, given_back: int) -> None:
    data = {"user": user, "given_back": given_back}
    tx.record(Event("substitution:ended", ("substitution", substitution_id), data=data))


def current(tx: Tx, user_id: str | None = None) -> tuple[Substitution, ...]:
    """Substitutions in force or to come: of one user (and those he stands in for), or all."""
    sql = """select id, user_id, substitute_id, process_key, starts_at, ends_at from substitution
 where ends_at > %(now)s and (%(user)s::text is null or user_id = %(user)s or substitute_id = %(user)s)
 order by starts_at, id limit 500"""
    rows = tx.connection.exec_driver_sql(sql, {"now": tx.now, "user": user_id})
    return tuple(Substitution(*row) for row in rows)


def _deputies(tx: Tx, user_id: str, process_key: str | None) -> set[str]:
    """Those who stand in for him now: his substitute, that one's substitute, and so on."""
    named, found = substitutes(tx, process_key or ""), set[str]()
    while (following := named.get(user_id)) is not None and following not in found:
        found.add(following)
        user_id = following
    return found


def _forget(tx: Tx) -> None:
    """What this transaction has read of substitutes is out of date."""
    for key in [key for key in tx.memo if isinstance(key, tuple) and key[0] == SUBSTITUTES]:
        del tx.memo[key]


def _require_mine(tx: Tx, user_id: str) -> None:
    if not operates_for(tx, user_id):
        raise Forbidden()
