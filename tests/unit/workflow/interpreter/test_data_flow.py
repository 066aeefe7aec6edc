"""An activity with one input set waits for the data objects that other steps still write (BPMN 2.0.2 10.4.2)."""

from __future__ import annotations

import pytest

from tests.unit.workflow.interpreter.pieces import HOUR, boundary
from tests.unit.workflow.interpreter.sketches import Sketch, expected, inside, many, outcome, play

OBJECT = '<dataObject id="d" name="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'


def reads(name: str, *, tag: str = "userTask", of: str = "dr", more: str = "") -> str:
    return (
        f'<{tag} id="{name}"><ioSpecification><dataInput id="i_{name}" name="x_{name}"/><inputSet>'
        f"<dataInputRefs>i_{name}</dataInputRefs></inputSet><outputSet/></ioSpecification><dataInputAssociation><sourceRef>{of}</sourceRef>"
        f"<targetRef>i_{name}</targetRef></dataInputAssociation>{more}</{tag}>"
    )


def writes(name: str, *, tag: str = "userTask", to: str = "dr") -> str:
    return (
        f'<{tag} id="{name}"><ioSpecification><dataOutput id="o_{name}" name="y"/><inputSet/><outputSet>'
        f"<dataOutputRefs>o_{name}</dataOutputRefs></outputSet></ioSpecification><dataOutputAssociation><sourceRef>o_{name}</sourceRef>"
        f"<targetRef>{to}</targetRef></dataOutputAssociation></{tag}>"
    )


BOTH = OBJECT + writes("u1") + reads("u2")
BESIDE = "s -> p -> u1; p -> u2 -> t"
WITHIN = "s -> p -> h; p -> u2 -> t"
SUB = OBJECT + inside("h", "s1 -> u0 -> u1", writes("u1")) + reads("u2")
CIRCLE = reads("u2") + writes("u1", to="d2") + reads("u4", of="d2") + writes("u3")


@pytest.mark.parametrize(
    "sketch",
    [
        Sketch(BESIDE, more=BOTH, open="u1"),
        Sketch(BESIDE, "u1{y=3} u2", "u1 u2 t", BOTH),
        Sketch(BESIDE, more=BOTH, given={"d": 2}, open="u1 u2"),
        Sketch(BESIDE + "; b -> t5", "wait:1", "b t5", BOTH + boundary("b", "u2", HOUR), open="u1"),
        Sketch(BESIDE, "u1{y=3} u2 u2", "u1 u2 u2 t", OBJECT + writes("u1") + reads("u2", more=many("2"))),
        Sketch(WITHIN, "u0", "u0", SUB, open="u1"),
        Sketch(WITHIN, "u0 u1{y=2} u2", "u0 u1 h u2 t", SUB),
        Sketch("s -> p -> h; p -> u1", more=OBJECT + writes("u1") + inside("h", "s1 -> u2", reads("u2")), open="u1"),
    ],
)
def test_step_waits_for_what_another_one_writes(sketch: Sketch) -> None:
    assert outcome(*play(sketch)) == expected(sketch)


@pytest.mark.parametrize(
    "sketch",
    [
        Sketch("s -> t1 -> t2 -> t", done="t1 t2 t", more=OBJECT + writes("t1", tag="task") + reads("t2", tag="task")),
        Sketch(BESIDE, "u1 u2", "u1 u2 t", BOTH),
        Sketch("s -> p -> x; x -> u1 [n = 1]; x -> u9 [default]; p -> u2", more=BOTH, given={"n": 2}, open="u2 u9"),
        Sketch("s -> u2 -> u1 -> x; x -> u2 [again]; x -> t [default]", "u2 u1{again=true}", "u2 u1", BOTH, open="u2"),
        Sketch("s -> h -> u1", "u2", "u2 h", OBJECT + inside("h", "s1 -> u2", reads("u2")) + writes("u1"), open="u1"),
        Sketch("s -> p -> u1; p -> u2", more=OBJECT + reads("u2"), open="u1 u2"),
        Sketch("s -> p -> u2 -> u1; p -> u4 -> u3", more=OBJECT + '<dataObject id="d2"/>' + CIRCLE, open="u2"),
    ],
)
def test_step_begins_when_no_token_can_bring_its_data_any_more(sketch: Sketch) -> None:
    """Data objects are often drawn without anybody giving them a value: such a model runs as well."""
    assert outcome(*play(sketch)) == expected(sketch)
