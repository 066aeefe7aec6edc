"""Large values sleep in the variables until somebody asks, and are never seen asleep."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.workflow.interpreter.codec import LARGE, StateError, decode, encode, pack
from engine.workflow.interpreter.large import APART, Packed, Variables, merged, parts_of
from engine.workflow.interpreter.state import Scope, State, fork

MANY = [Decimal(number) for number in range(LARGE)]
HUGE = ["n" * 200] * (APART // 100)


def state_of(**variables: Any) -> State:
    return State("p", scopes={0: Scope(0, "p", 0, vars=variables)})


def asleep(state: State) -> list[str]:
    return [name for name, value in parts_of(state.variables) if value.__class__ is Packed]


def test_large_value_sleeps_until_it_is_looked_up() -> None:
    found = decode(encode(state_of(many=MANY, few=1)))
    assert asleep(found) == ["many"]
    assert asleep(fork(found)) == ["many"]
    assert (found.variables["few"], found.variables.get("none"), "many" in found.variables) == (1, None, True)
    assert asleep(found) == ["many"]
    assert found.variables["many"] == MANY
    assert asleep(found) == []


@pytest.mark.parametrize(
    "see",
    [
        dict,
        lambda values: {**values},
        lambda values: {"few": 2} | values,
        lambda values: values | {"other": 1},
        lambda values: dict(values.items()),
        lambda values: dict(zip(values, values.values(), strict=True)),
        lambda values: {"many": values.copy().pop("many")},
        lambda values: {"many": values.copy().setdefault("many", None)},
        lambda values: {"many": values.get("many")},
        lambda values: dict(merged({"few": 2}, values, {"own": 3})),
    ],
)
def test_plain_mapping_of_the_variables_is_awake(see: Any) -> None:
    values = decode(encode(state_of(many=MANY, few=1))).variables
    assert isinstance(values, Variables)
    assert see(values)["many"] == MANY


def test_variables_equal_the_plain_ones() -> None:
    found = decode(encode(state_of(many=MANY))).variables
    assert found == {"many": MANY}
    assert decode(encode(state_of(many=MANY))).variables == {"many": MANY}
    assert found != {"many": MANY[1:]}


def test_merging_lets_sleep_what_nobody_asks_for() -> None:
    values = decode(encode(state_of(many=MANY, few=1))).variables
    found = merged({"record": 1}, values, {"few": 2})
    assert [name for name, value in parts_of(found) if value.__class__ is Packed] == ["many"]
    assert found == {"record": 1, "many": MANY, "few": 2}


def test_value_kept_apart_is_named_in_the_state_and_fetched_once() -> None:
    apart: dict[bytes, bytes | None] = {}
    blob = encode(state_of(huge=HUGE, many=MANY), apart)
    ((digest, content),) = apart.items()
    assert (content, len(blob) < APART) == (pack(HUGE), True)
    asked: list[bytes] = []

    def fetch(name: bytes) -> bytes:
        asked.append(name)
        return pack(HUGE)

    found = decode(blob, fetch)
    again: dict[bytes, bytes | None] = {}
    assert (encode(found, again), again, asked) == (blob, {digest: None}, [])
    assert fork(found).variables["huge"] == found.variables["huge"] == HUGE
    assert asked == [digest]


def test_replaced_value_gets_a_name_of_its_own() -> None:
    first: dict[bytes, bytes | None] = {}
    found = decode(encode(state_of(huge=HUGE), first), lambda name: pack(HUGE))
    found.variables["huge"] = [*HUGE, "one more"]
    second: dict[bytes, bytes | None] = {}
    encode(found, second)
    assert first.keys().isdisjoint(second)
    assert list(second.values()) == [pack([*HUGE, "one more"])]


def test_damaged_value_is_a_state_error() -> None:
    found = decode(encode(state_of(huge=HUGE), {}), lambda name: b"\xc1")
    with pytest.raises(StateError):
        found.variables["huge"]


def test_value_apart_needs_somebody_who_keeps_it() -> None:
    with pytest.raises(LookupError):
        decode(encode(state_of(huge=HUGE), {})).variables["huge"]
