from datetime import date
from decimal import Decimal

import pytest

from engine.kernel.errors import UserError
from engine.workflow.runner.keys import key_subsets, key_text


def test_key_text_knows_no_difference_between_a_number_and_its_text() -> None:
    assert key_text({"b": Decimal("7.0"), "a": "x"}) == key_text({"a": "x", "b": "7"}) == '{"a":"x","b":"7"}'
    assert key_text({"n": Decimal("1E+2")}) == '{"n":"100"}'


def test_key_text_leaves_null_out_and_writes_other_values_as_json() -> None:
    assert key_text({"a": None, "d": date(2026, 9, 1), "t": True}) == '{"d":"\\"2026-09-01\\"","t":"true"}'


def test_key_subsets_are_all_subscriptions_a_message_can_match() -> None:
    assert key_subsets({"a": 1, "b": 2}) == ["{}", '{"a":"1"}', '{"b":"2"}', '{"a":"1","b":"2"}']


def test_key_subsets_refuse_more_than_five_keys() -> None:
    with pytest.raises(UserError, match="too_many_keys"):
        key_subsets({f"k{n}": n for n in range(6)})
