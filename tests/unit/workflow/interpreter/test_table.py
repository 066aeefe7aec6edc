"""Of many tokens or scopes those nobody looks at sleep; to everybody else they are a plain dict."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.bpmn.compiler import load
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import decode, encode
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import State, Token, new_state
from engine.workflow.interpreter.table import MANY, Table
from tests.unit.workflow.driver import document, flows, run

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
    assert isinstance(loaded.tokens, Table)
    assert len(loaded.tokens.asleep) == 500
    after, _ = advance(load(XML).programs["p"], loaded, do.CompleteTask(tasks[250]), ENV)
    assert isinstance(after.tokens, Table)
    assert len(after.tokens.asleep) == 499
    assert len(loaded.tokens.asleep) == 500


def test_step_in_memory_copies_the_item_it_completes_and_leaves_the_given_state_whole() -> None:
    program = load(XML).programs["p"]
    state, tasks = started(500)
    before = encode(state)
    after, _ = advance(program, state, do.CompleteTask(tasks[250]), ENV)
    assert isinstance(after.tokens, Table)
    assert [token.node for token in after.tokens.awake()] == ["t"]
    assert after.tokens.asleep[tasks[0]] is state.tokens[tasks[0]]
    assert encode(state) == before
    assert encode(after) == encode(advance(program, decode(before), do.CompleteTask(tasks[250]), ENV)[0])


ROUNDS = document(
    '<subProcess id="b"><multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality>'
    '</multiInstanceLoopCharacteristics><startEvent id="s"/><userTask id="t"/>' + flows("s -> t") + "</subProcess>"
)


def test_tokens_inside_many_sub_processes_sleep_too() -> None:
    program = load(ROUNDS).programs["p"]
    state, effects = advance(program, new_state("p"), do.Start({"n": 300}), ENV)
    tasks = [one.activation for one in effects if isinstance(one, OpenTask)]
    loaded = decode(encode(state))
    assert isinstance(loaded.tokens, Table)
    assert len(loaded.tokens.asleep) == 600
    after, _ = advance(program, loaded, do.CompleteTask(tasks[150]), ENV)
    assert isinstance(after.tokens, Table)
    assert (len(after.tokens.asleep), len(after.tokens)) == (598, 599)
    assert encode(after) == encode(advance(program, state, do.CompleteTask(tasks[150]), ENV)[0])


def test_many_open_sub_processes_complete_one_by_one() -> None:
    _, instance = run(ROUNDS, {"n": 80})
    for left in range(80, 0, -1):
        assert (len(instance.state.scopes), len(instance.tasks)) == (left + 1, left)
        instance.complete("t")
    assert (instance.status, instance.trace().count("t")) == ("completed", 80)


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
    sleeping = Table({0: plain[0]}, asleep, lambda row: Token(row[0], "t", 0, "u"))
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
