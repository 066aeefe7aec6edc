"""Rows that only a sharing rule opens: some fields stay masked there, for every reader, until the row is one's own."""

import io
import json

import pytest
import sqlalchemy as sa

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.metadata import access, directory, exporting, leaktest, organisation, query, records
from engine.metadata.query import Query

POOLED, OWN = "13873917391", "13900000001"


@pytest.fixture
def pool(school):
    """A colleague's row and one's own; the colleague's is open to all consultants, its phone and fee masked."""

    def plant(tx):
        base = {"branch_id": str(school.branches["east"])}
        other = {**base, "owner_id": str(school.user_id("east_sales2"))}
        mine = {**base, "owner_id": str(school.user_id("east_sales1"))}
        pooled = records.create(
            tx, "enquiry", {**other, "name": "池中", "phone": POOLED, "fee": "7391", "hidden_fee": "1", "intent": "a"}
        )
        own = records.create(
            tx, "enquiry", {**mine, "name": "自己", "phone": OWN, "fee": "5", "parent": str(pooled.id), "intent": "b"}
        )
        organisation.create_sharing_rule(
            tx, object_key="enquiry", name="公海", where='intent = "a"', role="sales", masked=("phone", "fee")
        )
        for field in ("hidden_fee", "margin", "live_margin"):
            organisation.set_field_level(tx, "sales", "enquiry", field, "read")
        return pooled.id, own.id

    return school.run("boss", plant)


def as_sales(school, use_case):
    return school.run("east_sales1", use_case)


def titles(school, **question):
    return [one.title for one in as_sales(school, lambda tx: query.fetch(tx, Query("enquiry", **question))).items]


def test_the_row_is_seen_with_its_fields_masked_and_ones_own_row_whole(school, pool):
    page = as_sales(school, lambda tx: query.fetch(tx, Query("enquiry", sort=("name",))))
    seen = {record.title: record for record in page.items}
    assert seen["池中"].values["phone"] == "138****7391"
    assert seen["池中"].levels["phone"] == "masked"
    assert seen["自己"].values["phone"] == OWN
    one = as_sales(school, lambda tx: records.get(tx, "enquiry", pool[0]))
    assert one.values["phone"] == "138****7391"
    for told in (one.json(), seen["池中"].json()):
        assert not {"7391.00", "7391", "7390", POOLED} & {str(value) for value in told.values()}
    assert as_sales(school, lambda tx: records.get(tx, "enquiry", pool[1])).values["phone"] == OWN


def test_a_row_without_owner_is_masked_as_well(school, pool):
    school.run("system", lambda tx: tx.execute(sa.text("UPDATE enquiry SET owner_id = NULL WHERE intent = 'a'")))
    page = as_sales(school, lambda tx: query.fetch(tx, Query("enquiry", filter={"field": "name", "value": "池中"})))
    assert [one.values["phone"] for one in page.items] == ["138****7391"]
    assert as_sales(school, lambda tx: records.get(tx, "enquiry", pool[0])).values["phone"] == "138****7391"
    assert titles(school, filter=f'phone = "{POOLED}"') == []
    assert titles(school, search="7391") == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (f'phone = "{POOLED}"', []),
        (f'phone = "{OWN}"', ["自己"]),
        ({"field": "phone", "op": "starts_with", "value": "138"}, []),
        ("fee > 7000", []),
        ("fee = 5", ["自己"]),
        ("margin > 7000", []),
        ({"not": {"field": "phone", "op": "empty"}}, ["自己"]),
        ("parent.fee > 7000", []),
        ({"field": "parent.phone", "op": "starts_with", "value": "138"}, []),
    ],
)
def test_filters_and_counts_tell_nothing_of_it(school, pool, condition, found):
    assert titles(school, filter=condition) == found
    assert as_sales(school, lambda tx: query.count(tx, Query("enquiry", filter=condition))).value == len(found)


def test_order_groups_totals_and_search_tell_nothing_of_it(school, pool):
    assert titles(school, sort=("phone",)) == ["自己", "池中"]
    assert titles(school, sort=("-fee",)) == ["自己", "池中"]
    page = as_sales(school, lambda tx: query.fetch(tx, Query("enquiry", sort=("-phone",), limit=1)))
    assert POOLED not in json.dumps(page.next)
    groups = as_sales(school, lambda tx: query.group(tx, Query("enquiry"), "phone"))
    assert {one.value for one in groups} == {OWN, None}
    totals = as_sales(school, lambda tx: query.group(tx, Query("enquiry"), "intent", "fee"))
    assert {one.value: one.total for one in totals} == {"a": None, "b": 5}
    assert titles(school, search="7391") == []
    assert titles(school, search="池中 138") == []
    assert titles(school, search="池中") == ["池中"]
    assert titles(school, search="13900000001") == ["自己"]
    assert as_sales(school, lambda tx: query.search_everywhere(tx, "7391")) == []


def test_trail_export_reveal_and_copies_tell_nothing_of_it(school, pool):
    assert POOLED not in repr(as_sales(school, lambda tx: records.history(tx, "enquiry", pool[0])))
    sink = io.BytesIO()
    as_sales(school, lambda tx: exporting.export(tx, Query("enquiry"), "csv", sink))
    assert POOLED not in sink.getvalue().decode()
    for use_case in (
        lambda tx: records.reveal(tx, "enquiry", pool[0], "phone", "想看看"),
        lambda tx: records.update(tx, "enquiry", pool[0], None, {"name": "x"}),
        lambda tx: records.find_exact(tx, "enquiry", "phone", POOLED),
    ):
        with pytest.raises((Forbidden, NotFound)):
            as_sales(school, use_case)
    copied = as_sales(school, lambda tx: records.copy(tx, "enquiry", pool[0]))
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", copied.id)).values["phone"] is None


def test_the_row_is_whole_once_it_is_ones_own_or_shared_with_one(school, pool):
    sales = school.user_id("east_sales1")
    school.run("boss", lambda tx: organisation.share_record(tx, "enquiry", pool[0], sales))
    assert as_sales(school, lambda tx: records.get(tx, "enquiry", pool[0])).values["phone"] == POOLED
    school.run("boss", lambda tx: organisation.unshare_record(tx, "enquiry", pool[0], sales))
    assert as_sales(school, lambda tx: records.get(tx, "enquiry", pool[0])).values["phone"] == "138****7391"
    school.run("boss", lambda tx: records.update(tx, "enquiry", pool[0], None, {"owner_id": str(sales)}))
    assert as_sales(school, lambda tx: records.get(tx, "enquiry", pool[0])).values["phone"] == POOLED
    assert titles(school, search="7391") == ["池中"]


def test_explanations_and_the_own_leak_test_know_of_it(school, pool):
    answer = school.run(
        "boss", lambda tx: access.explain(tx, school.actors["east_sales1"], "enquiry", pool[0], "phone")
    )
    assert answer.allowed is False
    report = school.run("boss", lambda tx: leaktest.run(tx, school.user_id("east_sales1")))
    assert report.leaks == ()


def test_a_rule_refuses_unknown_fields_and_masks_over_changes(school):
    for wrong in ({"masked": ("nonsense",)}, {"masked": ("phone",), "can_update": True}):
        with pytest.raises((Forbidden, UserError)):
            school.run(
                "boss",
                lambda tx, w=wrong: organisation.create_sharing_rule(
                    tx, object_key="enquiry", name="x", where='intent = "a"', role="sales", **w
                ),
            )


def test_people_are_looked_up_again_once_they_have_changed(school):
    def holders(tx):
        return directory.users_with_role(tx, "sales", school.branches["east"])

    sales = [school.user_id("east_sales1"), school.user_id("east_sales2")]
    assert school.run("boss", holders) == sorted(sales)
    newcomer = school.user_id("nobody")
    school.run("boss", lambda tx: organisation.assign_role(tx, "sales", school.branches["east"], user_id=newcomer))
    assert school.run("boss", holders) == sorted([*sales, newcomer])
