"""The lead assignment process on a real database."""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Conflict
from engine.metadata import records
from engine.workflow import messages
from processes.lead_assignment import actions
from processes.record_values import read
from tests.integration.processes.flows.conftest import School

VISITOR = Actor(ActorKind.PUBLIC_FORM, "public_form:lead", "官网")


def new_lead(school: School, region: str = "东城区", **more: str) -> UUID:
    values = {**school.people.lead(), "region": region, "intended_course": "english", "source": "web", "intent": "b"}
    values |= {"branch_id": str(school.ids["branch:east"]), **more}
    return school.run(lambda tx: records.create(tx, "lead", values).id, "east_principal")


def lead(school: School, lead_id: UUID) -> dict[str, object]:
    return dict(school.run(lambda tx: read(tx, "lead", lead_id)))


def owner(school: School, lead_id: UUID) -> str:
    found = lead(school, lead_id)["owner_id"]
    assert isinstance(found, UUID)
    return school.owner_name(found)


def test_leads_go_to_the_least_loaded_of_the_branch(school: School) -> None:
    first, second = new_lead(school), new_lead(school)
    assert {owner(school, first), owner(school, second)} == {"east_sales1", "east_sales2"}
    west = new_lead(school, "海淀区")
    assert owner(school, west).startswith("west_sales")
    assert lead(school, west)["branch_id"] == school.ids["branch:west"]
    assert lead(school, west)["stage"] == "assigned"


def test_unaccepted_lead_goes_round_and_then_to_the_head(school: School) -> None:
    lead_id = new_lead(school)
    asked = owner(school, lead_id)
    school.wait(timedelta(hours=4))
    second = owner(school, lead_id)
    assert {asked, second} == {"east_sales1", "east_sales2"}
    school.complete(second, "accept_lead", lead_id, "decline", comment="在休假")
    chosen = school.users["east_sales1"].id
    school.complete("east_principal", "assign_by_head", lead_id, "done", {"owner_id": chosen})
    assert owner(school, lead_id) == "east_sales1"
    assert lead(school, lead_id)["stage"] == "following"
    assert lead(school, lead_id)["protected_until"] is not None


def test_neglected_lead_returns_to_the_pool_and_is_claimed_once(school: School) -> None:
    lead_id = new_lead(school)
    sales = owner(school, lead_id)
    school.complete(sales, "accept_lead", lead_id, "accept")
    school.wait(timedelta(days=3))
    assert any("三天未跟进" in text for text in school.texts(str(lead(school, lead_id)["name"])))
    school.wait(timedelta(days=4, minutes=1))
    assert lead(school, lead_id)["stage"] == "pool"
    assert lead(school, lead_id)["owner_id"] is None
    school.run(lambda tx: actions.claim(tx, lead_id, {}), "east_sales2")
    assert owner(school, lead_id) == "east_sales2"
    with pytest.raises(Conflict):
        school.run(lambda tx: actions.claim(tx, lead_id, {}), "east_sales1")
    school.task("follow_up", lead_id)


def test_follow_up_is_noted_and_the_lead_is_won(school: School) -> None:
    lead_id = new_lead(school)
    sales = owner(school, lead_id)
    school.complete(sales, "accept_lead", lead_id, "accept")
    school.complete(sales, "follow_up", lead_id, "continue", {"way": "phone", "content": "约周六试听"})
    assert lead(school, lead_id)["last_follow_up_at"] is not None
    school.complete(sales, "follow_up", lead_id, "won")
    assert lead(school, lead_id)["stage"] == "signed"


def test_message_registers_a_lead_once(school: School) -> None:
    phone = school.people.phone()
    payload = {"name": "赵小满", "phone": phone, "region": "西城区", "intended_course": "coding", "branch": "west"}

    def send(message_id: str) -> str:
        return school.boundary.run(
            VISITOR, lambda tx: messages.correlate(tx, "lead.received", {}, payload, message_id)
        ).status

    assert send("web:1") == "started"
    assert send("web:1") == "duplicate"
    assert send("web:2") == "started"  # the same person again: the process ends at once
    found = school.run(lambda tx: _by_phone(tx, phone))
    assert len(found) == 1
    assert owner(school, found[0]).startswith("west_sales")


def test_lead_of_nowhere_goes_to_headquarters_and_on_to_the_branch_of_whom_it_chooses(school: School) -> None:
    headquarters = str(school.ids["branch:hq"])
    values = {**school.people.lead(), "region": "昌平区", "intended_course": "art", "branch_id": headquarters}
    lead_id = school.run(lambda tx: records.create(tx, "lead", {**values, "source": "web"}).id, "hq_manager")
    chosen = school.users["west_sales1"].id
    school.complete("hq_manager", "assign_by_head", lead_id, "done", {"owner_id": chosen})
    assert owner(school, lead_id) == "west_sales1"
    assert lead(school, lead_id)["branch_id"] == school.ids["branch:west"]


def _by_phone(tx, phone):  # type: ignore[no-untyped-def]
    from sqlalchemy import select

    from processes.people.tables import lead as table

    return list(tx.execute(select(table.c.id).where(table.c.phone.contains(phone[-8:]))).scalars())
