"""What the lead-assignment process does at its service tasks."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from engine.feel import DaysAndTimeDuration
from engine.kernel.errors import UserError
from engine.kernel.ids import new_id
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot
from engine.workflow.handlers import BpmnError, Handler, Parameter
from processes.lead_assignment.queue import least_loaded
from processes.parameters import optional, results
from processes.people import api as people
from processes.places import branch_of, zone_of
from processes.record_values import read
from processes.templates import load_templates_beside

Values = Mapping[str, Any]
_FIELDS = ("name", "phone", "guardian_name", "region", "intended_course", "source", "intent", "remark")


def register(tx: Tx, inputs: Values) -> Values:
    """Write a lead that came as a message; one that is known anywhere already ends the process."""
    config = snapshot.load(tx)
    branch = config.branch_by_key(inputs.get("branch") or "") or config.root
    given = {name: inputs[name] for name in _FIELDS if inputs.get(name)}
    key = inputs.get("source_key") or f"message:{new_id()}"
    found = people.register_lead(tx, {"source": "web", **given}, branch_id=branch.id, key=key)
    return {"lead_id": str(found.lead_id) if found.lead_id else None, "is_new": found.is_new}


def read_lead(tx: Tx, inputs: Values) -> Values:
    """The values the decision table asks for."""
    lead = read(tx, "lead", UUID(inputs["lead_id"]))
    return {
        "lead_name": lead["name"],
        "region": lead["region"],
        "courses": lead["intended_course"],
        "source": lead["source"],
        "intent": lead["intent"],
        "branch": branch_of(tx, lead["branch_id"]).key,
    }


def route(tx: Tx, inputs: Values) -> Values:
    """The branch the table named; the lead's own branch when there is no such branch."""
    config = snapshot.load(tx)
    named = config.branch_by_key(inputs.get("branch") or "")
    branch = named or branch_of(tx, read(tx, "lead", UUID(inputs["lead_id"]))["branch_id"])
    return {"branch": branch.key, "branch_id": str(branch.id)}


def pick_person(tx: Tx, inputs: Values) -> Values:
    """Give the lead to whoever of the queue has the fewest open leads and was not asked yet.

    Raises: BpmnError ``nobody_available`` when everybody was asked.
    """
    branch_id, tried = UUID(inputs["branch_id"]), list(inputs.get("tried") or [])
    queue = [str(user) for user in directory.users_with_role(tx, inputs["queue"], branch_id)]
    load = _load(tx, branch_id)
    chosen = least_loaded(queue, load, frozenset(tried))
    if chosen is None:
        raise BpmnError("nobody_available", "队列中没有可派的人员")
    people.assign_lead(tx, UUID(inputs["lead_id"]), UUID(chosen), branch_id=branch_id, reason="按负载派发")
    load[chosen] = load.get(chosen, 0) + 1
    return {"user_id": chosen, "tried": [*tried, chosen]}


def _load(tx: Tx, branch_id: UUID) -> dict[str, int]:
    """Open leads by person: counted once in a transaction, which may hand out many leads."""
    key = ("lead_assignment.load", branch_id)
    if key not in tx.memo:
        tx.memo[key] = {str(owner): count for owner, count in people.sales_load(tx, branch_id).items()}
    found: dict[str, int] = tx.memo[key]
    return found


def assign(tx: Tx, inputs: Values) -> Values:
    """The owner has accepted, was chosen, or has claimed the lead: it is his branch's, protected and followed."""
    lead_id, owner_id = UUID(inputs["lead_id"]), UUID(inputs["owner_id"])
    people.foresee_change(tx, lead_id)
    lead = read(tx, "lead", lead_id)
    if lead["owner_id"] != owner_id:
        branch_id = directory.branch_of(tx, owner_id) or UUID(inputs["branch_id"])
        people.assign_lead(tx, lead_id, owner_id, branch_id=branch_id, reason="指派")
    people.take_on_lead(tx, lead_id, days=int(inputs["protect_days"]))
    return {}


def log_follow_up(tx: Tx, inputs: Values) -> Values:
    """Note what was said. Raises: UserError when the form says nothing."""
    missing = {name: Text("请填写此项", "Please fill this in") for name in ("way", "content") if not inputs.get(name)}
    if missing:
        raise UserError("form_invalid", Text("请填写跟进方式和内容", "Say how and what"), fields=missing)
    lead_id = UUID(inputs["lead_id"])
    next_at = None
    if inputs.get("next_on"):
        zone = zone_of(tx, read(tx, "lead", lead_id)["branch_id"])
        next_at = datetime.combine(inputs["next_on"], time(9), zone).astimezone(UTC)
    people.record_follow_up(tx, lead_id, way=inputs["way"], content=inputs["content"], next_at=next_at)
    return {}


def check_neglect(tx: Tx, inputs: Values) -> Values:
    """Whether really nobody has noted a contact during the time."""
    since = tx.now - _delta(inputs["after"])
    return {"neglected": not people.followed_since(tx, UUID(inputs["lead_id"]), since)}


def remind_owner(tx: Tx, inputs: Values) -> Values:
    """A text message to the owner; the task itself stands in the inbox."""
    lead_id = UUID(inputs["lead_id"])
    phone, _ = directory.contact(tx, UUID(inputs["owner_id"]))
    if phone:
        lead = read(tx, "lead", lead_id)
        template = load_templates_beside(__file__)["lead.remind"]
        message = OutboxMessage(
            channel="sms",
            recipient=phone,
            payload=template.payload("sms", phone, {"lead_name": lead["name"]}),
            idempotency_key=f"lead-reminder:{lead_id}:{tx.now:%Y%m%d}",
            branch_id=lead["branch_id"],
            subject=("lead", str(lead_id)),
            expires_in=timedelta(days=1),
        )
        enqueue(tx, message)
    return {}


def release_to_pool(tx: Tx, inputs: Values) -> Values:
    """Nobody owns the lead any more; everybody of the branch may claim it."""
    people.release_to_pool(tx, UUID(inputs["lead_id"]), reason=inputs.get("reason") or "")
    return {}


def close(tx: Tx, inputs: Values) -> Values:
    """The lead is won (``won``: signed) or lost."""
    people.move_lead(tx, UUID(inputs["lead_id"]), "signed" if inputs["result"] == "won" else "lost")
    return {}


def _delta(value: object) -> timedelta:
    return value.to_timedelta() if isinstance(value, DaysAndTimeDuration) else timedelta(days=7)


_LEAD = {"lead_id": Parameter("record:lead")}

HANDLERS = (
    Handler(
        "lead.register",
        Text("登记线索", "Register the lead"),
        register,
        optional("lead_id", *_FIELDS, "branch", "source_key"),
        results("lead_id", "is_new"),
    ),
    Handler(
        "lead.read",
        Text("读取线索", "Read the lead"),
        read_lead,
        _LEAD,
        results("lead_name", "region", "courses", "source", "intent", "branch"),
    ),
    Handler(
        "lead.route",
        Text("转入校区队列", "Route to the branch's queue"),
        route,
        {**_LEAD, **optional("branch")},
        results("branch", "branch_id"),
    ),
    Handler(
        "lead.pick_person",
        Text("按负载选顾问", "Pick the least loaded"),
        pick_person,
        {**_LEAD, "branch_id": "text", "queue": "text", **optional("tried")},
        results("user_id", "tried"),
    ),
    Handler(
        "lead.assign",
        Text("确认负责人", "Confirm the owner"),
        assign,
        {**_LEAD, "owner_id": "text", "branch_id": "text", "protect_days": "number"},
    ),
    Handler(
        "lead.log_follow_up",
        Text("登记跟进", "Note the follow-up"),
        log_follow_up,
        {**_LEAD, **optional("owner_id", "way", "content", "next_on")},
    ),
    Handler(
        "lead.check_neglect",
        Text("核对跟进记录", "Check for follow-ups"),
        check_neglect,
        {**_LEAD, "after": "any"},
        results("neglected"),
    ),
    Handler(
        "lead.remind_owner",
        Text("提醒负责人", "Remind the owner"),
        remind_owner,
        {**_LEAD, "owner_id": "text"},
    ),
    Handler(
        "lead.release_to_pool",
        Text("放入公海", "Release to the pool"),
        release_to_pool,
        {**_LEAD, **optional("reason")},
    ),
    Handler(
        "lead.close",
        Text("关闭线索", "Close the lead"),
        close,
        {**_LEAD, "result": "text", **optional("reason")},
    ),
)
