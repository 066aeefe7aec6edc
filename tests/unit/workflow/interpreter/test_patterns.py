"""The 43 workflow control-flow patterns of van der Aalst and others, by number; `docs/reference/patterns.md`."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.places import documents
from tests.unit.workflow.interpreter.pieces import HOUR, MESSAGE, SIGNAL, STOP, TERMINATE, boundary
from tests.unit.workflow.interpreter.sketches import (
    Sketch,
    body,
    catch,
    expected,
    gathering,
    inside,
    many,
    outcome,
    play,
    script,
    throw,
)

BOTH = "s -> p -> u1; p -> u2; "
THREE = "s -> p -> u1; p -> u2; p -> u3; "
ONE_OF = gathering("activationCount >= 1")
TWO_OF = gathering("activationCount >= 2")
UNTIL = "<completionCondition>{}</completionCondition>"
ENOUGH = UNTIL.format("numberOfCompletedInstances &gt;= 2")
SEQUENTIAL = 'ordering="Sequential"'
DOWN = '<extensionElements><school:call><school:input name="n" value="=n - 1"/></school:call></extensionElements>'
TOLD = 'behavior="Complex"'
SAYS = (
    "<complexBehaviorDefinition><condition>numberOfCompletedInstances = 2</condition>"
    '<event><signalEventDefinition id="two" signalRef="sig"/></event></complexBehaviorDefinition>'
)
AGAIN = "s -> p0 -> u0; p0 -> u9; u0 -> x1; u9 -> x1; x1 -> p; p -> u1 -> c; p -> u2 -> c; c -> t"
"""Two waves of two tokens reach `c`."""

PATTERNS: dict[int, list[Sketch]] = {
    1: [Sketch("s -> t1 -> t2 -> e", done="t1 t2")],
    2: [Sketch(BOTH + "u1 -> e1; u2 -> e2", "u2 u1", "u2 u1"), Sketch("s -> t -> u1; t -> u2", "u1 u2", "t u1 u2")],
    3: [
        Sketch(BOTH + "u1 -> p2; u2 -> p2; p2 -> t", "u2 u1", "u2 u1 t"),
        Sketch(BOTH + "u1 -> p2; u2 -> p2; p2 -> t", "u2", "u2", open="u1"),
    ],
    4: [
        Sketch("s -> x; x -> t1 [n = 1]; x -> t2 [n = 2]; x -> t3 [default]", given={"n": n}, done=done)
        for n, done in ((1, "t1"), (2, "t2"), (7, "t3"))
    ],
    5: [
        Sketch("s -> x; x -> u1 [n = 1]; x -> u2 [default]; u1 -> x2; u2 -> x2; x2 -> t", "u2", "u2 t", given={"n": 2})
    ],
    6: [
        Sketch("s -> i; i -> t1 [n > 0]; i -> t2 [n > 1]; i -> t3 [default]", given={"n": n}, done=done)
        for n, done in ((2, "t1 t2"), (1, "t1"), (0, "t3"))
    ],
    7: [
        Sketch("s -> i; i -> u1 [n > 0]; i -> u2 [n > 1]; u1 -> i2; u2 -> i2; i2 -> t", acts, done, given={"n": n})
        for n, acts, done in ((2, "u2 u1", "u2 u1 t"), (1, "u1", "u1 t"))
    ],
    8: [Sketch(BOTH + "u1 -> x; u2 -> x; x -> t", "u1 u2", "u1 t u2 t")],
    9: [
        Sketch(BOTH + "u1 -> c; u2 -> c; c -> t", "u2 u1", "u2 t u1", ONE_OF),
        Sketch(BOTH + "u1 -> c; u2 -> c; c -> t", "u2", "u2 t", ONE_OF, open="u1"),
    ],
    10: [
        Sketch(
            "s -> x1 -> u1 -> x2; x2 -> u2 [n = 1]; x2 -> x3 [default]; u2 -> x1; x3 -> x1 [n = 2]; x3 -> e [default]",
            "u1{n=1} u2 u1{n=2} u1{n=3}",
            "u1 u2 u1 u1",
        )
    ],
    11: [Sketch(BOTH[:-2], "u1 u2", "u1 u2"), Sketch(BOTH[:-2], "u1", "u1", open="u2")],
    12: [
        Sketch(
            "s -> x1 -> p -> u1; p -> n -> x2; x2 -> x1 [n < 3]; x2 -> t [default]",
            "u1 u1 u1",
            "n n n t u1 u1 u1",
            script("n", "{n: n + 1}"),
            given={"n": 0},
        )
    ],
    13: [Sketch("s -> u1 -> t", "u1 u1 u1", "u1 u1 u1 t", f'<userTask id="u1">{many("3")}</userTask>')],
    14: [
        Sketch(
            "s -> u1 -> t",
            "u1 " * n,
            "u1 " * n + "t",
            f'<userTask id="u1">{many("some")}</userTask>',
            given={"some": [0] * n},
        )
        for n in (1, 4)
    ],
    15: [
        Sketch("s -> u1 -> t", "u1 add:u1 u1 u1", "u1 u1 u1 t", f'<userTask id="u1">{many("2")}</userTask>'),
        Sketch(
            "s -> h -> t",
            "begin:u1 begin:u1 u1 begin:u1 u1 u1 finish:h",
            "u1 u1 u1 h t",
            inside("h", "u1", tag="adHocSubProcess", own=UNTIL.format("false")),
        ),
    ],
    16: [
        Sketch("s -> g -> m -> t1; g -> w -> t2", act, done, catch("m", MESSAGE) + catch("w", HOUR))
        for act, done in (("msg:go wait:2", "m t1"), ("wait:1 msg:go", "w t2"))
    ],
    17: [
        Sketch(
            "s -> h -> t",
            "begin:u1 u1 u2 begin:u3 u3",
            "u1 u2 u3 h t",
            inside("h", "u1 -> u2; u3", tag="adHocSubProcess", attributes=SEQUENTIAL),
        ),
        Sketch(
            "s -> h -> t",
            "begin:u3 u3 begin:u1 u1 u2",
            "u3 u1 u2 h t",
            inside("h", "u1 -> u2; u3", tag="adHocSubProcess", attributes=SEQUENTIAL),
        ),
    ],
    18: [
        Sketch(
            "s -> p; p -> u1 -> u2; p -> g; g -> m -> t; g -> over",
            acts,
            done,
            catch("m", MESSAGE)
            + catch(
                "over", "<conditionalEventDefinition><condition>late = true</condition></conditionalEventDefinition>"
            ),
        )
        for acts, done in (("u1 msg:go u2", "u1 m t u2"), ("u1{late=true} msg:go u2", "u1 over u2"))
    ],
    19: [
        Sketch("s -> u1 -> t; b -> t2", act, done, boundary("b", "u1", STOP))
        for act, done in (("msg:stop", "b t2"), ("u1 msg:stop", "u1 t"))
    ],
    20: [
        Sketch(BOTH[:-2], "cancel:enough", "", status="cancelled"),
        Sketch(
            BOTH[:-2],
            "u1 msg:stop",
            "u1 n h",
            f'<subProcess id="h" triggeredByEvent="true">{throw("n", STOP, "startEvent")}</subProcess>',
        ),
    ],
    21: [
        Sketch(
            "s -> u1 -> t",
            "u1 u1 u1{ok=true}",
            "u1 u1 u1 t",
            '<userTask id="u1"><standardLoopCharacteristics><loopCondition>not(ok = true)</loopCondition>'
            "</standardLoopCharacteristics></userTask>",
        )
    ],
    22: [
        Sketch(
            "s -> x; x -> again [n > 0]; x -> t [default]; again -> t2",
            done="t again t2 again t2",
            more=f'<callActivity id="again" calledElement="main">{DOWN}</callActivity>',
            given={"n": 2},
        )
    ],
    23: [
        Sketch("s -> u1 -> w -> t", acts, done, catch("w", SIGNAL), open="", status=status)
        for acts, done, status in (("sig:alarm u1", "u1", "running"), ("u1 sig:alarm", "u1 w t", "completed"))
    ],
    24: [Sketch("s -> u1 -> m -> t", acts, "u1 m t", catch("m", MESSAGE)) for acts in ("msg:go u1", "u1 msg:go")],
    25: [Sketch("s -> h -> t; b -> t2", "u1 msg:stop", "u1 b t2", inside("h", BOTH[:-2]) + boundary("b", "h", STOP))],
    26: [
        Sketch(
            "s -> u1 -> t; b -> t2",
            "u1 msg:stop",
            "u1 b t2",
            f'<userTask id="u1">{many("3")}</userTask>' + boundary("b", "u1", STOP),
        )
    ],
    27: [
        Sketch(
            "s -> u1 -> t",
            "u1 u1{stop=true}",
            "u1 u1 t",
            f'<userTask id="u1">{many("5", more=UNTIL.format("stop = true"))}</userTask>',
        ),
        Sketch("s -> u1 -> t", "u1 drop:u1 drop:u1", "u1 t", f'<userTask id="u1">{many("3")}</userTask>'),
    ],
    28: [Sketch(AGAIN, "u0 u9 u1 u1 u2 u2", "u0 u9 u1 t u1 u2 t u2", ONE_OF)],
    29: [
        Sketch(
            "s -> h -> t",
            "u2",
            "u2 h t",
            inside("h", BOTH + "u1 -> e; u2 -> e", throw("e", TERMINATE, "endEvent")),
        )
    ],
    30: [Sketch(THREE + "u1 -> c; u2 -> c; u3 -> c; c -> t", "u3 u1 u2", "u3 u1 t u2", TWO_OF)],
    31: [
        Sketch(
            AGAIN.replace("p -> u2 -> c", "p -> u2 -> c; p -> u3 -> c"),
            "u0 u9 u1 u2 u1 u2 u3 u3",
            "u0 u9 u1 u2 t u1 u2 u3 t u3",
            TWO_OF,
        )
    ],
    32: [
        Sketch(
            "s -> h -> t",
            "u3 u1",
            "u3 u1 h t",
            inside("h", THREE + "u1 -> c; u2 -> c; u3 -> c; c -> e", TWO_OF + throw("e", TERMINATE, "endEvent")),
        )
    ],
    33: [
        Sketch(
            "s -> p0 -> u0 -> x; p0 -> u9 -> x; x -> p -> u1 -> p2; p -> u2 -> p2; p2 -> t",
            "u0 u9 u1 u1 u2 u2",
            "u0 u9 u1 u1 u2 t u2 t",
        )
    ],
    34: [
        Sketch(
            "s -> u1; b -> t",
            "u1 u1 u1",
            "u1 u1 b t u1",
            f'<userTask id="u1">{many("3", more=SAYS, attributes=TOLD)}</userTask>'
            + boundary("b", "u1", SIGNAL, stays=True),
        )
    ],
    35: [Sketch("s -> u1 -> t", "u1 u1", "u1 u1 t", f'<userTask id="u1">{many("3", more=ENOUGH)}</userTask>')],
    36: [
        Sketch("s -> u1 -> t", "u1 add:u1 u1", "u1 u1 t", f'<userTask id="u1">{many("2", more=ENOUGH)}</userTask>'),
        Sketch(
            "s -> u1; b -> t",
            "u1 add:u1 u1 u1",
            "u1 u1 b t u1",
            f'<userTask id="u1">{many("2", more=SAYS, attributes=TOLD)}</userTask>'
            + boundary("b", "u1", SIGNAL, stays=True),
        ),
    ],
    37: [
        Sketch(
            "s -> i; i -> u1 [n > 0]; i -> u2 [n > 1]; u1 -> x; x -> i2 [go]; x -> e [default]; u2 -> i2; i2 -> t",
            acts,
            done,
            given={"n": 2, "go": go},
        )
        for go, acts, done in ((False, "u2 u1", "u2 u1 t"), (True, "u1 u2", "u1 u2 t"), (False, "u1 u2", "u1 u2 t"))
    ],
    38: [
        Sketch(
            "s -> p -> u1 -> x1; p -> u2 -> i; x1 -> u1 [again]; x1 -> i [default]; i -> t",
            "u2 u1{again=true} u1{again=false}",
            "u2 u1 u1 t",
        )
    ],
    39: [
        Sketch(
            "s -> h -> t",
            "u1 u2 u3",
            "u1 u2 a u3 b h t",
            inside(
                "h",
                "a; b",
                inside("a", "s1 -> u1 -> u2") + inside("b", "s2 -> u3"),
                tag="adHocSubProcess",
                attributes=SEQUENTIAL,
            ),
        )
    ],
    40: [
        Sketch(
            "s -> h -> t",
            acts,
            done,
            inside("h", "u1; u2; u3", tag="adHocSubProcess", attributes=SEQUENTIAL),
        )
        for acts, done in (
            ("begin:u1 u1 begin:u2 u2 begin:u3 u3", "u1 u2 u3 h t"),
            ("begin:u3 u3 begin:u1 u1 begin:u2 u2", "u3 u1 u2 h t"),
        )
    ],
    41: [Sketch(BOTH + "u1 -> x; u2 -> x; x -> t", "u1 u2", "u1 u2 t", '<task id="t" startQuantity="2"/>')],
    42: [Sketch("s -> t -> u1", "u1 u1", "t u1 u1", '<task id="t" completionQuantity="2"/>')],
    43: [Sketch(BOTH + "u1 -> e", "u1", "u1", throw("e", TERMINATE, "endEvent"), status="terminated")],
}


@pytest.mark.parametrize("number", PATTERNS)
def test_pattern_runs(number: int) -> None:
    for sketch in PATTERNS[number]:
        assert outcome(*play(sketch)) == expected(sketch)


def test_every_pattern_is_on_its_page_and_has_a_model() -> None:
    rows = re.findall(r"^\| (\d+) \| ", documents()["docs/reference/patterns.md"], re.MULTILINE)
    assert [int(number) for number in rows] == list(PATTERNS) == list(range(1, 44))


def test_sequential_adhoc_offers_nothing_while_a_branch_of_it_goes_on() -> None:
    branch = inside("h", "u1 -> u2; u3", tag="adHocSubProcess", attributes=SEQUENTIAL)
    _, instance = play(Sketch("s -> h", "begin:u1 u1", more=branch))
    assert (instance.enabled(), body("t")) == ([], '<task id="t"/>')
