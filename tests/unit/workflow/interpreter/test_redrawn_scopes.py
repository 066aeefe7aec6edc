"""Sub-processes, boundary events, loops in models after the public tests of other engines: each does what BPMN says.

Where those engines do something else, `docs/guide/importing.md` says so. Keys name the subject, a row one model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.workflow.interpreter.pieces import (
    ERROR,
    HOUR,
    SIGNAL,
    STOP,
    TERMINATE,
    UNDO,
    boundary,
    timer,
    undoes,
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
    throw,
)

FORK = "s -> p -> u1; p -> u2; "
AUTO = "<completionCondition>{}</completionCondition>"
IN_ORDER = 'isSequential="true"'
ADHOC = {"tag": "adHocSubProcess"}
CALL = '<callActivity id="call" calledElement="q"/>'


SCOPES: Mapping[str, list[Sketch]] = {
    "sub-process: nested three deep, without starts": [
        Sketch("s -> h -> t", "u1", "u1 k b h t", inside("h", "b", inside("b", "k", inside("k", "u1"))))
    ],
    "sub-process: parallel branches inside, one goes on alone": [
        Sketch("s -> h -> t", "u2 u1", "u2 u1 h t", inside("h", FORK[:-2]))
    ],
    "sub-process: terminate inside ends it only": [
        Sketch("s -> h -> t", "u1", "u1 h t", inside("h", FORK + "u1 -> e", throw("e", TERMINATE, "endEvent"))),
        Sketch(
            "s -> p0 -> h -> t; p0 -> u3",
            "u1 u3",
            "u1 h t u3",
            inside("h", FORK + "u1 -> e", throw("e", TERMINATE, "endEvent")),
        ),
    ],
    "terminate: of the process, whatever runs": [
        Sketch(
            "s -> p -> h; p -> u9 -> e",
            "u9",
            "u9",
            inside("h", "u1") + throw("e", TERMINATE, "endEvent"),
            status="terminated",
        )
    ],
    "terminate: in a called process the caller goes on": [
        Sketch(
            "s -> call -> t",
            "u1",
            "u1 t",
            CALL,
            others={"q": body(FORK + "u1 -> e", throw("e", TERMINATE, "endEvent"))},
        )
    ],
    "boundary: timer once, message again and again, both at once": [
        Sketch(
            "s -> u1; b -> t1; b2 -> t2",
            "wait:1 msg:stop msg:stop wait:5 u1",
            "b t1 b2 t2 b2 t2 u1",
            boundary("b", "u1", HOUR, stays=True) + boundary("b2", "u1", STOP, stays=True),
        )
    ],
    "boundary: a cycle of three": [
        Sketch(
            "s -> u1; b -> t",
            "wait:9 u1",
            "b t b t b t u1",
            boundary("b", "u1", timer("timeCycle", "R3/PT1H"), stays=True),
        )
    ],
    "boundary: without flows out": [Sketch("s -> u1 -> t", "wait:1", "b", boundary("b", "u1", HOUR))],
    "boundary: two flows out of it": [
        Sketch("s -> u1; b -> t1; b -> t2", "wait:1", "b t1 t2", boundary("b", "u1", HOUR))
    ],
    "boundary: both ways meet in one task": [
        Sketch("s -> u1 -> t; b -> t", acts, done, boundary("b", "u1", HOUR))
        for acts, done in (("wait:1", "b t"), ("u1 wait:1", "u1 t"))
    ],
    "boundary: of a sub-process in a sub-process, the outer one wins": [
        Sketch(
            "s -> h -> t; b -> t2",
            "msg:stop",
            "b t2",
            inside("h", "k", inside("k", "u1") + boundary("bk", "k", HOUR)) + boundary("b", "h", STOP),
        )
    ],
    "boundary: back to the activity it stands on": [
        Sketch("s -> u1 -> t; b -> u1", "wait:1 wait:1 u1", "b b u1 t", boundary("b", "u1", HOUR))
    ],
    "event sub-process: interrupting, its scope goes on behind it": [
        Sketch("s -> h -> t", "msg:stop u9", "n9 u9 k h t", inside("h", "u1", beside(STOP, "n9 -> u9")))
    ],
    "event sub-process: twice beside its scope, which waits for both": [
        Sketch(
            "s -> h -> t",
            "msg:stop msg:stop u1 u9 u9",
            "n9 n9 u1 u9 k u9 k h t",
            inside("h", "u1", beside(STOP, "n9 -> u9", stays=True)),
        )
    ],
    "event sub-process: a cycle beside a timer": [
        Sketch(
            "s -> h -> t",
            "wait:5",
            "n9 t9 k n9 t9 k n9 t9 k n9 t9 k w h t",
            inside(
                "h",
                "s1 -> w",
                catch("w", timer("timeDuration", "PT4H30M"))
                + beside(timer("timeCycle", "R4/PT1H"), "n9 -> t9", stays=True),
            ),
        ),
    ],
    "event sub-process: the inner one is asked first": [
        Sketch(
            "s -> h -> t; b -> t2",
            "err:u1/bad",
            "n9 t9 k h t",
            inside("h", "u1", beside(ERROR, "n9 -> t9")) + boundary("b", "h", ERROR),
        )
    ],
    "event sub-process: what it throws itself goes outside": [
        Sketch(
            "s -> h -> t; b -> t2",
            "err:u1/bad",
            "n9 b t2",
            inside("h", "u1", beside(ERROR, "n9 -> e9", throw("e9", ERROR, "endEvent"))) + boundary("b", "h", ERROR),
        )
    ],
    "event sub-process: of the process, in place of all of it": [
        Sketch(FORK[:-2], "u1 sig:alarm u9", "u1 n9 u9 k", beside(SIGNAL, "n9 -> u9"))
    ],
    "loop: a number of rounds, tested before, tested after": [
        Sketch(
            "s -> u1 -> t",
            "u1 u1 u1",
            "u1 u1 u1 t",
            '<userTask id="u1"><standardLoopCharacteristics loopMaximum="3"/></userTask>',
        ),
        Sketch(
            "s -> n -> t",
            done="n t",
            given={"n": 5},
            more='<scriptTask id="n"><standardLoopCharacteristics testBefore="true">'
            "<loopCondition>n &lt; 5</loopCondition></standardLoopCharacteristics><script>{n: n + 1}</script>"
            "</scriptTask>",
        ),
        Sketch(
            "s -> n -> t",
            done="n t",
            given={"n": 5},
            more='<scriptTask id="n"><standardLoopCharacteristics><loopCondition>n &lt; 5</loopCondition>'
            "</standardLoopCharacteristics><script>{n: n + 1}</script></scriptTask>",
        ),
        Sketch(
            "s -> n -> t",
            done="n n n t",
            given={"n": 2},
            more='<scriptTask id="n"><standardLoopCharacteristics><loopCondition>n &lt; 5</loopCondition>'
            "</standardLoopCharacteristics><script>{n: n + 1}</script></scriptTask>",
        ),
    ],
    "multi-instance: none, nested, one after the other": [
        Sketch("s -> u1 -> t", done="u1 t", more=f'<userTask id="u1">{many("0")}</userTask>'),
        Sketch(
            "s -> h -> t",
            "u1 u1 u1 u1",
            "u1 u1 h u1 u1 h t",
            inside(
                "h",
                "s1 -> u1",
                f'<userTask id="u1">{many("2")}</userTask>',
                own=many("2", attributes='isSequential="true"'),
            ),
        ),
        Sketch("s -> u1 -> t", "u1", "u1", f'<userTask id="u1">{many("2", attributes=IN_ORDER)}</userTask>', open="u1"),
    ],
    "multi-instance: an error of one ends all": [
        Sketch(
            "s -> h -> t; b -> t2", "err:u1/bad", "b t2", inside("h", "u1", own=many("3")) + boundary("b", "h", ERROR)
        )
    ],
    "multi-instance: a boundary timer of the whole, fired once": [
        Sketch(
            "s -> u1 -> t; b -> t2",
            "u1 wait:3 u1",
            "u1 b t2 u1 t",
            f'<userTask id="u1">{many("2")}</userTask>' + boundary("b", "u1", HOUR, stays=True),
        )
    ],
    "multi-instance: calls, one by one": [
        Sketch(
            "s -> call -> t",
            "u1 u1",
            "u1 u1 t",
            f'<callActivity id="call" calledElement="q">{many("2", attributes=IN_ORDER)}</callActivity>',
            others={"q": body("u1")},
        )
    ],
    "call: nested, an error comes up through both": [
        Sketch(
            "s -> call -> t; b -> t2",
            "u1",
            "u1 b t2",
            CALL + boundary("b", "call", ERROR),
            others={
                "q": body("deep", '<callActivity id="deep" calledElement="r"/>'),
                "r": body("u1 -> e1", throw("e1", ERROR, "endEvent")),
            },
        )
    ],
    "call: of what is not there": [
        Sketch("s -> call -> t", more='<callActivity id="call" calledElement="nowhere"/>', stopped="call")
    ],
    "quantities: three in, two out": [
        Sketch(
            "s -> p -> u1 -> x; p -> u2 -> x; p -> u3 -> x; x -> t; t -> t2",
            "u1 u2 u3",
            "u1 u2 u3 t t2 t2",
            '<task id="t" startQuantity="3" completionQuantity="2"/>',
        )
    ],
    "ad-hoc: what is automatic runs by itself, in parallel or in order": [
        Sketch("s -> h -> t", done="t1 t2 t3 h t", more=inside("h", "t1; t2; t3", **ADHOC)),
        Sketch(
            "s -> h -> t",
            done="t1 t2 h t",
            more=inside("h", "t1; t2", tag="adHocSubProcess", attributes='ordering="Sequential"'),
        ),
    ],
    "ad-hoc: completed by its condition, the others cancelled or not": [
        Sketch(
            "s -> h -> t",
            "begin:u1 begin:u2 u1{done=true}",
            "u1 h t",
            inside("h", "u1; u2", own=AUTO.format("done = true"), **ADHOC),
        ),
        Sketch(
            "s -> h -> t",
            "begin:u1 begin:u2 u1{done=true} u2",
            "u1 u2 h t",
            inside(
                "h",
                "u1; u2",
                tag="adHocSubProcess",
                own=AUTO.format("done = true"),
                attributes='cancelRemainingInstances="false"',
            ),
        ),
    ],
    "ad-hoc: branches that meet in a join, also behind another gateway": [
        Sketch(
            "s -> h -> t", "begin:u1 u1 begin:u2 u2", "u1 u2 t3 h t", inside("h", "u1 -> p; u2 -> p; p -> t3", **ADHOC)
        ),
        Sketch(
            "s -> h -> t", done="t1 t2 t3 h t", more=inside("h", "t1 -> x; x -> p [default]; t2 -> p; p -> t3", **ADHOC)
        ),
        Sketch(
            "s -> h -> t",
            done="t1 t2 t3 t4 h t",
            more=inside("h", "t1 -> p1; t2 -> p1; p1 -> p2; t3 -> p2; p2 -> t4", **ADHOC),
        ),
        Sketch("s -> h -> t", done="t1 t2 t8 t9 h t", more=inside("h", "t1 -> p; t2 -> p; p -> t8; p -> t9", **ADHOC)),
    ],
    "ad-hoc: a token that waits in a join is cancelled with it": [
        Sketch(
            "s -> h -> t; b -> t2",
            "begin:u1 u1 msg:stop",
            "u1 b t2",
            inside("h", "u1 -> p; u2 -> p; p -> t3", **ADHOC) + boundary("b", "h", STOP),
        )
    ],
    "ad-hoc: an error caught inside, the branch goes on": [
        Sketch(
            "s -> h -> t",
            "begin:u1 err:u1/bad u3 begin:u2 u2",
            "b u3 u2 h t",
            inside(
                "h",
                "b -> u3; u1; u2",
                '<userTask id="u1"/>' + boundary("b", "u1", ERROR),
                tag="adHocSubProcess",
                attributes='ordering="Sequential"',
            ),
        ),
        Sketch(
            "s -> h -> t",
            done="t2 b t3 h t",
            more=inside(
                "h",
                "b -> t3; n; t2",
                inside("n", "s1 -> e1", throw("e1", ERROR, "endEvent")) + boundary("b", "n", ERROR),
                **ADHOC,
            ),
        ),
        Sketch(
            "s -> h -> t",
            done="t2 b t3 h t",
            more=inside(
                "h",
                "b -> t3; k; t2",
                inside("k", "s1 -> e1", throw("e1", ERROR, "endEvent")) + boundary("b", "k", ERROR),
                own=AUTO.format("false"),
                **ADHOC,
            ),
        ),
    ],
    "ad-hoc: an event sub-process in its place, or beside it": [
        Sketch("s -> h -> t", acts, done, inside("h", "u1; u2", beside(STOP, "n9 -> t9", stays=stays), **ADHOC))
        for stays, acts, done in (
            (False, "begin:u1 msg:stop", "n9 t9 k h t"),
            (False, "msg:stop", "n9 t9 k h t"),
            (True, "begin:u1 msg:stop u1 begin:u2 u2", "n9 t9 k u1 u2 h t"),
        )
    ],
    "ad-hoc: compensated afterwards": [
        Sketch(
            "s -> h -> n9 -> t",
            done="t1 t2 h u_t1 n9 t",
            more=inside("h", "t1; t2", undoes("t1"), **ADHOC) + throw("n9", UNDO),
        )
    ],
}


@pytest.mark.parametrize("subject", SCOPES)
def test_model_does_what_bpmn_says(subject: str) -> None:
    for sketch in SCOPES[subject]:
        assert outcome(*play(sketch)) == expected(sketch)
