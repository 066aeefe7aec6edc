"""Values in and out: plain Python, the wire form, JSON for people."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import (
    DaysAndTimeDuration,
    FeelError,
    Range,
    Value,
    YearsAndMonthsDuration,
    from_python,
    from_wire,
    to_json,
    to_wire,
)
from tests.unit.feel.cases import feel
from tests.unit.feel.strategies import VALUES


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_wire_form_gives_the_same_value_back(value: Value) -> None:
    back = from_wire(json.loads(json.dumps(to_wire(value))))
    assert back == value
    assert repr(back) == repr(value)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    )
)
def test_wire_reader_accepts_any_json_or_says_why(data: object) -> None:
    try:
        from_wire(data)
    except FeelError as error:
        assert error.code == "feel_wire"


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (Decimal("1.50"), {"n": "1.50"}),
        (date(2026, 3, 1), {"d": "2026-03-01"}),
        (time(8, 30, tzinfo=UTC), {"t": "08:30:00Z"}),
        (
            datetime(2026, 3, 1, 8, 30, 0, 500000, ZoneInfo("Asia/Shanghai")),
            {"dt": "2026-03-01T08:30:00.5@Asia/Shanghai"},
        ),
        (DaysAndTimeDuration(3_600_000_000_000), {"dtd": "PT1H"}),
        (YearsAndMonthsDuration(-14), {"ymd": "-P1Y2M"}),
        (Range(Decimal(1), None, True, False), {"r": [{"n": "1"}, None, "[", ")"]}),
        (Range("a", "a", False, False, "!="), {"r": ["a", "a", "(", ")", "!="]}),
        ({"n": "1"}, {"c": {"n": "1"}}),
        ({"n": "1", "x": True}, {"n": "1", "x": True}),
        ([None, "a"], [None, "a"]),
    ],
)
def test_wire_form_is_as_released(value: Value, wire: object) -> None:
    assert to_wire(value) == wire
    assert from_wire(wire) == value


def test_wire_form_refuses_functions_and_deep_nesting() -> None:
    deep: Value = []
    for _ in range(500):
        deep = [deep]
    for value in (feel("function(x) x"), deep, object()):
        with pytest.raises(FeelError):
            to_wire(value)
    with pytest.raises(FeelError):
        from_wire(deep)


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        (3, Decimal(3)),
        (0.1, Decimal("0.1")),
        (float("nan"), None),
        (True, True),
        (timedelta(hours=1), DaysAndTimeDuration(3_600_000_000_000)),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, {"a": 2}), [Decimal(1), {"a": Decimal(2)}]),
    ],
)
def test_plain_python_becomes_feel(plain: object, value: Value) -> None:
    assert from_python(plain) == value
    assert type(from_python(plain)) is type(value)


def test_json_for_people_writes_numbers_and_dates_as_text() -> None:
    value = {"a": Decimal("1E+2"), "b": [date(2026, 3, 1), None], "c": DaysAndTimeDuration(0)}
    assert to_json(value) == {"a": "100", "b": ["2026-03-01", None], "c": "PT0S"}


def test_raw_numbers_in_a_record_are_decimals() -> None:
    assert feel("r.a / 3 + 1", {"r": {"a": 3}}) == Decimal(2)
    assert feel("sum(l) + x", {"l": [1, 2.5], "x": 0.5}) == Decimal("4.0")
    assert feel("for i in l return i * 2", {"l": [1, 2.5]}) == [Decimal(2), Decimal("5.0")]


@pytest.mark.parametrize("text", ["P1D", "-P1DT2H", "PT0.000000001S", "P999999999D", "-P1Y11M", "PT0S", "P0M"])
def test_duration_text_reads_back(text: str) -> None:
    assert feel(f'string(duration("{text}"))') == text
