"""Leads that became students, and their contracts taken through approval, signature, payment and class."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.metadata import records
from processes.contract_approval import actions
from processes.finance.tables import instalment
from processes.people import api as people
from processes.record_values import read
from webapp.demo.catalogue import CLASSES
from webapp.demo.world import World

COURSE_OF = {key: course for key, _, course, *_ in CLASSES}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A family that signed: class, hours, discount in yuan, and how many instalments."""

    group: str
    paid: int
    gift: int = 0
    discount: str = "0"
    instalments: int = 1


ENROLMENTS = (
    *(Enrolment("east_english_1", 40), Enrolment("east_english_1", 40, 4, "300.00")),
    *(Enrolment("east_english_1", 96, 0, "400.00", 3), Enrolment("east_english_2", 30)),
    *(Enrolment("east_english_2", 40, 0, "680.00"), Enrolment("east_math_1", 40), Enrolment("east_math_1", 60, 6)),
    *(Enrolment("east_math_1", 40, 0, "0", 2), Enrolment("east_art_1", 30), Enrolment("east_art_1", 48)),
    *(Enrolment("west_english_1", 40), Enrolment("west_english_1", 60, 0, "180.00")),
    *(Enrolment("west_coding_1", 30), Enrolment("west_coding_1", 40, 0, "80.00"), Enrolment("west_english_1", 8)),
)


def enrol_students(world: World) -> None:
    """One lead after the other: assigned, followed up, signed."""
    for number, enrolment in enumerate(ENROLMENTS):
        world.go_to(-64 + number // 3, 9 + number % 3 * 2)
        contract_id = sign_up(world, enrolment)
        world.ids[f"contract:{number}"] = contract_id


def sign_up(world: World, enrolment: Enrolment) -> UUID:
    """From a walk-in lead to an active contract; the contract's id."""
    branch = enrolment.group.split("_")[0]
    sales = accept_new_lead(world, branch)
    lead_id = world.ids["lead:last"]
    follow_up(world, sales, lead_id, "won")
    contract_id = draft(world, sales, lead_id, enrolment)
    _approve(world, branch, contract_id)
    today = world.clock.now().date().isoformat()
    world.complete(sales, "sign_contract", contract_id, "signed", {"signed_on": today, "sign_way": "paper"})
    pay(world, branch, contract_id)
    return contract_id


def accept_new_lead(world: World, branch: str) -> str:
    """A lead of the branch arrives and is accepted by whoever it was given to; his username."""
    region = "东城区" if branch == "east" else "西城区"
    subject = "english" if branch == "east" else "coding"
    values = {**world.people.lead(), "region": region, "intended_course": subject, "source": "walk_in"}
    values["branch_id"] = str(world.ids[f"branch:{branch}"])
    lead_id = world.run(lambda tx: records.create(tx, "lead", values).id, f"{branch}_principal")
    world.ids["lead:last"] = lead_id
    owner = world.run(lambda tx: read(tx, "lead", lead_id)["owner_id"])
    sales = world.owner_name(owner)
    world.complete(sales, "accept_lead", lead_id, "accept")
    return sales


def follow_up(world: World, sales: str, lead_id: UUID, outcome: str, comment: str = "") -> None:
    """The owner notes a call; ``continue`` keeps following."""
    said = world.random.choice(("对课程感兴趣，约周末试听", "关心师资和班额", "比较了两家，倾向我们", "需要和家人商量"))
    world.complete(sales, "follow_up", lead_id, "continue", {"way": "phone", "content": said})
    if outcome != "continue":
        world.complete(sales, "follow_up", lead_id, outcome, {}, comment=comment)


def draft(world: World, sales: str, lead_id: UUID, enrolment: Enrolment) -> UUID:
    """The consultant drafts a contract from a lead; the contract's id."""
    line: dict[str, Any] = {
        "course_id": str(world.ids[f"course:{COURSE_OF[enrolment.group]}"]),
        "class_group_id": str(world.ids[f"class:{enrolment.group}"]),
        "paid_quantity": str(enrolment.paid),
        "gift_quantity": str(enrolment.gift),
        "gift_policy": "pro_rata" if enrolment.gift else "last",
    }
    values = {
        "kind": "new",
        "customer_type": "normal",
        "lines": [line],
        "discount_amount": enrolment.discount,
        "discount_reason": "开学季活动" if enrolment.discount != "0" else "",
        "instalments_wanted": enrolment.instalments,
        "is_identity_checked": True,
        "is_cost_approved": True,
    }

    student_id = world.run(lambda tx: people.convert_lead(tx, lead_id), sales)
    done = world.run(lambda tx: actions.start_for_student(tx, student_id, values), sales)
    assert done.record is not None
    return done.record[1]


def _approve(world: World, branch: str, contract_id: UUID) -> None:
    for who, node in ((f"{branch}_principal", "approve_principal"), ("hq_finance", "approve_finance")):
        try:
            world.task(node, contract_id)
        except LookupError:
            continue
        world.complete(who, node, contract_id, "approve", comment="同意")


def pay(world: World, branch: str, contract_id: UUID) -> None:
    """The branch's finance takes the first instalment."""
    due = world.run(lambda tx: _due(tx, contract_id))
    method = world.random.choice(("wechat", "alipay", "card", "transfer"))
    values = {
        "payment_amount": str(due),
        "payment_method": method,
        "received_on": world.clock.now().date().isoformat(),
        "payment_reference": f"{method[:2].upper()}{world.random.randrange(10**9):09d}",
    }
    world.complete(f"{branch}_finance", "collect_payment", contract_id, "received", values)


def _due(tx: Any, contract_id: UUID) -> Any:
    statement = select(instalment.c.amount).where(instalment.c.contract_id == contract_id)
    return tx.execute(statement.order_by(instalment.c.number).limit(1)).scalar_one()
