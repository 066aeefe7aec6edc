"""The record service and the query compiler over one object, on real PostgreSQL."""

from decimal import Decimal

import pytest

from engine.kernel.errors import Conflict, Forbidden, NotFound, Stale, UserError
from engine.metadata import query, records
from engine.metadata.query import Query


def create(school, username="east_sales1", **values):
    return school.run(username, lambda tx: records.create(tx, "enquiry", {"name": "张小明", **values}))


def names(school, username, **criteria):
    page = school.run(username, lambda tx: query.fetch(tx, Query("enquiry", **criteria)))
    return [record.values.get("name") for record in page.items]


def test_create_gives_defaults_number_owner_and_stage(school):
    record = create(school, phone="138 0013 8000", fee="1200.5")
    assert record.values["phone"] == "13800138000"
    assert record.values["fee"] == Decimal("1200.50")
    assert record.values["intent"] == "b"
    assert record.values["number"] == "QEAST2026-0001"
    assert record.values["stage"] == "new"
    assert record.values["owner_id"] == school.user_id("east_sales1")
    assert record.branch_id == school.branches["east"]
    assert record.title == "张小明"
    assert record.json()["fee"] == "1200.50"
    assert create(school).values["number"] == "QEAST2026-0002"


def test_create_reports_every_field_in_both_languages(school):
    with pytest.raises(UserError) as caught:
        create(school, name="", phone="12", fee="x")
    assert set(caught.value.fields) == {"phone", "fee"}
    with pytest.raises(UserError) as caught:
        create(school, name="", fee="-1")
    assert caught.value.fields["name"].zh == "必填"
    assert caught.value.fields["fee"].en == "Not negative"


def test_create_refuses_hidden_unknown_and_computed_fields(school):
    for key in ("secret", "nonsense", "number", "margin"):
        with pytest.raises(Forbidden):
            create(school, **{key: "x"})


def test_scope_own_branch_and_all(school):
    create(school, name="甲")
    create(school, "east_sales2", name="乙")
    create(school, "west_sales", name="丙")
    assert names(school, "east_sales1") == ["甲"]
    assert names(school, "east_head") == ["乙", "甲"]
    assert names(school, "boss") == ["丙", "乙", "甲"]
    assert names(school, "auditor") == ["丙", "乙", "甲"]
    with pytest.raises(Forbidden):
        names(school, "nobody")


def test_row_rule_narrows(school):
    create(school, name="便宜", fee="100")
    create(school, name="昂贵", fee="20000")
    assert names(school, "east_principal") == ["便宜"]


def test_update_checks_version_and_keeps_hidden_values(school):
    record = create(school)
    school.run("boss", lambda tx: records.update(tx, "enquiry", record.id, 1, {"secret": "金丝雀"}))
    changed = school.run("east_sales1", lambda tx: records.update(tx, "enquiry", record.id, 2, {"fee": "5.00"}))
    assert changed.version == 3
    assert "secret" not in changed.values
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", record.id)).values["secret"] == "金丝雀"
    with pytest.raises(Stale):
        school.run("east_sales1", lambda tx: records.update(tx, "enquiry", record.id, 2, {"fee": "6.00"}))


def test_update_out_of_reach_is_not_found_and_masked_is_not_writable(school):
    record = create(school, phone="13800138000")
    with pytest.raises(NotFound):
        school.run("west_sales", lambda tx: records.update(tx, "enquiry", record.id, 1, {"fee": "5"}))
    with pytest.raises(Forbidden):
        school.run("east_head", lambda tx: records.update(tx, "enquiry", record.id, 1, {"phone": "13900139000"}))


def test_moving_a_record_out_of_scope_is_refused(school):
    record = create(school)
    west = str(school.branches["west"])
    with pytest.raises(Forbidden):
        school.run("east_head", lambda tx: records.update(tx, "enquiry", record.id, 1, {"branch_id": west}))
    other = str(school.user_id("east_sales2"))
    moved = school.run("east_head", lambda tx: records.update(tx, "enquiry", record.id, 1, {"owner_id": other}))
    assert moved.titles["owner_id"] == "用户east_sales2"
    assert names(school, "east_sales1") == []


def test_creating_for_another_owner_or_branch_is_refused(school):
    with pytest.raises(Forbidden):
        create(school, owner_id=str(school.user_id("east_sales2")))
    with pytest.raises(Forbidden):
        create(school, "east_head", branch_id=str(school.branches["west"]))


def test_masked_phone_shows_masked_and_reveal_needs_a_reason(school):
    record = create(school, phone="13800138000")
    seen = school.run("east_head", lambda tx: records.get(tx, "enquiry", record.id))
    assert seen.values["phone"] == "138****8000"
    assert seen.json()["phone"] == "138****8000"
    with pytest.raises(UserError):
        school.run("east_head", lambda tx: records.reveal(tx, "enquiry", record.id, "phone", ""))
    value = school.run("east_head", lambda tx: records.reveal(tx, "enquiry", record.id, "phone", "回访"))
    assert value == "13800138000"
    trail = school.run("east_head", lambda tx: records.history(tx, "enquiry", record.id))
    assert [entry.action for entry in trail] == ["record:revealed", "record:created"]
    assert {key: new for key, _, new in trail[1].changes}["phone"] == "138****8000"


def test_delete_restore_and_unique_code(school):
    record = create(school, code="A1")
    school.run("east_sales1", lambda tx: records.delete(tx, "enquiry", record.id, 1))
    assert names(school, "east_sales1") == []
    assert names(school, "east_sales1", deleted=True) == ["张小明"]
    create(school, name="新", code="A1")
    with pytest.raises((UserError, Conflict)):
        school.run("east_sales1", lambda tx: records.restore(tx, "enquiry", record.id))
    with pytest.raises(UserError) as caught:
        create(school, code="A1")
    assert set(caught.value.fields) == {"code"}


def test_copy_leaves_unique_and_hidden_values_behind(school):
    record = create(school, code="A1", phone="13800138000", tags=["老客户"])
    copied = school.run("east_sales1", lambda tx: records.copy(tx, "enquiry", record.id))
    assert copied.values["phone"] == "13800138000"
    assert copied.values["tags"] == ["老客户"]
    assert copied.values["code"] is None
    assert copied.values["number"] == "QEAST2026-0002"


def test_merge_keeps_hidden_values_and_moves_links(school):
    keep, drop = create(school, name="甲"), create(school, name="乙", phone="13800138000")
    child = create(school, name="丙", parent=str(drop.id), friends=[str(drop.id)])
    school.run("boss", lambda tx: records.update(tx, "enquiry", drop.id, 1, {"secret": "金丝雀"}))
    merged = school.run("east_sales1", lambda tx: records.merge(tx, "enquiry", keep.id, [drop.id]))
    assert merged.values["phone"] == "13800138000"
    assert school.run("boss", lambda tx: records.get(tx, "enquiry", keep.id)).values["secret"] == "金丝雀"
    linked = school.run("east_sales1", lambda tx: records.get(tx, "enquiry", child.id))
    assert linked.values["parent"] == keep.id
    assert linked.values["friends"] == [keep.id]
    assert linked.titles["parent"] == "甲"
    assert names(school, "east_sales1") == ["丙", "甲"]


def test_formulas_stored_and_live_need_their_ingredients(school):
    record = school.run(
        "boss",
        lambda tx: records.create(
            tx, "enquiry", {"name": "甲", "fee": "100", "hidden_fee": "60", "branch_id": str(school.branches["east"]),
                            "owner_id": str(school.user_id("east_sales1"))}
        ),
    )  # fmt: skip
    assert record.values["margin"] == Decimal("40.00")
    assert record.values["live_margin"] == Decimal("40.00")
    seen = school.run("east_sales1", lambda tx: records.get(tx, "enquiry", record.id))
    assert "margin" not in seen.values
    assert "live_margin" not in seen.values


def test_rollups_count_only_visible_rows(school):
    head = create(school, name="甲")
    create(school, name="乙", parent=str(head.id), fee="30")
    school.run(
        "boss",
        lambda tx: records.create(tx, "enquiry", {"name": "丙", "parent": str(head.id), "fee": "7"}),
    )
    own = school.run("east_sales1", lambda tx: records.get(tx, "enquiry", head.id))
    whole = school.run("boss", lambda tx: records.get(tx, "enquiry", head.id))
    assert (own.values["children"], own.values["child_fees"]) == (1, Decimal("30.00"))
    assert (whole.values["children"], whole.values["child_fees"]) == (2, Decimal("37.00"))


def test_link_to_a_record_out_of_reach_is_refused(school):
    other = create(school, "west_sales")
    with pytest.raises(UserError) as caught:
        create(school, parent=str(other.id))
    assert set(caught.value.fields) == {"parent"}


def test_filters_in_feel_and_json_agree(school):
    create(school, name="甲", fee="100", tags=["x"], due="2026-09-01")
    create(school, name="乙", fee="300", intent="a")
    create(school, name="丙")
    cases = [
        ("fee >= 200", {"field": "fee", "op": ">=", "value": "200"}, ["乙"]),
        ('intent = "a"', {"field": "intent", "op": "=", "value": "a"}, ["乙"]),
        ("fee = null", {"field": "fee", "op": "empty"}, ["丙"]),
        ("due = date(\"2026-09-01\")", {"field": "due", "op": "=", "value": "2026-09-01"}, ["甲"]),
        ("fee in [100..200]", {"field": "fee", "op": "between", "value": ["100", "200"]}, ["甲"]),
        ("not(fee = 300)", {"not": {"field": "fee", "op": "=", "value": "300"}}, ["丙", "甲"]),
        ("owner_id = actor.id", {"field": "owner_id", "op": "=", "value": "me"}, ["丙", "乙", "甲"]),
        ('contains(name, "甲") or fee > 200', {"or": [{"field": "name", "op": "contains", "value": "甲"},
                                                     {"field": "fee", "op": ">", "value": "200"}]}, ["乙", "甲"]),
    ]  # fmt: skip
    for feel, json_filter, expected in cases:
        assert names(school, "east_sales1", filter=feel) == expected, feel
        assert names(school, "east_sales1", filter=json_filter) == expected, json_filter
    assert names(school, "east_sales1", filter={"field": "tags", "op": "contains", "value": "x"}) == ["甲"]
    assert names(school, "east_sales1", filter={"field": "intent", "op": "in", "value": ["a", "b"]}) == [
        "丙",
        "乙",
        "甲",
    ]


def test_pages_follow_each_other_over_empty_values_in_both_directions(school):
    for name, fee in (("甲", "3"), ("乙", None), ("丙", "1"), ("丁", None), ("戊", "2"), ("己", "2")):
        create(school, name=name, **({"fee": fee} if fee else {}))
    for sort in (("fee",), ("-fee",), ("name",), ("-name", "fee"), ("-created_at",), ("intent", "-fee"), ()):
        whole = names(school, "east_sales1", sort=sort)
        seen, after = [], None
        for _ in range(6):
            page = school.run(
                "east_sales1",
                lambda tx, s=sort, a=after: query.fetch(tx, Query("enquiry", sort=s, limit=2, after=a)),
            )
            seen += [record.values["name"] for record in page.items]
            after = page.next
            if after is None:
                break
        assert seen == whole, sort
    assert names(school, "east_sales1", sort=("-fee",))[:2] in (["甲", "己"], ["甲", "戊"])


def test_names_sort_by_pinyin(school):
    for name in ("张三", "李雷", "安娜", "Bob"):
        create(school, name=name)
    assert names(school, "east_sales1", sort=("name",)) == ["安娜", "Bob", "李雷", "张三"]


def test_search_by_name_pinyin_initials_and_phone(school):
    create(school, name="张小明", phone="13800138000")
    create(school, name="李雷", phone="13900139000")
    for words in ("小明", "张", "zhangxiao", "zxm", "1380013", "张小明 138"):
        assert names(school, "east_sales1", search=words) == ["张小明"], words
    assert names(school, "east_sales1", search="name") == []
    assert names(school, "east_sales1", search="%") == []
    assert names(school, "east_head", search="1380013") == []
    assert names(school, "east_head", search="小明") == ["张小明"]
    hits = school.run("east_sales1", lambda tx: query.search_everywhere(tx, "lilei"))
    assert [(hit.object, hit.title) for hit in hits] == [("enquiry", "李雷")]


def test_count_and_groups(school):
    for intent, fee in (("a", "1"), ("a", "2"), ("b", "4")):
        create(school, intent=intent, fee=fee)
    assert school.run("east_sales1", lambda tx: query.count(tx, Query("enquiry"))).value == 3
    groups = school.run("east_sales1", lambda tx: query.group(tx, Query("enquiry"), "intent", "fee"))
    assert [(g.value, g.title, g.count, g.total) for g in groups] == [
        ("a", "强", 2, Decimal("3.00")),
        ("b", "一般", 1, Decimal("4.00")),
    ]


def test_hooks_run_in_the_same_transaction(school):
    seen = []
    remove = records.on_created("enquiry", lambda tx, record: seen.append(record.values["name"]))
    create(school, name="甲")
    remove()
    create(school, name="乙")
    assert seen == ["甲"]
