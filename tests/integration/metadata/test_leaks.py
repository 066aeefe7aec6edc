"""The leak list: a canary secret is planted where the reader may not look, then every reader is tried."""

import io
import json
from uuid import uuid4

import pytest

from engine.feel import FeelError
from engine.kernel import files
from engine.kernel.errors import Forbidden, NotFound, TooManyRequests, UserError
from engine.metadata import (
    access,
    attachments,
    duplicates,
    exporting,
    importing,
    leaktest,
    organisation,
    query,
    records,
)
from engine.metadata.query import Query

CANARY = "金丝雀7391"
PHONE = "13873917391"
REFUSALS = (Forbidden, UserError, FeelError)


@pytest.fixture
def planted(school):
    """One record of east_sales1 whose `secret` and `hidden_fee` that user may not read, linked from another."""
    base = {"branch_id": str(school.branches["east"]), "owner_id": str(school.user_id("east_sales1"))}

    def plant(tx):
        first = records.create(
            tx, "enquiry", {**base, "name": "甲", "secret": CANARY, "hidden_fee": "7391", "fee": "1", "phone": PHONE}
        )
        second = records.create(tx, "enquiry", {**base, "name": "乙", "parent": str(first.id)})
        return first, second

    return school.run("boss", plant)


def as_sales(school, use_case):
    return school.run("east_sales1", use_case)


def as_head(school, use_case):
    return school.run("east_head", use_case)


HIDDEN_FILTERS = [
    f'secret = "{CANARY}"',
    'starts with(secret, "金")',
    "hidden_fee > 7000",
    "margin < 0",
    f'parent.secret = "{CANARY}"',
    f'parent.parent.secret = "{CANARY}"',
    f'name = "甲" and (if secret = "{CANARY}" then true else false)',
    {"field": "secret", "op": "=", "value": CANARY},
    {"field": "parent.secret", "op": "starts_with", "value": "金"},
    {"not": {"field": "secret", "op": "empty"}},
    {"or": [{"field": "name", "value": "甲"}, {"and": [{"field": "secret", "op": "contains", "value": "金"}]}]},
    {"field": "secret; DROP TABLE enquiry", "op": "=", "value": "x"},
]


@pytest.mark.parametrize("condition", HIDDEN_FILTERS)
def test_leak_01_02_filter_and_count_refuse_a_hidden_field(school, planted, condition):
    for reader in (query.fetch, query.count):
        with pytest.raises(REFUSALS):
            as_sales(school, lambda tx, r=reader: r(tx, Query("enquiry", filter=condition)))


def test_leak_02_a_link_out_of_reach_filters_like_an_empty_one(school, planted):
    west = school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "西甲", "fee": "7391"}))
    school.run("boss", lambda tx: records.update(tx, "enquiry", planted[1].id, None, {"parent": str(west.id)}))
    for condition in ("parent.fee = 7391", {"field": "parent.name", "op": "=", "value": "西甲"}):
        assert as_sales(school, lambda tx, c=condition: query.count(tx, Query("enquiry", filter=c))).value == 0
    seen = as_sales(school, lambda tx: records.get(tx, "enquiry", planted[1].id))
    assert seen.titles["parent"] is None
    assert "西甲" not in json.dumps(seen.json(), ensure_ascii=False) + seen.display("parent", "zh")


@pytest.mark.parametrize("sort", ["secret", "-hidden_fee", "margin", "parent.secret", "nonsense", "id; select 1"])
def test_leak_03_sort_refuses_a_hidden_field(school, planted, sort):
    with pytest.raises(REFUSALS):
        as_sales(school, lambda tx: query.fetch(tx, Query("enquiry", sort=(sort,))))


def test_leak_04_groups_and_totals_refuse_a_hidden_field(school, planted):
    for by, total in (("secret", None), ("intent", "hidden_fee"), ("parent.secret", None), ("intent", "margin")):
        with pytest.raises(REFUSALS):
            as_sales(school, lambda tx, b=by, t=total: query.group(tx, Query("enquiry"), b, t))


def test_leak_05_search_never_finds_by_a_hidden_or_masked_field(school, planted):
    for words in (CANARY, "金丝", "7391", "jinsique", "secret"):
        found = as_sales(school, lambda tx, w=words: query.fetch(tx, Query("enquiry", ("name",), search=w)).items)
        assert [record.title for record in found] == (["甲"] if words == "7391" else []), words
        assert as_head(school, lambda tx, w=words: query.search_everywhere(tx, w)) == []
    assert len(school.run("boss", lambda tx: query.search_everywhere(tx, "金丝"))) == 1


def test_leak_06_history_leaves_hidden_changes_out_and_masks_masked_ones(school, planted):
    for run, hidden in ((as_sales, (CANARY, "7391.00")), (as_head, (CANARY, PHONE))):
        trail = run(school, lambda tx: records.history(tx, "enquiry", planted[0].id))
        text = repr(trail)
        assert not any(secret in text for secret in hidden)
    with pytest.raises(NotFound):
        school.run("west_sales", lambda tx: records.history(tx, "enquiry", planted[0].id))


def test_leak_08_export_refuses_hidden_fields_and_leaves_them_out(school, planted):
    for field in ("secret", "hidden_fee", "margin"):
        with pytest.raises(Forbidden):
            as_sales(school, lambda tx, f=field: exporting.export(tx, Query("enquiry", (f,)), "csv", io.BytesIO()))
    sink = io.BytesIO()
    as_sales(school, lambda tx: exporting.export(tx, Query("enquiry"), "csv", sink))
    assert CANARY not in sink.getvalue().decode()


def test_leak_11_formulas_over_a_hidden_field_are_hidden(school, planted):
    record = as_sales(school, lambda tx: records.get(tx, "enquiry", planted[0].id))
    assert {"margin", "live_margin", "secret", "hidden_fee"}.isdisjoint(record.values)


def test_leak_12_13_writing_checks_first_and_ignores_supplied_identities(school, planted):
    for changes in ({"secret": "x"}, {"created_by": "boss"}, {"version": 9}, {"id": str(uuid4())}, {"custom": {}}):
        with pytest.raises(Forbidden):
            as_sales(school, lambda tx, c=changes: records.update(tx, "enquiry", planted[0].id, None, c))
        with pytest.raises(Forbidden):
            as_sales(school, lambda tx, c=changes: records.create(tx, "enquiry", {"name": "x", **c}))
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", planted[0].id)).values["secret"] == CANARY


def test_leak_14_duplicates_reveal_existence_only(school, planted):
    (found,) = school.run("west_sales", lambda tx: duplicates.find(tx, "enquiry", {"phone": PHONE}))
    assert (found.id, found.title) == (None, None)
    with pytest.raises(Forbidden):
        school.run("nobody", lambda tx: duplicates.find(tx, "enquiry", {"phone": PHONE}))
    content = f"姓名,电话\n探,{PHONE}\n".encode()
    result = school.run(
        "west_sales",
        lambda tx: importing.run(
            tx, "enquiry", "a.csv", content, {"姓名": "name", "电话": "phone"}, duplicates="update"
        ),
    )
    assert (result.updated, result.skipped) == (0, 1)
    assert "甲" not in repr(result)


def test_leak_15_hidden_fields_survive_save_merge_and_import(school, planted):
    as_sales(school, lambda tx: records.update(tx, "enquiry", planted[0].id, None, {"name": "甲二"}))
    content = f"姓名,电话\n甲三,{PHONE}\n".encode()
    as_sales(
        school,
        lambda tx: importing.run(
            tx, "enquiry", "a.csv", content, {"姓名": "name", "电话": "phone"}, duplicates="update"
        ),
    )
    merged = as_sales(school, lambda tx: records.merge(tx, "enquiry", planted[1].id, [planted[0].id]))
    assert "secret" not in merged.values
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", merged.id)).values["secret"] == CANARY
    copied = as_sales(school, lambda tx: records.copy(tx, "enquiry", merged.id))
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", copied.id)).values["secret"] is None


def test_leak_16_absent_and_forbidden_records_answer_alike(school, planted):
    for use_case in (
        lambda tx, one: records.get(tx, "enquiry", one),
        lambda tx, one: records.update(tx, "enquiry", one, 1, {"name": "x"}),
        lambda tx, one: records.delete(tx, "enquiry", one, 1),
        lambda tx, one: records.history(tx, "enquiry", one),
        lambda tx, one: records.reveal(tx, "enquiry", one, "phone", "原因"),
        lambda tx, one: records.merge(tx, "enquiry", one, [planted[1].id]),
    ):
        answers = []
        for one in (planted[0].id, uuid4()):
            with pytest.raises(NotFound) as caught:
                school.run("west_sales", lambda tx, u=use_case, o=one: u(tx, o))
            answers.append(caught.value.as_json("zh"))
        assert answers[0] == answers[1]


def test_leak_16_unknown_and_hidden_fields_answer_alike(school, planted):
    answers = []
    for field in ("secret", "sesame"):
        with pytest.raises(Forbidden) as caught:
            as_sales(school, lambda tx, f=field: query.fetch(tx, Query("enquiry", (f,))))
        answers.append(json.dumps(caught.value.as_json("en")).replace(field, "…"))
    assert answers[0] == answers[1]


def test_leak_17_new_values_are_checked_against_the_row_rules(school, planted):
    for changes in ({"branch_id": str(school.branches["west"])}, {"owner_id": str(school.user_id("west_sales"))}):
        with pytest.raises(Forbidden):
            as_sales(school, lambda tx, c=changes: records.update(tx, "enquiry", planted[0].id, None, c))
    with pytest.raises(Forbidden):
        school.run("east_principal", lambda tx: records.update(tx, "enquiry", planted[0].id, None, {"fee": "20000"}))


def test_masked_means_no_filter_sort_group_or_search(school, planted):
    for criteria in (
        {"filter": f'phone = "{PHONE}"'},
        {"filter": {"field": "phone", "op": "starts_with", "value": "138"}},
        {"sort": ("phone",)},
    ):
        with pytest.raises(REFUSALS):
            as_head(school, lambda tx, c=criteria: query.fetch(tx, Query("enquiry", **c)))
    with pytest.raises(REFUSALS):
        as_head(school, lambda tx: query.group(tx, Query("enquiry"), "phone"))
    (first, *_) = as_head(school, lambda tx: query.fetch(tx, Query("enquiry", sort=("name",))).items)
    assert first.values["phone"] == "138****7391"


def test_explaining_another_needs_a_right(school, planted):
    sales = school.actors["east_sales1"]
    with pytest.raises(Forbidden):
        as_head(school, lambda tx: access.explain(tx, sales, "enquiry", planted[0].id, "secret"))
    answer = school.run("boss", lambda tx: access.explain(tx, sales, "enquiry", planted[0].id, "secret"))
    assert answer.allowed is False
    assert any("secret" in reason.en for reason in answer.reasons)
    assert as_sales(school, lambda tx: access.explain(tx, sales, "enquiry", planted[0].id)).allowed is True


def test_revoking_holds_from_the_next_transaction(school, planted):
    assert as_sales(school, lambda tx: access.levels(tx, "enquiry"))["phone"] == "write"
    school.run("boss", lambda tx: organisation.set_field_level(tx, "sales", "enquiry", "phone", "none"))
    for use_case in (
        lambda tx: query.fetch(tx, Query("enquiry", ("phone",))),
        lambda tx: query.fetch(tx, Query("enquiry", filter={"field": "phone", "op": "=", "value": PHONE})),
        lambda tx: exporting.export(tx, Query("enquiry", ("phone",)), "csv", io.BytesIO()),
    ):
        with pytest.raises(Forbidden):
            as_sales(school, use_case)
    assert "phone" not in as_sales(school, lambda tx: records.get(tx, "enquiry", planted[0].id)).values
    assert PHONE not in repr(as_sales(school, lambda tx: records.history(tx, "enquiry", planted[0].id)))
    assert as_sales(school, lambda tx: query.search_everywhere(tx, PHONE)) == []


def test_the_administrators_own_leak_test_finds_none(school, planted):
    for user in ("east_sales1", "east_head"):
        report = school.run("boss", lambda tx, u=user: leaktest.run(tx, school.user_id(u)))
        assert report.probes >= 16
        assert report.leaks == ()
    with pytest.raises(Forbidden):
        as_sales(school, lambda tx: leaktest.run(tx, school.user_id("east_head")))


def test_exact_search_on_a_masked_field_needs_the_right_and_is_limited(school, planted):
    def find(tx, value=PHONE):
        return records.find_exact(tx, "enquiry", "phone", value)

    (found,) = as_head(school, find)
    assert (found.title, found.values["phone"]) == ("甲", "138****7391")
    assert as_head(school, lambda tx: find(tx, "13800000000")) == []
    for refused in ("138", "138%"):
        with pytest.raises(UserError):
            as_head(school, lambda tx, v=refused: find(tx, v))
    with pytest.raises(Forbidden):
        as_sales(school, find)
    for _ in range(28):
        as_head(school, find)
    with pytest.raises(TooManyRequests):
        as_head(school, find)


def test_leak_07_files_are_read_through_their_record_and_field_only(school, planted):
    def upload(tx):
        return files.store(tx, "合同.pdf", "application/pdf", b"canary")

    mine = as_sales(school, upload)
    assert as_sales(school, lambda tx: attachments.open_file(tx, mine)).name == "合同.pdf"
    with pytest.raises(NotFound):
        as_head(school, lambda tx: attachments.open_file(tx, mine))
    with pytest.raises(UserError):
        as_head(school, lambda tx: records.create(tx, "enquiry", {"name": "偷", "papers": [str(mine)]}))
    as_sales(school, lambda tx: records.update(tx, "enquiry", planted[0].id, None, {"papers": [str(mine)]}))
    assert as_head(school, lambda tx: attachments.open_file(tx, mine)).name == "合同.pdf"
    school.run("boss", lambda tx: organisation.set_field_level(tx, "sales_head", "enquiry", "papers", "none"))
    for user in ("east_head", "west_sales", "nobody"):
        with pytest.raises(NotFound):
            school.run(user, lambda tx: attachments.open_file(tx, mine))
    with pytest.raises(UserError):
        school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "偷", "papers": [str(mine)]}))
