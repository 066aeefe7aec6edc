"""Every field type, found by walking the folder, keeps the same promises."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import jsonschema
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Range

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition, Option
from engine.metadata.fieldtypes import CellContext, FieldError, field_types

ID = UUID("0199a0b0-0000-7000-8000-000000000001")
START, END = datetime(2026, 9, 1, 1, 0, tzinfo=UTC), datetime(2026, 9, 1, 2, 30, tzinfo=UTC)
ADDRESS = "江苏省南京市鼓楼区中山路1号"
OPTIONS = (Option("a", Text("甲", "First")), Option("b", Text("乙", "Second"), parent="a"))
KNOWN_OPERATORS = {
    "=", "!=", "in", "empty", "<", "<=", ">", ">=", "between", "contains", "starts_with", "contains_any", "below",
    "overlaps",
}  # fmt: skip
SQL_TYPES = {
    "text", "bigint", "smallint", "numeric", "boolean", "date", "timestamptz", "interval", "uuid", "uuid[]", "text[]",
    "jsonb", "tstzrange",
}  # fmt: skip
COMPUTED = {"lines", "rollup", "formula", "auto_number"}

# type: (settings, JSON accepted, Python value, JSON given back, text in Chinese, JSON refused)
CASES = {
    "text": ({}, " 你好 ", "你好", "你好", "你好", ["x" * 256, "a\nb", {}, True]),
    "long_text": ({}, "一\n二", "一\n二", "一\n二", "一\n二", ["x" * 20_001, []]),
    "rich_text": ({}, "<p onclick=x>a<script>b</script></p>", "<p>a</p>", "<p>a</p>", "<p>a</p>", [{}]),
    "integer": ({"min": 1, "max": 5000}, 5, 5, 5, "5", [0, 6000, "x", 1.5, 2**60, True]),
    "rating": ({"max": 5}, 3, 3, 3, "★★★", [0, 6, "x"]),
    "decimal": ({"places": 3}, "1.5", Decimal("1.500"), "1.500", "1.500", ["1.2345", "x", "NaN", "1e99", True]),
    "money": ({}, "1280.5", Decimal("1280.50"), "1280.50", "¥1,280.50", ["0.005", "1,2,x", 10**13, "Infinity"]),
    "hours": ({}, 1.5, Decimal("1.50"), "1.50", "1.5 课时", ["1.555", "x"]),
    "percent": ({}, "12.5", Decimal("12.50"), "12.50", "12.5%", ["x", "12.345"]),
    "bool": ({}, True, True, True, "是", ["true", 1, "x"]),
    "date": ({}, "2026-09-01", date(2026, 9, 1), "2026-09-01", "2026-09-01", ["2026-02-30", 5, "x"]),
    "datetime": (
        {}, "2026-09-01T09:00:00+08:00", START, "2026-09-01T01:00:00+00:00", "2026-09-01T01:00:00+00:00",
        ["2026-09-01T09:00:00", "x", 5, "0001-01-01T00:00:00+14:00"],
    ),
    "duration": ({}, "PT1H30M", timedelta(minutes=90), "P0DT1H30M0S", "1 小时 30 分钟", ["PT", "90", "P1Y", 5]),
    "time_range": (
        {}, {"start": START.isoformat(), "end": END.isoformat()}, Range(START, END, bounds="[)"),
        {"start": START.isoformat(), "end": END.isoformat()}, "2026-09-01 01:00 ~ 2026-09-01 02:30",
        [{"start": END.isoformat(), "end": START.isoformat()}, {}, "x"],
    ),
    "choice": ({}, "a", "a", "a", "甲", ["c", 5, []]),
    "category": ({}, "b", "b", "b", "甲 / 乙", ["c"]),
    "choices": ({}, ["b", "a", "b"], ["b", "a"], ["b", "a"], "乙、甲", ["a", ["c"], {}]),
    "tags": ({}, ["x ", "y", "x"], ["x", "y"], ["x", "y"], "x、y", ["x", ["x" * 31], ["x"] * 51]),
    "user": ({}, str(ID), ID, str(ID), str(ID), ["x", 5, {}]),
    "branch": ({}, str(ID), ID, str(ID), str(ID), ["x"]),
    "uuid": ({}, str(ID), ID, str(ID), str(ID), ["x"]),
    "actor": ({}, "process:refund", "process:refund", "process:refund", "process:refund", [{}]),
    "link": ({}, str(ID), ID, str(ID), str(ID), ["x", [str(ID)]]),
    "links": ({}, [str(ID), str(ID)], [ID], [str(ID)], str(ID), ["x", ["x"], [str(ID)] * 501]),
    "lines": ({"via": "parent"}, [{"a": 1}], [{"a": 1}], [{"a": 1}], "[{'a': 1}]", ["x", [1], [{}] * 501]),
    "phone": ({}, "+86 138-0013 8000", "13800138000", "13800138000", "13800138000", ["12", "x", "1380013800012345"]),
    "email": ({}, "Li@Example.COM", "Li@example.com", "Li@example.com", "Li@example.com", ["x", "a@b", "a b@c.cn"]),
    "url": (
        {}, "https://例子.cn/a", "https://例子.cn/a", "https://例子.cn/a", "https://例子.cn/a", ["javascript:x", "x"],
    ),
    "id_number": (
        {}, "11010519491231002x", "11010519491231002X", "11010519491231002X", "11010519491231002X",
        ["110105194912310021", "110105194902300020", "1"],
    ),
    "address": (
        {}, ADDRESS, {"province": "江苏省", "city": "南京市", "district": "鼓楼区", "detail": "中山路1号"},
        {"province": "江苏省", "city": "南京市", "district": "鼓楼区", "detail": "中山路1号"}, ADDRESS,
        [{"planet": "x"}, 5, "x" * 500],
    ),
    "image": ({}, str(ID), ID, str(ID), str(ID), ["x"]),
    "files": ({"max": 2}, [str(ID)], [ID], [str(ID)], f"['{ID}']", ["x", [str(ID)] * 3]),
    "auto_number": ({"format": "{branch}{seq:03}"}, "EAST001", "EAST001", "EAST001", "EAST001", [{}]),
    "formula": ({"expression": "1", "result": "money"}, "1.00", Decimal("1.00"), "1.00", "1.00", []),
    "rollup": ({"function": "count", "via": "x"}, None, Decimal("2.50"), "2.5", "2.5", ["x", 5]),
    "json": ({}, {"a": [1]}, {"a": [1]}, {"a": [1]}, '{"a": [1]}', [float("nan"), "x" * 70_000, object()]),
}  # fmt: skip
# type: [(cell, value)]
CELLS = {
    "text": [(13800138000.0, "13800138000")],
    "integer": [("1,200", 1200), (3.0, 3)],
    "money": [("¥1,280.50", Decimal("1280.50")), (0.1 + 0.2, Decimal("0.30")), ("1280元", Decimal("1280.00"))],
    "bool": [("是", True), ("否", False), (1, True), ("√", True)],
    "date": [
        ("2026年9月1日", date(2026, 9, 1)), ("2026/9/1", date(2026, 9, 1)), (46266, date(2026, 9, 1)),
        (datetime(2026, 9, 1, 8), date(2026, 9, 1)), ("20260901", date(2026, 9, 1)),
    ],
    "datetime": [
        ("2026-09-01 09:00", START.replace(hour=9)), (datetime(2026, 9, 1, 1), START), ("2026年9月1日 1时0分", START),
    ],
    "duration": [
        ("1:30", timedelta(minutes=90)), ("90分钟", timedelta(minutes=90)), ("1.5小时", timedelta(minutes=90)),
    ],
    "choice": [("甲", "a"), ("second", "b")],
    "choices": [("甲、Second", ["a", "b"])],
    "tags": [("x,y、x", ["x", "y"])],
    "user": [("张三", ID)],
    "link": [("张三", ID)],
    "links": [("张三,张三", [ID])],
    "phone": [(13800138000, "13800138000"), ("86 13800138000", "13800138000"), ("010-62345678", "01062345678")],
    "time_range": [("2026-09-01 01:00 ~ 2026-09-01 02:30", Range(START, END, bounds="[)"))],
    "json": [('{"a": 1}', {"a": 1})],
}  # fmt: skip
MASKS = {
    "phone": ("13800138000", "138****8000"),
    "email": ("zhang@example.com", "z****@example.com"),
    "id_number": ("11010519491231002X", "1****************X"),
    "text": ("张小明", "****"),
    "money": (Decimal("5.00"), "****"),
}
CONTEXT = CellContext(UTC, lambda _kind, text: str(ID) if text == "张三" else None)


def field(key: str) -> FieldDefinition:
    settings_of, *_ = CASES[key]
    return FieldDefinition(
        key="f", type=key, label=Text("字段", "Field"), options=OPTIONS, target="student", settings=settings_of
    )


def test_every_type_has_a_case():
    assert set(CASES) == set(field_types())


@pytest.mark.parametrize("key", sorted(field_types()))
def test_type_describes_itself(key):
    field_type = field_types()[key]
    assert field_type.key == key
    assert field_type.label.zh and field_type.label.en
    assert field_type.sql in SQL_TYPES
    assert set(field_type.operators) <= KNOWN_OPERATORS
    jsonschema.Draft202012Validator.check_schema({"properties": dict(field_type.setting_keys)})
    assert field_type.check_settings(field(key)) is None
    for setting, value in field(key).settings.items():
        jsonschema.validate(value, field_type.setting_keys[setting])


@pytest.mark.parametrize("key", sorted(field_types()))
def test_type_has_a_column_or_none(key):
    column = field_types()[key].column(field(key))
    if field_types()[key].stored:
        assert column.compile(postgresql.dialect())
    else:
        assert isinstance(column, sa.types.NullType)


@pytest.mark.parametrize("key", sorted(set(field_types()) - {"rollup"}))
def test_type_reads_json_and_gives_it_back(key):
    _, raw, value, given_back, shown, _ = CASES[key]
    field_type = field_types()[key]
    assert field_type.from_json(field(key), raw) == value
    assert field_type.to_json(field(key), value) == given_back
    assert field_type.from_json(field(key), given_back) == value
    assert field_type.from_json(field(key), value) == value
    json.dumps(given_back)
    assert field_type.display(field(key), value, "zh") == shown
    assert isinstance(field_type.display(field(key), value, "en"), str)


@pytest.mark.parametrize("key", sorted(field_types()))
def test_type_gives_a_schema_its_values_fit(key):
    _, _, _, given_back, _, _ = CASES[key]
    schema = field_types()[key].schema(field(key))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(given_back, schema)


@pytest.mark.parametrize("key", sorted(field_types()))
def test_type_refuses_what_does_not_fit_in_both_languages(key):
    *_, refused = CASES[key]
    for raw in refused:
        with pytest.raises(FieldError) as caught:
            field_types()[key].from_json(field(key), raw)
        assert caught.value.message.zh and caught.value.message.en, raw


@pytest.mark.parametrize("key", sorted(CELLS))
def test_type_reads_spreadsheet_cells(key):
    for cell, value in CELLS[key]:
        assert field_types()[key].from_cell(field(key), cell, CONTEXT) == value, cell


@pytest.mark.parametrize("key", sorted(field_types()))
def test_type_masks_without_telling(key):
    value, expected = MASKS.get(key, (CASES[key][2], None))
    masked = field_types()[key].mask(field(key), value)
    assert masked == (expected or masked)
    shown = field_types()[key].display(field(key), value, "zh")
    assert masked != shown
    if expected is None and key not in ("address",):
        assert masked == "****"


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("key", sorted(field_types()))
@settings(max_examples=60, deadline=None)
@given(raw=_ANYTHING)
def test_type_answers_anything_with_a_value_or_a_message(key, raw):
    field_type = field_types()[key]
    for read in (
        lambda: field_type.from_json(field(key), raw),
        lambda: field_type.from_cell(field(key), raw, CONTEXT),
    ):
        try:
            value = read()
        except FieldError:
            continue
        if value is not None:
            assert field_type.from_json(field(key), field_type.to_json(field(key), value)) == value


def test_address_given_as_one_text_is_as_bounded_as_its_parts() -> None:
    address = field_types()["address"]
    with pytest.raises(FieldError, match="200"):
        address.from_json(field("address"), "一" * 201)
