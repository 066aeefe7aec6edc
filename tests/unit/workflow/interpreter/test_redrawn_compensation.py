"""Transactions and compensation in models after the public tests of other engines: each does what BPMN says.

Where those engines do something else, `docs/guide/importing.md` says so. Keys name the subject, a row one model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.workflow.interpreter.pieces import (
    CANCEL,
    ERROR,
    STOP,
    UNDO,
    boundary,
    undoes,
)
from tests.unit.workflow.interpreter.sketches import (
    Sketch,
    beside,
    body,
    expected,
    inside,
    many,
    outcome,
    play,
    throw,
)

FORK = "s -> p -> u1; p -> u2; "
CALL = '<callActivity id="call" calledElement="q"/>'


def undo_of(activity: str) -> str:
    return f'<compensateEventDefinition activityRef="{activity}"/>'


UNDOING: Mapping[str, list[Sketch]] = {
    "transaction: done, cancelled, failed": [
        Sketch(
            "s -> h -> t; b -> t2",
            "u1",
            "t1 u1 h t",
            inside("h", "s1 -> t1 -> u1", undoes("t1"), tag="transaction") + boundary("b", "h", CANCEL),
        ),
        Sketch(
            "s -> h -> t; b -> t2",
            "u1",
            "t1 u1 u_t1 b t2",
            inside("h", "s1 -> t1 -> u1 -> e1", undoes("t1") + throw("e1", CANCEL, "endEvent"), tag="transaction")
            + boundary("b", "h", CANCEL),
        ),
        Sketch(
            "s -> h -> t; b -> t2",
            "u1",
            "t1 u1 b t2",
            inside("h", "s1 -> t1 -> u1 -> e1", undoes("t1") + throw("e1", ERROR, "endEvent"), tag="transaction")
            + boundary("b", "h", ERROR),
        ),
        Sketch(
            "s -> h; b -> t2",
            "u1",
            "t1 t3 u1 u_t3 u_t1 b t2",
            inside(
                "h",
                "s1 -> t1 -> t3 -> u1 -> e1",
                undoes("t1") + undoes("t3") + throw("e1", CANCEL, "endEvent"),
                tag="transaction",
            )
            + boundary("b", "h", CANCEL),
        ),
    ],
    "transaction: cancelled without a boundary event the flow ends there": [
        Sketch(
            "s -> h -> t",
            "",
            "t1 u_t1",
            inside("h", "s1 -> t1 -> e1", undoes("t1") + throw("e1", CANCEL, "endEvent"), tag="transaction"),
        )
    ],
    "compensation: nothing to undo, one of two, all, newest first": [
        Sketch("s -> u1 -> n -> t", "u1", "u1 n t", throw("n", UNDO)),
        Sketch(
            "s -> t1 -> t2 -> n -> t",
            done="t1 t2 u_t1 n t",
            more=undoes("t1") + undoes("t2") + throw("n", undo_of("t1")),
        ),
        Sketch(
            "s -> t1 -> t2 -> n -> t", done="t1 t2 u_t2 u_t1 n t", more=undoes("t1") + undoes("t2") + throw("n", UNDO)
        ),
        Sketch("s -> t1 -> e1", done="t1 u_t1", more=undoes("t1") + throw("e1", UNDO, "endEvent")),
    ],
    "compensation: not of what has not completed": [
        Sketch(
            FORK + "u1 -> n -> t", "u1", "u1 n t", undoes("u2") + '<userTask id="u2"/>' + throw("n", UNDO), open="u2"
        ),
        Sketch(
            "s -> p -> h; p -> u2 -> n -> t",
            "u1 u2",
            "u1 u2 n t",
            inside("h", "s1 -> u1 -> u3", '<userTask id="u1"/>' + undoes("u1")) + throw("n", UNDO),
            open="u3",
        ),
    ],
    "compensation: twice thrown, once undone": [
        Sketch(
            "s -> t1 -> n -> n2 -> t", done="t1 u_t1 n n2 t", more=undoes("t1") + throw("n", UNDO) + throw("n2", UNDO)
        )
    ],
    "compensation: of each round of a loop drawn by flows": [
        Sketch(
            "s -> x -> u1 -> x2; x2 -> x [n = 1]; x2 -> n [default]; n -> t",
            "u1{n=1} u1{n=2}",
            "u1 u1 u_u1 u_u1 n t",
            '<userTask id="u1"/>' + undoes("u1") + throw("n", UNDO),
        )
    ],
    "compensation: into finished sub-processes, from inside one not out": [
        Sketch("s -> h -> n -> t", done="t1 h u_t1 n t", more=inside("h", "s1 -> t1", undoes("t1")) + throw("n", UNDO)),
        Sketch(
            "s -> t1 -> h -> t",
            done="t1 t2 u_t2 n h t",
            more=undoes("t1") + inside("h", "s1 -> t2 -> n", undoes("t2") + throw("n", UNDO)),
        ),
        Sketch(
            "s -> h -> n -> t",
            done="t1 k h u_t1 n t",
            more=inside("h", "s1 -> k", inside("k", "s2 -> t1", undoes("t1"))) + throw("n", UNDO),
        ),
    ],
    "compensation: the sub-process's own handler says how": [
        Sketch(
            "s -> h -> n -> t",
            done="t1 h n9 t9 k n t",
            more=inside("h", "s1 -> t1", undoes("t1") + beside(UNDO, "n9 -> t9")) + throw("n", UNDO),
        ),
        Sketch(
            "s -> h -> n -> t",
            done="t1 h n9 u_t1 n8 k n t",
            more=inside("h", "s1 -> t1", undoes("t1") + beside(UNDO, "n9 -> n8", throw("n8", UNDO))) + throw("n", UNDO),
        ),
    ],
    "compensation: without waiting": [
        Sketch(
            "s -> u1 -> n -> t",
            "u1 u8",
            "u1 n t u8",
            '<userTask id="u1"/>' + boundary("c", "u1", UNDO) + '<userTask id="u8" isForCompensation="true"/>'
            '<association id="l" sourceRef="c" targetRef="u8"/>'
            + throw("n", '<compensateEventDefinition waitForCompletion="false"/>'),
        )
    ],
    "compensation: the thrower waits for a handler that waits": [
        Sketch(
            "s -> u1 -> n -> t",
            acts,
            done,
            '<userTask id="u1"/>' + boundary("c", "u1", UNDO) + '<userTask id="u8" isForCompensation="true"/>'
            '<association id="l" sourceRef="c" targetRef="u8"/>' + throw("n", UNDO),
            open=still,
        )
        for acts, done, still in (("u1", "u1", "u8"), ("u1 u8", "u1 u8 n t", ""))
    ],
    "compensation: cancelled while a handler waits": [
        Sketch(
            "s -> h -> t2; b -> t",
            "u1 msg:stop",
            "u1 b t",
            inside(
                "h",
                "s1 -> u1 -> n",
                '<userTask id="u1"/>' + boundary("c", "u1", UNDO) + '<userTask id="u8" isForCompensation="true"/>'
                '<association id="l" sourceRef="c" targetRef="u8"/>' + throw("n", UNDO),
            )
            + boundary("b", "h", STOP),
        )
    ],
    "compensation: of a called process, and of each item": [
        Sketch(
            "s -> call -> n -> t",
            done="t1 u_t1 n t",
            more=CALL + throw("n", UNDO),
            others={"q": body("s1 -> t1", undoes("t1"))},
        ),
        Sketch(
            "s -> h -> n -> t",
            done="t1 h t1 h u_t1 u_t1 n t",
            more=inside("h", "s1 -> t1", undoes("t1"), own=many("2")) + throw("n", UNDO),
        ),
        Sketch(
            "s -> t1 -> n -> t",
            done="t1 t1 u_t1 u_t1 n t",
            more=f'<task id="t1">{many("2")}</task>' + undoes("t1") + throw("n", UNDO),
        ),
    ],
    "compensation: a called process with a handler of its own": [
        Sketch(
            "s -> call -> n -> t",
            acts,
            done,
            CALL + throw("n", UNDO),
            others={"q": body("s1 -> t1", undoes("t1") + '<task id="t1"/>' + drawn)},
        )
        for acts, done, drawn in (
            ("", "t1 n9 t9 k n t", beside(UNDO, "n9 -> t9")),
            ("u9", "t1 n9 u9 k n t", beside(UNDO, "n9 -> u9")),
            ("", "t1 n9 u_t1 n8 k n t", beside(UNDO, "n9 -> n8", throw("n8", UNDO))),
        )
    ]
    + [
        Sketch(
            "s -> h -> n -> t",
            done="t1 h n9 t9 k n t",
            more=inside("h", "s1 -> call", CALL) + throw("n", UNDO),
            others={"q": body("s1 -> t1", beside(UNDO, "n9 -> t9"))},
        ),
        Sketch(
            "s -> call -> n -> t",
            done="t1 u_call n t",
            more=CALL + undoes("call") + throw("n", UNDO),
            others={"q": body("s1 -> t1", beside(UNDO, "n9 -> t9"))},
        ),
    ],
    "compensation: a receive task, a sub-process, a call as handler": [
        Sketch(
            "s -> t1 -> n -> t",
            acts,
            done,
            '<task id="t1"/>'
            + boundary("c", "t1", UNDO)
            + drawn
            + '<association id="l" sourceRef="c" targetRef="k"/>'
            + throw("n", UNDO),
            others={"q": body("t9")},
        )
        for acts, done, drawn in (
            ("msg:go", "t1 k n t", '<receiveTask id="k" messageRef="m" isForCompensation="true"/>'),
            ("u1", "t1 u1 k n t", inside("k", "s1 -> u1", attributes='isForCompensation="true"')),
            ("", "t1 t9 k n t", '<callActivity id="k" calledElement="q" isForCompensation="true"/>'),
        )
    ],
}


@pytest.mark.parametrize("subject", UNDOING)
def test_model_does_what_bpmn_says(subject: str) -> None:
    for sketch in UNDOING[subject]:
        assert outcome(*play(sketch)) == expected(sketch)
