"""Gateways and flows in models after the public tests of other engines: each does what BPMN says.

Where those engines do something else, `docs/guide/importing.md` says so. Keys name the subject, a row one model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.workflow.interpreter.pieces import (
    HOUR,
    MESSAGE,
    SIGNAL,
    STOP,
    boundary,
)
from tests.unit.workflow.interpreter.sketches import (
    Sketch,
    body,
    catch,
    expected,
    inside,
    many,
    outcome,
    play,
    script,
    throw,
)

HOT = "<conditionalEventDefinition><condition>hot = true</condition></conditionalEventDefinition>"
FORK = "s -> p -> u1; p -> u2; "
CALL = '<callActivity id="call" calledElement="q"/>'


GATEWAYS: Mapping[str, list[Sketch]] = {
    "parallel: forks that only end, nested or not": [
        Sketch("s -> p; p -> e1; p -> e2; p -> e3"),
        Sketch("s -> p; p -> p2; p -> t1; p2 -> t2; p2 -> t3", done="t1 t2 t3"),
    ],
    "parallel: unbalanced, three branches by two joins": [
        Sketch(
            "s -> p -> u1 -> p2; p -> u2 -> p2; p -> u3 -> p3; p2 -> t1 -> p3; p3 -> t2", "u3 u1 u2", "u3 u1 u2 t1 t2"
        )
    ],
    "parallel: a join fed by the start and by a branch behind another gateway": [
        Sketch("s -> p2; s -> u1 -> p; p -> p2; p2 -> t", "u1", "u1 t"),
        Sketch("s -> u1 -> p -> u2 -> p2; s -> p2; p2 -> t", "u1 u2", "u1 u2 t"),
    ],
    "parallel: a gateway that is split and join again in a loop": [
        Sketch(
            "s -> x -> p -> u1 -> p2; p -> u2 -> p2; p2 -> x2; x2 -> x [n = 1]; x2 -> t [default]",
            "u1{n=1} u2 u2{n=2} u1",
            "u1 u2 u2 u1 t",
        ),
    ],
    "parallel: one flow in fires for each token": [
        Sketch(FORK + "u1 -> x; u2 -> x; x -> p2; p2 -> t1; p2 -> t2", "u1 u2", "u1 t1 t2 u2 t1 t2")
    ],
    "parallel: a branch that ends early leaves the join waiting": [
        Sketch(
            FORK + "u1 -> x; x -> e [n = 1]; x -> p2 [default]; u2 -> p2; p2 -> t",
            "u1{n=1} u2",
            "u1 u2",
            status="running",
        )
    ],
    "parallel: two joins of one fork": [
        Sketch(
            "s -> p -> u1; p -> u2; u1 -> p3; u2 -> p3; p3 -> p4; p4 -> t1 -> p5; p4 -> t2 -> p5; p5 -> t3",
            "u1 u2",
            "u1 u2 t1 t2 t3",
        )
    ],
    "exclusive: the first of several true conditions": [
        Sketch("s -> x; x -> t1 [n > 5]; x -> t2 [n > 1]; x -> t3 [n > 0]", given={"n": 3}, done="t2")
    ],
    "exclusive: nothing holds": [Sketch("s -> x; x -> t1 [n > 5]", given={"n": 3}, stopped="x")],
    "exclusive: nothing holds, then it does": [
        Sketch("s -> x; x -> t1 [n > 5]", "set:n=9 retry:x", "t1", given={"n": 3})
    ],
    "exclusive: a loop of many rounds": [
        Sketch(
            "s -> x -> n -> x2; x2 -> x [n < 50]; x2 -> t [default]",
            done="n " * 50 + "t",
            more=script("n", "{n: n + 1}"),
            given={"n": 0},
        )
    ],
    "inclusive: all, some, the default alone": [
        Sketch("s -> i; i -> t1 [n > 2]; i -> t2 [n > 1]; i -> t3 [default]", given={"n": n}, done=done)
        for n, done in ((3, "t1 t2"), (2, "t2"), (0, "t3"))
    ],
    "inclusive: icicles along a row of splits": [
        Sketch(
            "s -> i1; i1 -> t1; i1 -> i2; i2 -> t2 [two]; i2 -> i3; i3 -> t3; i3 -> t4 [four]",
            given={"two": two, "four": four},
            done=done,
        )
        for two, four, done in ((False, False, "t1 t3"), (True, False, "t1 t2 t3"), (True, True, "t1 t2 t3 t4"))
    ],
    "inclusive: the join waits for what was taken, three branches": [
        Sketch(
            "s -> i; i -> u1 [a]; i -> u2 [b]; i -> u3 [c]; u1 -> i2; u2 -> i2; u3 -> i2; i2 -> t",
            "u2 u1",
            "u2 u1 t",
            given={"a": True, "b": True, "c": False},
        )
    ],
    "inclusive: a join that chooses too": [
        Sketch(
            "s -> p -> u1 -> i; p -> u2 -> i; i -> t1 [n > 1]; i -> t2 [default]",
            "u1 u2",
            f"u1 u2 {done}",
            given={"n": n},
        )
        for n, done in ((2, "t1"), (1, "t2"))
    ],
    "inclusive: behind a sub-process, an event gateway and a call": [
        Sketch(
            "s -> i; i -> h [true]; i -> u2 [true]; h -> i2; u2 -> i2; i2 -> t",
            "u2 u1",
            "u2 u1 h t",
            inside("h", "s1 -> u1"),
        ),
        Sketch(
            "s -> i; i -> g [true]; i -> u2 [true]; g -> m -> i2; g -> w -> i2; u2 -> i2; i2 -> t",
            "u2 msg:go",
            "u2 m t",
            catch("m", MESSAGE) + catch("w", HOUR),
        ),
        Sketch(
            "s -> i; i -> call [true]; i -> u2 [true]; call -> i2; u2 -> i2; i2 -> t",
            "u2 u1",
            "u2 u1 t",
            CALL,
            others={"q": body("u1")},
        ),
    ],
    "inclusive: behind a multi-instance sub-process": [
        Sketch(
            "s -> i; i -> h [true]; i -> u2 [true]; h -> i2; u2 -> i2; i2 -> t",
            "u2 u1 u1",
            "u2 u1 h u1 h t",
            inside("h", "s1 -> u1", own=many("2", attributes=f'isSequential="{one}"')),
        )
        for one in ("false", "true")
    ],
    "inclusive: a token that can come back into the loop is waited for": [
        Sketch(
            "s -> p -> u1 -> i; p -> x -> u2 -> x2; x2 -> x [again]; x2 -> i [default]; i -> t",
            "u1 u2{again=true} u2{again=false}",
            "u1 u2 u2 t",
        )
    ],
    "inclusive: a boundary event's branch counts only while it can come": [
        Sketch("s -> p -> u1 -> i; p -> u2 -> i; b -> i; i -> t", acts, done, boundary("b", "u2", STOP, stays=True))
        for acts, done in (("u1 u2", "u1 u2 t"), ("u1 msg:stop u2", "u1 b u2 t"))
    ],
    "inclusive: split, merge, split": [
        Sketch(
            "s -> i; i -> u1 [true]; i -> u2 [true]; u1 -> i2; u2 -> i2; i2 -> i3; i3 -> t1 [n > 0]; i3 -> t2 [n > 1]",
            "u1 u2",
            "u1 u2 t1",
            given={"n": 1},
        )
    ],
    "event gateway: the first one wins, the others are gone": [
        Sketch(
            "s -> g; g -> m -> t1; g -> w -> t2; g -> r -> t3; g -> k -> t4",
            acts,
            done,
            catch("m", MESSAGE) + catch("w", HOUR) + catch("r", SIGNAL) + catch("k", HOT),
        )
        for acts, done in (
            ("msg:go sig:alarm wait:2", "m t1"),
            ("sig:alarm msg:go", "r t3"),
            ("wait:1 sig:alarm", "w t2"),
            ("set:hot=true wait:1", "k t4"),
        )
    ],
    "event gateway: receive tasks behind it": [
        Sketch(
            "s -> g; g -> m -> t1; g -> r -> t2",
            "msg:stop",
            "r t2",
            '<receiveTask id="m" messageRef="m"/><receiveTask id="r" messageRef="m2"/>',
        )
    ],
    "event gateway: in a loop it waits anew": [
        Sketch(
            "s -> x -> g; g -> m -> x; g -> r -> t",
            "msg:go msg:go msg:stop",
            "m m r t",
            catch("m", MESSAGE) + catch("r", STOP),
        )
    ],
    "event gateway: inside a sub-process that is interrupted": [
        Sketch(
            "s -> h -> t; b -> t2",
            "sig:alarm msg:go",
            "b t2",
            inside("h", "s1 -> g; g -> m; g -> w", catch("m", MESSAGE) + catch("w", HOUR)) + boundary("b", "h", SIGNAL),
        )
    ],
    "flows: conditional and default ones out of a task": [
        Sketch("s -> t -> t1; t -> t2 [n > 1]; t -> t3 [default]", given={"n": n}, done=done)
        for n, done in ((2, "t t1 t2"), (1, "t t1 t3"))
    ],
    "flows: several into a task run it for each": [Sketch(FORK + "u1 -> t; u2 -> t", "u1 u2", "u1 t u2 t")],
    "link: a jump, one taken of two, into a join": [
        Sketch(
            "s -> far; near -> t",
            done="far near t",
            more=throw("far", '<linkEventDefinition name="l"/>') + catch("near", '<linkEventDefinition name="l"/>'),
        ),
        Sketch(
            "s -> x; x -> far [go]; x -> t1 [default]; near -> t2",
            given={"go": False},
            done="t1",
            more=throw("far", '<linkEventDefinition name="l"/>') + catch("near", '<linkEventDefinition name="l"/>'),
        ),
        Sketch(
            "s -> p -> u1 -> p2; p -> far; near -> p2; p2 -> t",
            "u1",
            "far near u1 t",
            throw("far", '<linkEventDefinition name="l"/>') + catch("near", '<linkEventDefinition name="l"/>'),
        ),
    ],
}


@pytest.mark.parametrize("subject", GATEWAYS)
def test_model_does_what_bpmn_says(subject: str) -> None:
    for sketch in GATEWAYS[subject]:
        assert outcome(*play(sketch)) == expected(sketch)
