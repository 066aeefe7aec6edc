"""One way to write a value."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel import canonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet=st.characters(exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_dumps_sorts_keys_and_keeps_numbers_exact() -> None:
    value = {
        "when": datetime(2026, 9, 1, 1, tzinfo=UTC),
        "day": date(2026, 9, 1),
        "amount": Decimal("1.50"),
        "id": UUID(int=1),
        "名": "校区",
    }
    assert canonical.dumps(value) == (
        '{"amount":"1.50","day":"2026-09-01","id":"00000000-0000-0000-0000-000000000001",'
        '"when":"2026-09-01T01:00:00+00:00","名":"校区"}'
    )


@given(JSON)
def test_dumps_survives_a_round_trip(value: object) -> None:
    text = canonical.dumps(value)
    assert canonical.dumps(json.loads(text)) == text


def test_dumps_refuses_what_has_no_form() -> None:
    with pytest.raises(TypeError, match="bytes"):
        canonical.dumps({"photo": b"\xff"})


KEYS = st.text(max_size=3) | st.integers(-12, 12) | st.booleans() | st.none() | st.sampled_from(["true", "1", "-2"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.decimals() | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(ANYTHING)
def test_dumps_writes_what_plain_says(value: object) -> None:
    assert canonical.dumps(value) == canonical.encode(canonical.plain(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({2: "b", 10: "a"}, '{"10":"a","2":"b"}'),
        ([1.5, -2e30, "1.5"], '["1.5","-2e+30","1.5"]'),
        ({True: "a\x00b"}, '{"True":"ab"}'),
        (float("nan"), '"nan"'),
    ],
)
def test_dumps_of_what_json_lacks(value: object, text: str) -> None:
    assert canonical.dumps(value) == text
