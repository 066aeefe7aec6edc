"""Cases that are under way when the demo opens: at least one of each process, and fresh leads."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import records
from processes.class_transfer import actions as transfers
from processes.contracts import api as contracts
from processes.refund import actions as refunds
from webapp.demo import students
from webapp.demo.students import Enrolment
from webapp.demo.world import World

_FRESH_LEADS = 30


def start_cases(world: World) -> None:
    """Contracts waiting for each kind of approver, a transfer, two refunds, leads in every stage."""
    _leads(world)
    world.go_to(-1, 14)
    _contracts(world)
    _transfer(world)
    _refunds(world)
    world.go_to(0, 8)


def _leads(world: World) -> None:
    for number in range(_FRESH_LEADS):
        world.go_to(-12 + number * 12 // _FRESH_LEADS, 9 + number % 8)
        branch = ("east", "west")[number % 2]
        if number < _FRESH_LEADS // 2:
            sales = students.accept_new_lead(world, branch)
            if number % 3 == 0:
                students.follow_up(world, sales, world.ids["lead:last"], "continue")
            elif number % 3 == 1:
                students.follow_up(world, sales, world.ids["lead:last"], "lost", "孩子时间排不开")
        else:
            values = {**world.people.lead(), "branch_id": str(world.ids[f"branch:{branch}"])}
            world.run(partial(records.create, object_key="lead", values=values), f"{branch}_principal")


def _contracts(world: World) -> None:
    plans = (
        ("approve_principal", Enrolment("east_english_1", 40, 0, "300.00")),
        ("approve_finance", Enrolment("east_math_1", 40, 0, "800.00")),
        ("countersign", Enrolment("west_coding_1", 40, 0, "2000.00")),
        ("revise_draft", Enrolment("east_art_1", 30, 0, "180.00")),
        ("sign_contract", Enrolment("west_english_1", 30)),
        ("collect_payment", Enrolment("east_english_2", 20)),
    )
    for stop, enrolment in plans:
        branch = enrolment.group.split("_")[0]
        sales = students.accept_new_lead(world, branch)
        contract_id = students.draft(world, sales, world.ids["lead:last"], enrolment)
        if stop == "approve_finance":
            world.complete(f"{branch}_principal", "approve_principal", contract_id, "approve", comment="同意")
        if stop == "revise_draft":
            world.complete(f"{branch}_principal", "approve_principal", contract_id, "reject", comment="优惠请降到 3%")
        if stop == "collect_payment":
            today = world.clock.now().date().isoformat()
            values = {"signed_on": today, "sign_way": "electronic"}
            world.complete(sales, "sign_contract", contract_id, "signed", values)
        world.task(stop, contract_id)


def _transfer(world: World) -> None:
    contract_id = world.ids["contract:0"]
    values = {
        "from_class_id": str(world.ids["class:east_english_1"]),
        "to_class_id": str(world.ids["class:east_english_2"]),
        "effective_on": (world.now + timedelta(days=7)).date(),
        "requested_hours": None,
        "reason": "希望进入小班",
    }
    world.run(lambda tx: transfers.start(tx, contract_id, values), "east_academic")
    world.task("approve_academic", contract_id)


def _refunds(world: World) -> None:
    for number, reason in ((2, "全家搬往外地"), (8, "兴趣转移")):
        contract_id = world.ids[f"contract:{number}"]
        values = {"reason": reason, "way": "original", "materials_kept": "120.00"}
        who = "east_sales1" if _own(world, contract_id) else "east_finance"
        world.run(partial(refunds.start, contract_id=contract_id, values=values), who)
    first = world.ids["contract:2"]
    world.complete("east_principal", "approve_principal", first, "approve", comment="情况属实")


def _own(world: World, contract_id: UUID) -> bool:
    def owner(tx: Tx) -> UUID | None:
        return contracts.facts(tx, contract_id).owner_id

    return str(world.run(owner)) == world.users["east_sales1"].id
