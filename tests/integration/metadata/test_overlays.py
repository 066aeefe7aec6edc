"""Custom fields and objects, branch by branch, without restart."""

import io

import pytest

from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.metadata import catalog, exporting, importing, overlays, query, records
from engine.metadata.query import Query

SCHOOL_FIELD = {
    "key": "school", "type": "text", "label": {"zh": "就读学校", "en": "School"}, "searchable": True, "required": False,
}  # fmt: skip


@pytest.fixture
def with_field(school):
    school.run("east_principal", lambda tx: overlays.add_field(tx, school.branches["east"], "enquiry", SCHOOL_FIELD))
    return school


def keys(school, user):
    return [field.key for field in school.run(user, lambda tx: catalog.load(tx).object("enquiry")).fields]


def test_a_branch_field_is_known_in_the_branch_and_above_only(with_field):
    assert "school" in keys(with_field, "east_sales1")
    assert "school" in keys(with_field, "boss")
    assert "school" not in keys(with_field, "west_sales")
    definition = with_field.run("east_sales1", lambda tx: catalog.load(tx).object("enquiry"))
    assert definition.layouts.list == ("name", "phone", "school")
    assert [section.fields for section in definition.layouts.form] == [("name", "phone", "fee"), ("school",)]


def test_a_branch_field_is_written_filtered_searched_imported_and_exported_there(with_field):
    school = with_field
    school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "甲", "school": "实验小学"}))
    content = "姓名,就读学校\n乙,第一小学\n".encode()
    preview = school.run("east_sales1", lambda tx: importing.preview(tx, "enquiry", "a.csv", content))
    school.run("east_sales1", lambda tx: importing.run(tx, "enquiry", "a.csv", content, preview.mapping))
    for filter_ in ('school = "第一小学"', {"field": "school", "op": "starts_with", "value": "第一"}):
        page = school.run("east_sales1", lambda tx, f=filter_: query.fetch(tx, Query("enquiry", filter=f)))
        assert [record.values["school"] for record in page.items] == ["第一小学"]
    page = school.run("boss", lambda tx: query.fetch(tx, Query("enquiry", sort=("school",), search="小学")))
    assert [record.values["school"] for record in page.items] == ["实验小学", "第一小学"]
    sink = io.BytesIO()
    school.run("east_sales1", lambda tx: exporting.export(tx, Query("enquiry", sort=("name",)), "csv", sink))
    assert sink.getvalue().decode("utf-8-sig").splitlines() == ["姓名,电话,就读学校", "甲,,实验小学", "乙,,第一小学"]


def test_a_sibling_branch_never_sees_the_field(with_field):
    school = with_field
    for use_case in (
        lambda tx: records.create(tx, "enquiry", {"name": "丙", "school": "x"}),
        lambda tx: query.fetch(tx, Query("enquiry", filter={"field": "school", "value": "x"})),
        lambda tx: query.fetch(tx, Query("enquiry", ("school",))),
    ):
        with pytest.raises((Forbidden, UserError)):
            school.run("west_sales", use_case)
    with pytest.raises((Forbidden, UserError)):
        school.run("west_sales", lambda tx: query.fetch(tx, Query("enquiry", filter='school = "x"')))
    content = "姓名,就读学校\n乙,第一小学\n".encode()
    preview = school.run("west_sales", lambda tx: importing.preview(tx, "enquiry", "a.csv", content))
    assert preview.mapping["就读学校"] is None


def test_headquarters_may_not_write_a_branch_field_elsewhere(with_field):
    school = with_field
    west, east = str(school.branches["west"]), str(school.branches["east"])
    with pytest.raises(Forbidden):
        school.run("boss", lambda tx: records.create(tx, "enquiry", {"name": "x", "branch_id": west, "school": "y"}))
    made = school.run("boss", lambda tx: records.create(tx, "enquiry", {"name": "x", "branch_id": east, "school": "y"}))
    assert made.values["school"] == "y"


def test_a_field_id_means_one_thing_everywhere(with_field):
    west = with_field.branches["west"]
    with pytest.raises(Conflict) as caught:
        with_field.run(
            "west_principal", lambda tx: overlays.add_field(tx, west, "enquiry", {**SCHOOL_FIELD, "type": "date"})
        )
    assert caught.value.code == "field_id_taken"
    with_field.run("west_principal", lambda tx: overlays.add_field(tx, west, "enquiry", SCHOOL_FIELD))
    assert "school" in keys(with_field, "west_sales")
    assert keys(with_field, "boss").count("school") == 1


def test_fields_need_the_right_at_the_branch(school):
    with pytest.raises(Forbidden):
        school.run("east_sales1", lambda tx: overlays.add_field(tx, school.branches["east"], "enquiry", SCHOOL_FIELD))
    with pytest.raises(Forbidden):
        school.run(
            "east_principal", lambda tx: overlays.add_field(tx, school.branches["west"], "enquiry", SCHOOL_FIELD)
        )


@pytest.mark.parametrize(
    "field",
    [
        {**SCHOOL_FIELD, "key": "Bad Key"},
        {**SCHOOL_FIELD, "key": "stage"},
        {**SCHOOL_FIELD, "key": "name"},
        {**SCHOOL_FIELD, "type": "nonsense"},
        {**SCHOOL_FIELD, "type": "choice"},
        {**SCHOOL_FIELD, "type": "lines"},
        {**SCHOOL_FIELD, "settings": {"colour": "red"}},
        {**SCHOOL_FIELD, "default": "1 +"},
        {**SCHOOL_FIELD, "default": "no_such_field"},
        {**SCHOOL_FIELD, "colour": "red"},
    ],
)
def test_bad_definitions_are_refused(school, field):
    with pytest.raises((UserError, Conflict)):
        school.run("boss", lambda tx: overlays.add_field(tx, school.branches["hq"], "enquiry", field))
    assert "school" not in keys(school, "boss")


def test_headquarters_locks_hides_and_changes(school):
    hq, east = school.branches["hq"], school.branches["east"]
    change = {"label": {"zh": "称呼", "en": "Called"}, "locked": True}
    school.run("boss", lambda tx: overlays.change_field(tx, hq, "enquiry", "name", change))
    seen = school.run("west_sales", lambda tx: catalog.load(tx).object("enquiry")).field("name")
    assert seen.label.zh == "称呼"
    with pytest.raises(UserError):
        school.run("east_principal", lambda tx: overlays.change_field(tx, east, "enquiry", "name", {"required": False}))
    school.run("east_principal", lambda tx: overlays.hide_field(tx, east, "enquiry", "fee"))
    with pytest.raises(Forbidden):
        school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "甲", "fee": "5"}))
    assert (
        school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "乙", "fee": "5"})).values["fee"]
        == 5
    )
    option = {"key": "c", "label": {"zh": "弱", "en": "Weak"}}
    school.run("east_principal", lambda tx: overlays.add_option(tx, east, "enquiry", "intent", option))
    assert school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "丙", "intent": "c"}))
    with pytest.raises(UserError):
        school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "丁", "intent": "c"}))


def test_a_custom_unique_required_number_field(school):
    hq = school.branches["hq"]
    field = {
        "key": "score", "type": "integer", "label": {"zh": "分数", "en": "Score"},
        "required": True, "unique": "organisation",
        "validation": [{"expression": "score < 100", "message": {"zh": "小于一百", "en": "Below 100"}}],
    }  # fmt: skip
    school.run("boss", lambda tx: overlays.add_field(tx, hq, "enquiry", field))
    for values, wrong in (({}, "必填"), ({"score": 100}, "小于一百"), ({"score": "x"}, "应为整数，例如 12")):
        with pytest.raises(UserError) as caught:
            school.run("east_sales1", lambda tx, v=values: records.create(tx, "enquiry", {"name": "甲", **v}))
        assert caught.value.fields["score"].zh == wrong
    for score in (5, 60):
        school.run("east_sales1", lambda tx, s=score: records.create(tx, "enquiry", {"name": f"{s}", "score": s}))
    with pytest.raises(UserError):
        school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "乙", "score": 5}))
    page = school.run(
        "east_sales1", lambda tx: query.fetch(tx, Query("enquiry", filter="score > 10", sort=("-score",)))
    )
    assert [record.values["score"] for record in page.items] == [60]


def test_a_field_is_converted_with_a_preview(with_field):
    school, east = with_field, with_field.branches["east"]
    for value in ("7", "很多", None):
        school.run("east_sales1", lambda tx, v=value: records.create(tx, "enquiry", {"name": "甲", "school": v}))
    report = school.run(
        "boss", lambda tx: overlays.convert_field(tx, east, "enquiry", "school", "integer", dry_run=True)
    )
    assert (report.converted, report.lost) == (1, 1)
    assert report.examples == ("很多",)
    school.run("boss", lambda tx: overlays.convert_field(tx, east, "enquiry", "school", "integer"))
    page = school.run("east_sales1", lambda tx: query.fetch(tx, Query("enquiry", filter="school = 7")))
    assert [record.values["school"] for record in page.items] == [7]


def test_an_administrator_makes_an_object(school):
    source = {
        "key": "device", "label": {"zh": "设备", "en": "Device"}, "name_field": "name",
        "fields": [
            {"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True,
             "searchable": True},
            {"key": "price", "type": "money", "label": {"zh": "价格", "en": "Price"}},
            {"key": "lead", "type": "link", "target": "enquiry", "label": {"zh": "线索", "en": "Enquiry"}},
        ],
        "grants": {"sales": {"create": "own", "read": "own", "fields": {"*": "write", "price": "none"}}},
    }  # fmt: skip
    school.run("boss", lambda tx: overlays.create_object(tx, school.branches["hq"], source))
    lead = school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "甲"}))
    made = school.run("east_sales1", lambda tx: records.create(tx, "device", {"name": "投影仪", "lead": str(lead.id)}))
    school.run("boss", lambda tx: records.update(tx, "device", made.id, 1, {"price": "99"}))
    page = school.run(
        "east_sales1", lambda tx: query.fetch(tx, Query("device", filter='lead.name = "甲"', search="touying"))
    )
    assert [(record.title, record.titles["lead"]) for record in page.items] == [("投影仪", "甲")]
    assert "price" not in page.items[0].values
    page = school.run("boss", lambda tx: query.fetch(tx, Query("device", filter="price > 10", sort=("-price",))))
    assert [record.json()["price"] for record in page.items] == ["99.00"]
    with pytest.raises(NotFound):
        school.run("east_sales1", lambda tx: records.get(tx, "device", lead.id))
    with pytest.raises(Conflict):
        school.run("boss", lambda tx: overlays.create_object(tx, school.branches["hq"], source))


def test_overlays_are_revisions_in_the_history(with_field):
    east = with_field.branches["east"]
    patch = with_field.run("boss", lambda tx: overlays.current(tx, east, "enquiry"))
    assert set(patch["fields"]) == {"school"}
    assert with_field.run("boss", lambda tx: overlays.save(tx, east, "enquiry", {})) == 2
    assert "school" not in keys(with_field, "east_sales1")
