"""Of many tokens or scopes those nobody looks at sleep; to everybody else they are a plain dict."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import from_python
from engine.kernel.errors import SchoolflowError
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.program import Program
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import lookups
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import LARGE, decode, encode
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.pages import SHIFT
from engine.workflow.interpreter.state import Arm, Scope, State, Status, Token, Wait, fork, new_state
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


def awake(state: State) -> list[int]:
    """Ids of the tokens that somebody has looked at."""
    assert isinstance(state.tokens, Table)
    return sorted(token.id for token in state.tokens.awake())


def test_items_of_a_large_activity_sleep_and_one_step_wakes_one_and_its_host() -> None:
    state, tasks = started(500)
    loaded = decode(encode(state))
    after, _ = advance(load(XML).programs["p"], loaded, do.CompleteTask(tasks[250]), ENV)
    assert (awake(loaded), awake(after)) == ([], [1])
    assert (len(loaded.tokens), len(after.tokens)) == (501, 500)


def test_step_reads_and_writes_only_pages_it_changes() -> None:
    state, tasks = started(500)
    loaded = decode(encode(state))
    after, _ = advance(load(XML).programs["p"], loaded, do.CompleteTask(tasks[250]), ENV)
    before, now = [one.tokens.folded() for one in (loaded, after) if isinstance(one.tokens, Table)]
    assert [number for number, page in before.items() if now[number] is not page] == [0, tasks[250] >> SHIFT]


def test_step_in_memory_copies_the_item_it_completes_and_leaves_the_given_state_whole() -> None:
    program = load(XML).programs["p"]
    state, tasks = started(500)
    before = encode(state)
    after, _ = advance(program, state, do.CompleteTask(tasks[250]), ENV)
    assert awake(after) == [1]
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
    assert (awake(loaded), len(loaded.tokens), len(loaded.scopes)) == ([], 601, 301)
    after, _ = advance(program, loaded, do.CompleteTask(tasks[150]), ENV)
    assert (awake(after), len(after.tokens), len(after.scopes)) == ([1], 599, 300)
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


STEPS = st.sampled_from(["get", "pop", "set", "del", "in", "all", "mark", "save", "step", "update"])


def _token(number: int, node: str = "t") -> Token:
    """In a scope or, each third, an item of a host."""
    return Token(number, node, number % 5, Wait.USER, number // 7 if number % 3 == 0 else 0)


@given(st.lists(st.tuples(STEPS, st.integers(1, 300)), max_size=25))
def test_tokens_in_pages_behave_like_a_dict(steps: list[tuple[str, int]]) -> None:
    plain = {number: _token(number) for number in range(1, 260, 2)}
    state = decode(encode(State("p", tokens=dict(plain))))
    for action, key in steps:
        found = state.tokens
        if action == "get":
            assert found.get(key) == plain.get(key)
        elif action == "pop":
            assert found.pop(key, None) == plain.pop(key, None)
        elif action == "set":
            found[key] = plain[key] = _token(key, "new")
        elif action == "update":
            found.update({key: _token(key, "more")})
            plain[key] = _token(key, "more")
        elif action == "del" and key in plain:
            del plain[key], found[key]
        elif action == "in":
            assert (key in found, bool(found)) == (key in plain, bool(plain))
        elif action == "all":
            assert dict(found.items()) == plain
        elif action == "mark":
            inside = [one for one in plain.values() if one.scope == key % 5 and not one.parent]
            items = [one for one in plain.values() if one.parent == key]
            assert lookups.inside(state, key % 5) == sorted(inside, key=lambda one: one.id)
            assert (lookups.items_of(state, key), key in found) == (sorted(items, key=lambda one: one.id), key in plain)
        else:
            state = decode(encode(state)) if action == "save" else fork(state)
        assert len(state.tokens) == len(plain)
    assert encode(state) == encode(decode(encode(State("p", tokens=dict(sorted(plain.items()))))))
    assert state.tokens == plain


def test_entries_go_in_pages_whatever_they_hold_and_come_back() -> None:
    now = ENV.now
    values = {"many": [str(number) for number in range(LARGE)], "few": [now]}
    scopes = {
        number: Scope(number, "s", number, 1, dict(values), {"j": {"f": 1}} if number % 2 else {})
        for number in range(1, 99)
    }
    arms = {number: Arm(number, "b", 0, number % 3, 7, now, {"key": now}, name="n") for number in range(1, 99)}
    state = State("p", Status.RUNNING, scopes={0: Scope(0, "p", 0), **scopes}, arms=arms)
    found = decode(encode(state))
    assert [one.id for one in lookups.with_arrivals(found)] == list(range(1, 99, 2))
    assert [one.id for one in lookups.bodies_of(found, 5)] == [5]
    assert [one.id for one in lookups.armed_by(found, 2)] == list(range(2, 99, 3))
    assert [one.id for one in lookups.armed_in(found, 7)] == list(range(3, 99, 3))
    assert lookups.armed_among(found, range(3), [7]) == list(arms.values())
    assert found == state


def test_pages_are_kept_apart_and_only_those_that_change_are_written_anew() -> None:
    tokens = {number: Token(number, "t", 0, Wait.USER, vars={"text": f"{number:>30}"}) for number in range(1, 2000)}
    first: dict[bytes, bytes | None] = {}
    blob = encode(State("p", tokens=dict(tokens)), first)
    kept = {digest: content for digest, content in first.items() if content is not None}
    asked: list[bytes] = []

    def fetch(digest: bytes) -> bytes:
        asked.append(digest)
        return kept[digest]

    state = decode(blob, fetch)
    after = fork(state)
    after.tokens[700].vars = {"text": "changed"}
    then: dict[bytes, bytes | None] = {}
    again = encode(after, then)
    assert (len(kept), len(asked), len(blob) < 1000) == (16, 1, True)
    assert [content is not None for content in then.values()].count(True) == 1
    fresh = {digest: content for digest, content in then.items() if content is not None}
    assert decode(again, (kept | fresh).__getitem__) == State("p", tokens={**tokens, 700: after.tokens[700]})
    assert encode(after) == encode(State("p", tokens={**tokens, 700: after.tokens[700]}))
    with pytest.raises(LookupError):
        decode(blob).tokens[700]


def test_page_names_the_large_values_of_its_entries_without_being_read() -> None:
    values = [str(number).zfill(200) for number in range(LARGE)]
    scopes = {number: Scope(number, "s", number, 1, {"rows": list(values)}) for number in range(1, 1000)}
    first: dict[bytes, bytes | None] = {}
    blob = encode(State("p", Status.RUNNING, scopes={0: Scope(0, "p", 0), **scopes}), first)
    then: dict[bytes, bytes | None] = {}
    encode(decode(blob, lambda digest: b""), then)
    assert then.keys() == first.keys()
    kept = {digest: content for digest, content in first.items() if content is not None}
    assert decode(encode(decode(blob, kept.__getitem__))).scopes == {0: Scope(0, "p", 0), **scopes}


DAMAGED = encode(started(70)[0])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_pages_give_a_state_or_a_typed_error(data: st.DataObject) -> None:
    blob = bytearray(DAMAGED)
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(SchoolflowError):
        found = decode(bytes(blob))
        assert encode(decode(encode(found))) == encode(found)
        list(found.tokens)


CONDITION = "<conditionalEventDefinition><condition>{}</condition></conditionalEventDefinition>"


def watched(condition: str) -> tuple[Program, State, list[int]]:
    """70 rounds of a sub-process with a boundary event at their first task."""
    when = CONDITION.format(condition.replace(">", "&gt;"))
    event = f'<boundaryEvent id="w" attachedToRef="a" cancelActivity="false">{when}</boundaryEvent>'
    many = "<multiInstanceLoopCharacteristics><loopCardinality>70</loopCardinality></multiInstanceLoopCharacteristics>"
    tasks = f'<userTask id="a"/><userTask id="b"/><userTask id="c"/>{event}'
    xml = document(f'<subProcess id="r">{tasks}{flows("a -> b; w -> c")}{many}</subProcess>')
    program = load(xml).programs["p"]
    state, effects = advance(program, new_state("p"), do.Start({"limit": 5, "total": 0}), ENV)
    return program, decode(encode(state)), [one.activation for one in effects if isinstance(one, OpenTask)]


def opened(found: tuple[State, tuple[object, ...]]) -> list[str]:
    return [one.node for one in found[1] if isinstance(one, OpenTask)]


@pytest.mark.parametrize(
    ("condition", "told", "begun"),
    [
        ("total > limit", {"total": 6}, 69),
        ("total > limit", {"other": 6}, 0),
        ("total > limit", {"limit": -1}, 69),
        ("now() > start", {"other": 6}, 69),
        ("record.total > limit", {"other": 6}, 69),
    ],
)
def test_conditions_of_many_rounds_are_looked_at_when_what_they_read_may_have_changed(
    condition: str, told: dict[str, int], begun: int
) -> None:
    program, state, tasks = watched(condition)
    later = Env(now=ENV.now + timedelta(days=1), records={"record": {"total": from_python(9)}, "start": ENV.now})
    found = advance(program, state, do.CompleteTask(tasks[30], told), later)
    assert opened(found).count("c") == begun
    assert opened(advance(program, found[0], do.CompleteTask(tasks[31], {"more": 1}), later)).count("c") == 0


def test_join_of_one_of_many_rounds_fires_alone() -> None:
    many = "<multiInstanceLoopCharacteristics><loopCardinality>70</loopCardinality></multiInstanceLoopCharacteristics>"
    nodes = '<inclusiveGateway id="f"/><userTask id="a"/><userTask id="b"/><inclusiveGateway id="j"/><userTask id="c"/>'
    ways = flows("f -> a [true]; f -> b [true]; a -> j -> c; b -> j")
    program = load(document(f'<subProcess id="r">{nodes}{ways}{many}</subProcess>')).programs["p"]
    state, effects = advance(program, new_state("p"), do.Start({}), ENV)
    tasks = [one for one in effects if isinstance(one, OpenTask)]
    first = [one.activation for one in tasks if one.node == "a"]
    for activation in first:
        state, _ = advance(program, decode(encode(state)), do.CompleteTask(activation), ENV)
    second = next(one.activation for one in tasks if one.node == "b")
    found = advance(program, decode(encode(state)), do.CompleteTask(second), ENV)
    assert opened(found) == ["c"]
