"""Items of a large multi-instance activity sleep packed; to everybody else the tokens are a plain dict."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.bpmn.compiler import load
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import MANY, decode, encode
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import State, Token, new_state
from engine.workflow.interpreter.tokens import Tokens
from tests.unit.workflow.driver import document, run

ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC))
XML = document(
    '<userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality>'
    "</multiInstanceLoopCharacteristics></userTask>"
)


def started(number: int) -> tuple[State, list[int]]:
    program = load(XML).programs["p"]
    state, effects = advance(program, new_state("p"), do.Start({"n": number}), ENV)
    return state, [one.activation for one in effects if isinstance(one, OpenTask)]


def test_items_of_a_large_activity_sleep_and_one_step_wakes_one() -> None:
    state, tasks = started(500)
    loaded = decode(encode(state))
    assert isinstance(loaded.tokens, Tokens)
    assert len(loaded.tokens.asleep) == 500
    after, _ = advance(load(XML).programs["p"], loaded, do.CompleteTask(tasks[250]), ENV)
    assert isinstance(after.tokens, Tokens)
    assert len(after.tokens.asleep) == 499
    assert len(loaded.tokens.asleep) == 500


def test_small_activities_are_saved_as_before() -> None:
    state, _ = started(MANY - 1)
    assert type(decode(encode(state)).tokens) is dict


def test_waking_gives_the_same_state() -> None:
    state, _ = started(200)
    assert decode(encode(state)) == state
    assert encode(decode(encode(state))) == encode(state)


def test_hundred_items_complete_with_saving_between_all_steps() -> None:
    _, instance = run(XML, {"n": 100})
    for _ in range(100):
        instance.complete("t")
    assert (instance.status, instance.trace().count("t")) == ("completed", 100)


@given(st.lists(st.tuples(st.sampled_from(["get", "pop", "set", "del", "in", "all"]), st.integers(0, 9)), max_size=20))
def test_tokens_behave_like_a_dict(steps: list[tuple[str, int]]) -> None:
    plain = {number: Token(number, "t", 0, "u") for number in range(8)}
    asleep = {number: bytes([number]) for number in range(1, 8)}
    sleeping = Tokens({0: plain[0]}, asleep, lambda row: Token(row[0], "t", 0, "u"))
    for action, key in steps:
        if action == "get":
            assert sleeping.get(key) == plain.get(key)
        elif action == "pop":
            assert sleeping.pop(key, None) == plain.pop(key, None)
        elif action == "set":
            sleeping[key] = plain[key] = Token(key, "new", 0, "u")
        elif action == "del" and key in plain:
            del plain[key], sleeping[key]
        elif action == "in":
            assert (key in sleeping, bool(sleeping)) == (key in plain, bool(plain))
        elif action == "all":
            assert dict(sleeping.items()) == plain
        assert len(sleeping) == len(plain)
    assert sleeping == plain
