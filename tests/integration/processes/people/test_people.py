import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.card_number import CardForm
from engine.kernel.clock import FixedClock
from engine.kernel.errors import Conflict, Forbidden, NotFound, TooManyRequests, UserError
from processes.people import api as people
from processes.people.tables import lead, student

PHONE = "13800138000"


def register(school, key: str, phone: str = PHONE, branch: UUID | None = None, **more) -> people.Registration:
    values = {"name": "王小明", "phone": phone, "intended_course": "english"} | more
    return school.run(lambda tx: people.register_lead(tx, values, branch_id=branch or school.east, key=key))


def row_of(school, lead_id: UUID):
    return school.run(lambda tx: tx.execute(select(lead).where(lead.c.id == lead_id)).mappings().one())


def test_a_registration_is_written_once_per_key(school) -> None:
    first, again = register(school, "web:1"), register(school, "web:1")
    assert (first.is_new, again.is_new, again.lead_id) == (True, False, first.lead_id)
    assert row_of(school, first.lead_id)["stage"] == "new"


def test_a_known_phone_in_another_branch_reveals_branch_and_protection_only(school, clock: FixedClock) -> None:
    first = register(school, "web:1")
    until = school.run(lambda tx: people.take_on_lead(tx, first.lead_id, days=7))
    second = register(school, "web:2", phone="+86 138-0013-8000", branch=school.west)
    assert second.lead_id is None
    assert second.existing == (people.Existing(school.east, until),)
    assert until == clock.now() + timedelta(days=7)


def test_lead_taken_on_is_followed_and_kept_in_one_version(school, clock: FixedClock) -> None:
    lead_id = register(school, "web:1").lead_id
    school.run(lambda tx: people.take_on_lead(tx, lead_id, days=7))
    row = row_of(school, lead_id)
    assert (row["stage"], row["protected_until"], row["version"]) == ("following", clock.now() + timedelta(days=7), 2)
    told = school.run(
        lambda tx: tx.query(
            "select action, data->'changes'->0->>'field' from history where subject_id = %(id)s order by id",
            {"id": str(lead_id)},
        )
    )
    assert told[-2:] == [("lead:moved", "stage"), ("lead:protected", "protected_until")]


def test_two_registrations_of_one_phone_at_once_leave_one_lead(school) -> None:
    results: list[people.Registration] = []
    threads = [
        threading.Thread(target=lambda k=number: results.append(register(school, f"web:{k}"))) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.is_new for result in results) == [False, False, False, True]


def test_a_lead_without_phone_names_the_field(school) -> None:
    with pytest.raises(UserError) as caught:
        school.run(lambda tx: people.register_lead(tx, {"name": "王"}, branch_id=school.east, key="k"))
    assert set(caught.value.fields) == {"phone"}


def test_fields_that_the_school_keeps_cannot_be_registered(school) -> None:
    with pytest.raises(UserError) as caught:
        register(school, "k", protected_until="2030-01-01T00:00:00Z")
    assert set(caught.value.fields) == {"protected_until"}


def test_assign_follow_up_and_release(school, clock: FixedClock) -> None:
    sales = school.user("east_sales1", "sales", school.east)
    one = register(school, "k").lead_id
    school.run(lambda tx: people.assign_lead(tx, one, UUID(sales.id), reason="轮流"))
    assert school.run(lambda tx: people.sales_load(tx, school.east)) == {UUID(sales.id): 1}
    since: datetime = clock.now()
    assert not school.run(lambda tx: people.followed_since(tx, one, since))
    school.run(lambda tx: people.record_follow_up(tx, one, way="phone", content="有意向"), sales)
    assert school.run(lambda tx: people.followed_since(tx, one, since))
    assert row_of(school, one)["stage"] == "following"
    school.run(lambda tx: people.release_to_pool(tx, one, reason="超期未跟进"))
    row = row_of(school, one)
    assert (row["stage"], row["owner_id"]) == ("pool", None)


def test_claims_from_the_pool_have_a_daily_limit_and_one_winner(school, clock: FixedClock) -> None:
    sales = school.user("east_sales1", "sales", school.east)
    rival = school.user("east_sales2", "sales", school.east)
    ids = [register(school, f"k{n}", phone=f"1380013800{n}").lead_id for n in range(3)]
    for one in ids:
        school.run(lambda tx, one=one: people.release_to_pool(tx, one, reason="旧线索"))
    assert len(school.run(lambda tx: people.pool(tx, school.east), sales)) == 3
    for one in ids[:2]:
        school.run(lambda tx, one=one: people.claim_from_pool(tx, one, daily_limit=2), sales)
    with pytest.raises(Conflict, match="not_in_pool"):
        school.run(lambda tx: people.claim_from_pool(tx, ids[0], daily_limit=2), rival)
    with pytest.raises(TooManyRequests):
        school.run(lambda tx: people.claim_from_pool(tx, ids[2], daily_limit=2), sales)
    clock.advance(timedelta(days=1))
    school.run(lambda tx: people.claim_from_pool(tx, ids[2], daily_limit=2), sales)
    assert row_of(school, ids[2])["owner_id"] == UUID(sales.id)


def test_a_salesperson_cannot_move_the_lead_of_another(school) -> None:
    sales = school.user("east_sales1", "sales", school.east)
    one = register(school, "k").lead_id
    with pytest.raises(NotFound):
        school.run(lambda tx: people.move_lead(tx, one, "trial"), sales)
    with pytest.raises(Forbidden):
        school.run(lambda tx: people.hand_over(tx, UUID(sales.id), UUID(sales.id)), sales)


def test_a_guardian_has_no_right_to_leads(school) -> None:
    one = register(school, "k").lead_id
    guardian = Actor(ActorKind.GUARDIAN, "guardian:1", "王妈妈")
    with pytest.raises((Forbidden, NotFound)):
        school.run(lambda tx: people.move_lead(tx, one, "lost"), guardian)


def test_converting_makes_one_student_with_a_guardian_and_a_number(school) -> None:
    one = register(school, "k", guardian_name="王妈妈").lead_id
    made = {school.run(lambda tx: people.convert_lead(tx, one)) for _ in range(2)}
    (student_id,) = made
    contact = school.run(lambda tx: people.student_contact(tx, student_id))
    assert [(guardian.name, guardian.phone) for guardian in contact.guardians] == [("王妈妈", PHONE)]
    number = school.run(lambda tx: tx.execute(select(student.c.number)).scalar_one())
    assert number == "EAST202600001"


def test_hand_over_moves_leads_and_students(school) -> None:
    old, new = (UUID(school.user(name, "sales", school.east).id) for name in ("old", "new"))
    one = register(school, "k").lead_id
    school.run(lambda tx: people.assign_lead(tx, one, old))
    assert school.run(lambda tx: people.hand_over(tx, old, new)) == 1
    assert row_of(school, one)["owner_id"] == new


def test_every_printed_form_finds_the_card(school) -> None:
    one = school.student()
    school.run(lambda tx: people.bind_card(tx, "0008075634", one))
    assert school.run(lambda tx: people.student_by_card(tx, people.canonical_key("007B3972"))) == one
    assert school.run(lambda tx: people.student_by_card(tx, people.canonical_key("6F007B3972"))) == one
    assert school.run(lambda tx: people.student_by_card(tx, "00AAAAAA")) is None


def test_a_wiegand_reading_of_a_full_number_is_for_a_person_to_decide(school) -> None:
    one = school.student()
    school.run(lambda tx: people.bind_card(tx, "0008075634", one))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: people.student_by_card(tx, people.canonical_key("123,14706")))
    assert caught.value.code == "card.ambiguous"
    assert school.run(lambda tx: people.suggestions(tx, "W7B3972")) == {one}


def test_eight_digits_need_a_form(school) -> None:
    one = school.student()
    with pytest.raises(UserError) as caught:
        school.run(lambda tx: people.bind_card(tx, "12314706", one))
    assert caught.value.code == "card.number"
    school.run(lambda tx: people.bind_card(tx, "12314706", one, form=CardForm.DECIMAL_8))
    assert school.run(lambda tx: people.student_by_card(tx, "W7B3972")) == one


def test_a_card_has_one_holder_until_it_is_returned(school) -> None:
    one, two = school.student("甲"), school.student("乙", phone="13900139000")
    card = school.run(lambda tx: people.bind_card(tx, "0008075634", one))
    assert school.run(lambda tx: people.bind_card(tx, "0008075634", one)) == card
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: people.bind_card(tx, "0008075634", two))
    assert caught.value.code == "card.taken"
    school.run(lambda tx: people.unbind_card(tx, card, reason="换卡"))
    school.run(lambda tx: people.bind_card(tx, "0008075634", two))
    assert school.run(lambda tx: people.student_by_card(tx, "007B3972")) == two
