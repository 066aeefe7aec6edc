"""Leads: registration with a check across all branches, protection, ownership, the public pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, RowMapping, bindparam, func, insert, or_, select, update

from engine.kernel.errors import Conflict, NotFound, TooManyRequests, UserError
from engine.kernel.fixed import fixed
from engine.kernel.history import Change, Event, history
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.fieldtypes import type_of
from engine.metadata.fieldtypes.base import FieldError
from engine.metadata.tables import definition_of
from processes.people.tables import follow_up, lead, student
from processes.permits import permit, permit_branch, permitted
from processes.places import zone_of
from processes.stamping import created, indexed, touched

OPEN_STAGES = ("new", "assigned", "following", "visiting", "trial")
STAGES = (*OPEN_STAGES, "signed", "pool", "lost")
_NOT_REGISTERED = frozenset({"source_key", "protected_until", "pooled_at", "student_id", "last_follow_up_at"})
_HELD = (lead.c.id, lead.c.version, lead.c.branch_id, lead.c.owner_id, lead.c.stage, lead.c.pooled_at,
         lead.c.protected_until, lead.c.last_follow_up_at, lead.c.next_follow_up_at)  # fmt: skip
"""What the operations on a lead look at or change."""


@dataclass(frozen=True, slots=True)
class Existing:
    """All that a duplicate check reveals: the person is known, where, and until when protected."""

    branch_id: UUID
    protected_until: datetime | None


@dataclass(frozen=True, slots=True)
class Registration:
    """lead_id is None when somebody else has the person already."""

    lead_id: UUID | None
    is_new: bool
    existing: tuple[Existing, ...] = ()


def register_lead(
    tx: Tx, values: Mapping[str, Any], *, branch_id: UUID, key: str, even_if_known: bool = False
) -> Registration:
    """Register a person as a lead, once per key (web form, message, call). JSON values of standard fields.

    When the phone is known anywhere, nothing is written and `existing` says so; `even_if_known` writes it anyway,
    for a dispute that a person decides.
    """
    parsed = _parse(values)
    phone = parsed.get("phone")
    lock(tx, f"lead-key:{key}", f"phone:{phone}")
    known = tx.execute(select(lead.c.id).where(lead.c.source_key == key)).scalar_one_or_none()
    if known is not None:
        return Registration(UUID(str(known)), is_new=False)
    existing = find_existing(tx, phone=str(phone))
    if existing and not even_if_known:
        tx.record(Event("lead:collided", ("lead_key", key), branch_id, {"branches": [e.branch_id for e in existing]}))
        return Registration(None, is_new=False, existing=existing)
    row = created(tx, branch_id) | parsed | {"source_key": key, "stage": "new"}
    lead_id = UUID(str(tx.execute(insert(lead).values(indexed(lead, row)).returning(lead.c.id)).scalar_one()))
    changes = [Change("name", None, parsed["name"], True), Change("phone", None, phone, True)]
    tx.record(Event("lead:registered", ("lead", lead_id), branch_id, {"source": parsed.get("source")}, changes))
    return Registration(lead_id, is_new=True, existing=existing)


def _parse(values: Mapping[str, Any]) -> dict[str, Any]:
    definition = definition_of(lead)
    parsed: dict[str, Any] = {}
    problems: dict[str, Text] = {}
    for name, raw in values.items():
        field = definition.field(name)
        if field is None or name in _NOT_REGISTERED or not type_of(field).stored:
            problems[name] = Text("不能登记该字段", "This field cannot be registered")
        elif raw not in (None, ""):
            try:
                parsed[name] = type_of(field).from_json(field, raw)
            except FieldError as error:
                problems[name] = error.message
    for name in ("name", "phone"):
        if not parsed.get(name) and name not in problems:
            problems[name] = Text("必填", "Required")
    if problems:
        raise UserError("lead.invalid", Text("线索信息有误", "The lead is not valid"), fields=problems)
    return parsed


def find_existing(tx: Tx, *, phone: str) -> tuple[Existing, ...]:
    """Who has this phone as a lead or student, in any branch."""
    live = lead.c.deleted_at.is_(None) & (lead.c.stage != "lost")
    leads = tx.execute(
        select(lead.c.branch_id, lead.c.protected_until)
        .where(live, or_(lead.c.phone == phone, lead.c.phone2 == phone))
        .order_by(lead.c.id)
        .limit(20)
    ).all()
    students = tx.execute(
        select(student.c.branch_id).where(student.c.phone == phone, student.c.deleted_at.is_(None)).limit(20)
    ).scalars()
    found = [Existing(row.branch_id, row.protected_until) for row in leads]
    return tuple(dict.fromkeys([*found, *(Existing(branch, None) for branch in students)]))


def move_lead(tx: Tx, lead_id: UUID, stage: str) -> None:
    """Request a transition; nothing when the lead is there already."""
    permit(tx, "update", "lead", lead_id)
    if stage not in STAGES:
        raise UserError("lead.unknown_stage", Text(f"没有阶段 {stage}", f"There is no stage {stage}"))
    row = _locked(tx, lead_id)
    if row["stage"] != stage:
        _write(tx, row, "lead:moved", stage=stage)


def foresee_change(tx: Tx, lead_id: UUID) -> None:
    """Lock the lead along with the next question: an operation on it is to follow."""
    tx.foresee(_lock(), {"id": lead_id})


def take_on_lead(tx: Tx, lead_id: UUID, *, days: int) -> datetime:
    """The owner follows the lead from now on: moved to `following` and kept for him for that many days; until when."""
    permit(tx, "update", "lead", lead_id)
    row = _locked(tx, lead_id)
    until = tx.now + timedelta(days=days)
    moved = {} if row["stage"] == "following" else {"lead:moved": {"stage": "following"}}
    _write_all(tx, row, moved | {"lead:protected": {"protected_until": until}})
    return until


def assign_lead(tx: Tx, lead_id: UUID, owner_id: UUID, *, branch_id: UUID | None = None, reason: str = "") -> None:
    """Give the lead to a salesperson, who still has to accept it (stage `assigned`)."""
    permit(tx, "assign", "lead", lead_id)
    row = _locked(tx, lead_id)
    values = {"owner_id": owner_id, "stage": "assigned", "pooled_at": None}
    if branch_id is not None:
        values["branch_id"] = branch_id
    _write(tx, row, "lead:assigned", data={"reason": reason}, **values)


def release_to_pool(tx: Tx, lead_id: UUID, *, reason: str) -> None:
    """Put a neglected lead back into the public pool; a lead that is signed or lost stays where it is."""
    permit(tx, "update", "lead", lead_id)
    row = _locked(tx, lead_id)
    if row["stage"] in OPEN_STAGES:
        _write(tx, row, "lead:pooled", data={"reason": reason}, stage="pool", owner_id=None, pooled_at=tx.now,
               protected_until=None)  # fmt: skip


def claim_from_pool(tx: Tx, lead_id: UUID, *, daily_limit: int = 5, protect_days: int = 7) -> None:
    """Take a lead out of the pool for oneself.

    Raises: Conflict when somebody was quicker; TooManyRequests above the daily limit.
    """
    permit(tx, "create", "lead")
    if not tx.actor.is_user:
        raise UserError("lead.claim_by_person", Text("只有员工可以领取", "Only a member of staff can claim a lead"))
    lock(tx, f"lead-claims:{tx.actor.id}")
    row = _locked(tx, lead_id)
    permit_branch(tx, row["branch_id"])
    if row["stage"] != "pool":
        tell_claimed(tx, lead_id)
        raise Conflict("lead.not_in_pool", Text("该线索已不在公海", "This lead is no longer in the pool"))
    zone = zone_of(tx, row["branch_id"])
    midnight = tx.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    claimed = tx.execute(
        select(func.count()).select_from(history)
        .where(history.c.actor_id == tx.actor.id, history.c.action == "lead:claimed", history.c.at >= midnight)
    ).scalar_one()  # fmt: skip
    if claimed >= daily_limit:
        raise TooManyRequests(
            "lead.claim_limit",
            Text(f"今日领取已达上限 {daily_limit} 条", f"The daily limit of {daily_limit} claims is reached"),
            hint=Text("请明天再领取", "Try again tomorrow"),
        )
    until = tx.now + timedelta(days=protect_days)
    _write(tx, row, "lead:claimed", stage="following", owner_id=UUID(tx.actor.id), pooled_at=None,
           protected_until=until)  # fmt: skip


def tell_claimed(tx: Tx, lead_id: UUID) -> None:
    """Raises: Conflict that names who took the lead out of the pool of the actor's branch within the last day."""
    row = tx.execute(select(lead.c.branch_id, lead.c.stage).where(lead.c.id == lead_id)).one_or_none()
    if row is None or row.stage == "pool":
        return
    permit_branch(tx, row.branch_id)
    who = tx.execute(
        select(history.c.actor_name)
        .where(history.c.subject_kind == "lead", history.c.subject_id == str(lead_id),
               history.c.action == "lead:claimed", history.c.at >= tx.now - timedelta(days=1))
        .order_by(history.c.id.desc()).limit(1)
    ).scalar_one_or_none()  # fmt: skip
    if who:
        raise Conflict(
            "lead.not_in_pool",
            Text(f"该线索已被 {who} 领取", f"{who} has claimed this lead"),
            hint=Text("请在公海中选择其他线索", "Choose another lead of the pool"),
        )


def pool(tx: Tx, branch_id: UUID, *, limit: int = 100) -> tuple[RowMapping, ...]:
    """Leads of the branch's pool, newest first, without the person's contact data."""
    permit(tx, "create", "lead")
    permit_branch(tx, branch_id)
    columns = (lead.c.id, lead.c.name, lead.c.grade, lead.c.region, lead.c.intended_course, lead.c.intent,
               lead.c.pooled_at)  # fmt: skip
    statement = select(*columns).where(
        lead.c.branch_id == branch_id, lead.c.stage == "pool", lead.c.deleted_at.is_(None)
    )
    return tuple(tx.execute(statement.order_by(lead.c.pooled_at.desc(), lead.c.id).limit(limit)).mappings())


def record_follow_up(
    tx: Tx, lead_id: UUID, *, way: str, content: str, next_at: datetime | None = None
) -> UUID:  # fmt: skip
    """Note a contact with the person; it counts as follow-up from now."""
    permit(tx, "update", "lead", lead_id)
    row = _locked(tx, lead_id)
    owner = UUID(tx.actor.id) if tx.actor.is_user else row["owner_id"]
    values = created(tx, row["branch_id"], owner_id=owner) | {
        "lead_id": lead_id, "at": tx.now, "way": way, "content": content, "next_at": next_at,
    }  # fmt: skip
    entry_id = UUID(
        str(tx.execute(insert(follow_up).values(indexed(follow_up, values)).returning(follow_up.c.id)).scalar_one())
    )
    changes: dict[str, Any] = {"last_follow_up_at": tx.now, "next_follow_up_at": next_at}
    if row["stage"] in ("new", "assigned"):
        changes["stage"] = "following"
    _write(tx, row, "lead:followed_up", data={"way": way, "follow_up_id": entry_id}, **changes)
    return entry_id


def followed_since(tx: Tx, lead_id: UUID, since: datetime) -> bool:
    """Whether anybody has noted a contact since that moment (also through the plain follow-up form)."""
    noted = select(follow_up.c.id).where(follow_up.c.lead_id == lead_id, follow_up.c.at >= since).limit(1)
    return tx.execute(noted).first() is not None


def sales_load(tx: Tx, branch_id: UUID) -> dict[UUID, int]:
    """Open leads per owner in the branch; owners without any are not in it.

    A new lead is nobody's load yet: its owner only typed or imported it.
    """
    statement = (
        select(lead.c.owner_id, func.count().label("open"))
        .where(lead.c.branch_id == branch_id, lead.c.stage.in_(OPEN_STAGES[1:]), lead.c.owner_id.is_not(None))
        .where(lead.c.deleted_at.is_(None))
        .group_by(lead.c.owner_id)
    )
    return {row["owner_id"]: row["open"] for row in tx.execute(statement).mappings()}


def hand_over(tx: Tx, from_user: UUID, to_user: UUID) -> int:
    """Move the open leads and the students of one member of staff to another; how many records."""
    permit(tx, "assign", "lead")
    moved = 0
    open_lead = lead.c.stage.in_((*OPEN_STAGES, "signed"))
    for name, table, condition in (("lead", lead, open_lead), ("student", student, student.c.deleted_at.is_(None))):
        owned = tx.execute(select(table.c.id).where(table.c.owner_id == from_user, condition)).scalars()
        moved += tx.execute(
            update(table)
            .where(table.c.id.in_(permitted(tx, "assign", name, owned)))
            .values(owner_id=to_user, version=table.c.version + 1, **touched(tx))
        ).rowcount
    tx.record(Event("staff:handed_over", ("user", from_user), None, {"to": to_user, "records": moved}))
    return moved


def _locked(tx: Tx, lead_id: UUID) -> Mapping[str, Any]:
    found = tx.mappings(_lock(), {"id": lead_id})
    if not found:
        raise NotFound
    return found[0]


@cache
def _lock() -> str:
    is_live = lead.c.deleted_at.is_(None)
    return fixed(select(*_HELD).where(lead.c.id == bindparam("id"), is_live).with_for_update())


@lru_cache(maxsize=50)
def _change(names: tuple[str, ...]) -> str:
    places: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in names}
    return fixed(update(lead).where(lead.c.id == bindparam("row")).values(places))


def _write(
    tx: Tx, row: Mapping[str, Any], action: str, *, data: dict[str, object] | None = None, **values: Any
) -> None:
    _write_all(tx, row, {action: values}, data)


def _write_all(
    tx: Tx, row: Mapping[str, Any], actions: Mapping[str, Mapping[str, Any]], data: dict[str, object] | None = None
) -> None:
    """One update for all; each action with its own values in the history."""
    values = {name: value for changed in actions.values() for name, value in changed.items()}
    written = values | {"version": row["version"] + 1} | touched(tx)
    tx.post(_change(tuple(written)), {f"new_{name}": value for name, value in written.items()} | {"row": row["id"]})
    branch_id = values.get("branch_id", row["branch_id"])
    for action, changed in actions.items():
        changes = [Change(name, row[name], value) for name, value in changed.items() if row[name] != value]
        tx.record(Event(action, ("lead", row["id"]), branch_id, data or {}, changes))
