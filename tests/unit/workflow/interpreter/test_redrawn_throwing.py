"""Errors, escalations, signals, conditions in models after the public tests of other engines: each does what BPMN says.

Where those engines do something else, `docs/guide/importing.md` says so. Keys name the subject, a row one model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.workflow.interpreter.pieces import (
    ERROR,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    boundary,
    timer,
)
from tests.unit.workflow.interpreter.sketches import (
    Sketch,
    beside,
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
ANY_ERROR = "<errorEventDefinition/>"
ANY_ESCALATION = "<escalationEventDefinition/>"
FORK = "s -> p -> u1; p -> u2; "
CALL = '<callActivity id="call" calledElement="q"/>'


def told(stays: bool = True) -> str:
    """A boundary event of `h` for the escalation."""
    return boundary("b", "h", ESCALATION, stays)


THROWING: Mapping[str, list[Sketch]] = {
    "error: by its code, by any, nearest first": [
        Sketch(
            "s -> u1; b -> t1; b2 -> t2",
            "err:u1/bad",
            "b t1",
            boundary("b", "u1", ERROR) + boundary("b2", "u1", ANY_ERROR),
        ),
        Sketch(
            "s -> u1; b -> t1; b2 -> t2",
            "err:u1/odd",
            "b2 t2",
            boundary("b", "u1", ERROR) + boundary("b2", "u1", ANY_ERROR),
        ),
        Sketch(
            "s -> h; b -> t1",
            "err:u1/bad",
            "n9 t9 k h",
            inside("h", "u1", beside(ANY_ERROR, "n9 -> t9")) + boundary("b", "h", ERROR),
        ),
    ],
    "error: nobody catches it": [
        Sketch("s -> u1", "err:u1/odd", "", boundary("b", "u1", ERROR), stopped="u1"),
        Sketch("s -> h -> t", "u1", "u1", inside("h", "u1 -> e1", throw("e1", ERROR, "endEvent")), stopped="e1"),
    ],
    "error: end event of a sub-process, parallel work is cancelled": [
        Sketch(
            "s -> h -> t; b -> t2",
            "u1",
            "u1 b t2",
            inside("h", FORK + "u1 -> e1", throw("e1", ERROR, "endEvent")) + boundary("b", "h", ERROR),
        )
    ],
    "error: only the scope that threw it": [
        Sketch(
            "s -> p -> h -> t1; p -> k -> t2; b -> t3; b2 -> t4",
            "err:u1/bad u2",
            "b t3 u2 k t2",
            inside("h", "u1") + inside("k", "u2") + boundary("b", "h", ERROR) + boundary("b2", "k", ERROR),
        )
    ],
    "escalation: end and intermediate events, caught or not": [
        Sketch("s -> n -> t", done="n t", more=throw("n", ESCALATION)),
        Sketch("s -> t -> e1", done="t", more=throw("e1", ESCALATION, "endEvent")),
        Sketch(
            "s -> h -> t; b -> t2",
            done="n b t2 t3 h t",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION)) + told(),
        ),
        Sketch(
            "s -> h -> t; b -> t2",
            done="n b t2",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION)) + told(stays=False),
        ),
        Sketch(
            "s -> h -> t; b -> t2",
            done="b h t2 t",
            more=inside("h", "s1 -> e1", throw("e1", ESCALATION, "endEvent")) + told(),
        ),
    ],
    "escalation: without a code every one, the very code first": [
        Sketch(
            "s -> h -> t; b -> t2",
            done="n b t2",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION)) + boundary("b", "h", ANY_ESCALATION),
        ),
        Sketch(
            "s -> h -> t; b -> t2; b3 -> t4",
            done="n b t2 t3 h t",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION)) + boundary("b3", "h", ANY_ESCALATION) + told(),
        ),
    ],
    "escalation: the event sub-process before the boundary": [
        Sketch(
            "s -> h -> t; b -> t2",
            done="n n9 t3 t9 k h t",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION) + beside(ESCALATION, "n9 -> t9", stays=True))
            + told(),
        )
    ],
    "escalation: thrown again in its handler it goes outside": [
        Sketch(
            "s -> h -> t; b -> t2",
            done="n n9 t3 b k h t2 t",
            more=inside(
                "h",
                "s1 -> n -> t3",
                throw("n", ESCALATION)
                + beside(ESCALATION, "n9 -> e9", throw("e9", ESCALATION, "endEvent"), stays=True),
            )
            + told(),
        )
    ],
    "escalation: of each item": [
        Sketch(
            "s -> h -> t; b -> t2",
            done="n b n b t2 t3 h t2 t3 h t",
            more=inside("h", "s1 -> n -> t3", throw("n", ESCALATION), own=many("2")) + told(),
        )
    ],
    "escalation: through a called process, twice": [
        Sketch(
            "s -> call -> t; b -> t2",
            "u1",
            "n n2 b t2 b t2 u1 t",
            CALL + boundary("b", "call", ESCALATION, stays=True),
            others={"q": body("s1 -> n -> n2 -> u1", throw("n", ESCALATION) + throw("n2", ESCALATION))},
        )
    ],
    "signal: to all that wait, in all cases, and none is kept": [
        Sketch(
            "s -> p -> m -> t1; p -> r -> t2; p -> u1 -> n -> t3",
            "u1",
            "u1 n m r t1 t2 t3",
            catch("m", SIGNAL) + catch("r", SIGNAL) + throw("n", SIGNAL),
        ),
        Sketch("s -> n -> m -> t", done="n", more=throw("n", SIGNAL) + catch("m", SIGNAL), status="running"),
    ],
    "signal: first or last of several definitions": [
        Sketch("s -> m -> t", act, "m t", f'<intermediateCatchEvent id="m">{SIGNAL}{MESSAGE}</intermediateCatchEvent>')
        for act in ("sig:alarm", "msg:go")
    ],
    "parallel multiple: both have to come, in any order": [
        Sketch(
            "s -> m -> t",
            acts,
            done,
            f'<intermediateCatchEvent id="m" parallelMultiple="true">{SIGNAL}{MESSAGE}</intermediateCatchEvent>',
            status=status,
        )
        for acts, done, status in (
            ("sig:alarm msg:go", "m t", "completed"),
            ("msg:go sig:alarm", "m t", "completed"),
            ("sig:alarm sig:alarm", "", "running"),
        )
    ],
    "message: thrown by one branch, caught by the other": [
        Sketch("s -> p -> m -> t1; p -> n -> t2", done="n t2 m t1", more=catch("m", MESSAGE) + throw("n", MESSAGE)),
        Sketch("s -> n -> m -> t", done="n m t", more=throw("n", MESSAGE) + catch("m", MESSAGE)),
    ],
    "message: starts another process": [
        Sketch(
            "s -> n -> t",
            done="n t n9 t9",
            more=throw("n", MESSAGE),
            others={"q": body("n9 -> t9", throw("n9", MESSAGE, "startEvent"))},
        )
    ],
    "conditional: true from the start, later, never, on each edge": [
        Sketch("s -> k -> t", done="k t", given={"hot": True}, more=catch("k", HOT)),
        Sketch("s -> k -> t", "set:hot=false set:hot=true", "k t", catch("k", HOT)),
        Sketch("s -> k -> t", "set:hot=false", "", catch("k", HOT), status="running"),
        Sketch(
            "s -> u1; b -> t",
            "set:hot=true set:hot=true set:hot=false set:hot=true u1",
            "b t b t u1",
            boundary("b", "u1", HOT, stays=True),
        ),
        Sketch("s -> u1; b -> t", "", "b t", boundary("b", "u1", HOT), given={"hot": True}),
    ],
    "conditional: two branches wait for the same": [
        Sketch("s -> p -> k -> t1; p -> k2 -> t2", "set:hot=true", "k k2 t1 t2", catch("k", HOT) + catch("k2", HOT))
    ],
    "conditional: of an event sub-process, set by a step of its scope": [
        Sketch("s -> n -> u1", "u9", "n n9 u9 k", script("n", "{hot: true}") + beside(HOT, "n9 -> u9"))
    ],
    "timers: a date, a duration, a cycle where it fires once": [
        Sketch("s -> w -> t", "wait:3", "w t", catch("w", timer(kind, text)))
        for kind, text in (("timeDate", "2026-01-01T02:00:00Z"), ("timeDuration", "PT2H"), ("timeCycle", "R3/PT2H"))
    ],
    "timers: computed from data": [
        Sketch(
            "s -> w -> t", "wait:3", "w t", catch("w", timer("timeDuration", "=how_long")), given={"how_long": "PT2H"}
        )
    ],
}


@pytest.mark.parametrize("subject", THROWING)
def test_model_does_what_bpmn_says(subject: str) -> None:
    for sketch in THROWING[subject]:
        assert outcome(*play(sketch)) == expected(sketch)
