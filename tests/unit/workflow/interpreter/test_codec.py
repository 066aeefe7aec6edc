"""Saved states: exact, compact, readable for ever, and typed errors for anything else."""

import contextlib
import datetime as dt
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.feel import DaysAndTimeDuration, Range, YearsAndMonthsDuration
from engine.kernel.errors import SchoolflowError
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import LARGE, StateError, decode, encode, pack
from engine.workflow.interpreter.commands import CompleteTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import Arm, Scope, State, Status, Token, Wait
from tests.unit.workflow.driver import document, flows, run

GOLDEN = Path(__file__).parents[3] / "golden"

VALUES = {
    "decimal": Decimal("1.50"),
    "big": Decimal("123456789012345678901234.5"),
    "date": dt.date(2026, 9, 1),
    "time": dt.time(8, 30),
    "moment": dt.datetime(2026, 9, 1, 8, 30, tzinfo=dt.UTC),
    "zoned": dt.datetime(2026, 9, 1, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
    "local": dt.datetime(2026, 9, 1, 8, 30),
    "duration": DaysAndTimeDuration(5_400_000_000_000),
    "months": YearsAndMonthsDuration(14),
    "range": Range(Decimal(1), Decimal(5), True, False),
    "list": [Decimal(1), None, True, "文"],
    "context": {"typename": "x", "n": Decimal("0.10")},
}


def golden_state() -> State:
    """What tests/golden/state-format-1.bin was written from."""
    return State(
        "contract",
        Status.RUNNING,
        next_id=42,
        calls=0,
        called=True,
        scopes={
            0: Scope(0, "contract", 0, 3, dict(VALUES), {"join": {"f1": 2}}, [["pay", {"x": Decimal(1)}, None]]),
            7: Scope(7, "sub", 5, 1, {"local": None}),
        },
        tokens={
            5: Token(5, "sub", 0, Wait.SCOPE),
            9: Token(9, "sign", 7, Wait.USER, 0, {"item": "a"}, {"tries": 1}, 3),
        },
        arms={11: Arm(11, "timer", 0, 9, 7, dt.datetime(2026, 9, 2, tzinfo=dt.UTC), None, 3, None, 1, True)},
        throws=[["throw", 0, "f9"]],
    )


def test_every_value_round_trips_exactly() -> None:
    state = State("p", scopes={0: Scope(0, "p", 0, vars=dict(VALUES))})
    found = decode(encode(state)).variables
    assert found == VALUES
    assert str(found["decimal"]) == "1.50"
    assert str(found["zoned"].tzinfo) == "Asia/Shanghai"


def test_released_format_1_is_still_read() -> None:
    blob = (GOLDEN / "state-format-1.bin").read_bytes()
    assert decode(blob) == golden_state()
    assert encode(golden_state()) == blob


def many_state() -> State:
    """What tests/golden/state-format-2.bin was written from: more tokens, scopes and armed events than lie in rows."""
    joins: list[dict[str, dict[str, int]]] = [{}, {"join": {"f1": 1}}]
    scopes = {n: Scope(n, "sub", n + 100, 1, {"who": f"人{n}"}, joins[n % 2]) for n in range(200, 300)}
    tokens = {n: Token(n, "sub", 0, Wait.SCOPE, 1, {"loopCounter": Decimal(n)}) for n in range(300, 400)}
    arms = {n: Arm(n, "timer", 0, n % 2 * 300, 200, dt.datetime(2026, 9, 2, tzinfo=dt.UTC)) for n in range(400, 500)}
    first = Scope(0, "contract", 0, 1, dict(VALUES))
    return State("contract", Status.RUNNING, 500, scopes={0: first, **scopes}, tokens=tokens, arms=arms)


def test_released_format_2_is_still_read() -> None:
    blob = (GOLDEN / "state-format-2.bin").read_bytes()
    assert encode(decode(blob)) == encode(many_state()) == blob
    assert decode(blob) == many_state()


def test_tokens_that_earlier_releases_packed_one_by_one_are_still_read() -> None:
    row = [9, "sign", 7, "u", 5, {"item": "a"}, None, 0]
    blob = pack([1, "p", "running", 10, 0, False, [[0, "p", 0, 1, {}, {}, []]], [[9, pack(row)]], [], []])
    assert decode(blob).tokens == {9: Token(9, "sign", 7, Wait.USER, 5, {"item": "a"})}


def test_twelve_nodes_and_twenty_variables_fit_in_a_kilobyte() -> None:
    names = [f"task{number}" for number in range(10)]
    tasks = "".join(f'<userTask id="{name}"/>' for name in names)
    chain = flows("s -> " + " -> ".join(names) + " -> e")
    xml = document(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{chain}')
    _, instance = run(xml, {f"variable_{number}": f"value {number}" for number in range(20)})
    assert len(encode(instance.state)) < 1000


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xc1")
@example(b"\x9a\x01")
def test_any_bytes_give_a_typed_error(blob: bytes) -> None:
    with pytest.raises(StateError):
        decode(blob)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_states_give_a_state_or_a_typed_error(data: st.DataObject) -> None:
    blob = bytearray(encode(golden_state()))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(StateError):
        decode(bytes(blob))


def _waiting() -> tuple[object, State]:
    xml = document(
        '<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
        '</multiInstanceLoopCharacteristics></userTask><boundaryEvent id="b" attachedToRef="t" cancelActivity="false">'
        '<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition></boundaryEvent><task id="n"/>'
        + flows("s -> t; b -> n")
    )
    _, instance = run(xml)
    return instance.program, instance.state


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_states_advance_or_give_a_typed_error(data: st.DataObject) -> None:
    program, state = _waiting()
    blob = bytearray(encode(state))
    for _ in range(data.draw(st.integers(1, 3))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode(bytes(blob))
        for activation in list(found.tokens)[:2]:
            found, _ = advance(
                program, found, CompleteTask(activation), Env(now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
            )
    except SchoolflowError:
        pass


def test_large_value_nobody_replaced_keeps_its_bytes() -> None:
    state = State(
        "p", scopes={0: Scope(0, "p", 0, vars={"many": [Decimal(n) for n in range(LARGE)], "few": [Decimal(1)]})}
    )
    blob = encode(state)
    found = decode(blob)
    assert found == state
    ((_, before),) = found.packed.values()
    found.scopes[0].vars["few"] = [Decimal(2)]
    encode(found)
    ((_, after),) = found.packed.values()
    assert after is before


def test_large_value_that_was_replaced_is_written_anew() -> None:
    first = decode(encode(State("p", scopes={0: Scope(0, "p", 0, vars={"many": ["a"] * LARGE})})))
    first.scopes[0].vars["many"] = ["b"] * LARGE
    assert decode(encode(first)).variables == {"many": ["b"] * LARGE}
