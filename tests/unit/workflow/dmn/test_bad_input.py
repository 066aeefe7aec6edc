"""Any bytes given to the DMN reader end in a model or a typed error, soon."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelEnv, FeelError
from engine.workflow.dmn import DmnError, load_decisions
from tests.unit.workflow.dmn.models import ENV, NAMESPACE, data, decision, definitions, table, text

SAMPLE = definitions(
    f'<itemDefinition name="tA"><typeRef>number</typeRef>{text("[1..9]", "allowedValues")}</itemDefinition>',
    data("a", "tA"),
    decision("x", table("COLLECT SUM", ("a",), ("o",), (("> 1", "a"), ("-", "2"))), requires=("i_a",)),
    decision("y", f"<context><contextEntry>{text('x + 1')}</contextEntry></context>", requires=("x",)),
)
SMALL = FeelEnv(now=ENV.now, max_steps=20_000)
TAGS = [
    *("definitions", "decision", "inputData", "variable", "informationRequirement", "requiredDecision", "rule", "then"),
    *("decisionTable", "input", "inputExpression", "output", "inputEntry", "outputEntry", "text", "context", "else"),
    *("contextEntry", "list", "relation", "row", "column", "for", "in", "return", "filter", "match", "invocation"),
    *("binding", "parameter", "functionDefinition", "formalParameter", "businessKnowledgeModel", "conditional", "if"),
    *("encapsulatedLogic", "decisionService", "outputDecision", "itemDefinition", "itemComponent", "typeRef"),
]


def answer(xml: bytes) -> None:
    """Load and evaluate everything; only the two typed errors may come out."""
    try:
        model = load_decisions(xml)
    except DmnError:
        return
    for key in model.decisions:
        try:
            model.evaluate(key, {"a": 3}, SMALL)
        except FeelError as error:
            assert error.code in ("feel_budget", "feel_too_deep")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(xml: bytes) -> None:
    answer(xml)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_answered(seed: int) -> None:
    picker = random.Random(seed)
    for _ in range(8):
        damaged = bytearray(SAMPLE)
        for _ in range(picker.randint(1, 6)):
            at = picker.randrange(len(damaged))
            damaged[at : at + picker.randint(0, 4)] = picker.choice([b"", b"<", b'"', b"x", b"/", b"\xff", b"#", b"d"])
        answer(bytes(damaged))


def _tree(picker: random.Random, depth: int) -> str:
    tag = picker.choice(TAGS)
    attributes = (
        f' id="{picker.choice("xyz")}" name="{picker.choice("abx")}" href="#{picker.choice("xyz")}" typeRef="tA"'
    )
    inner = picker.choice(["1", "a + x", "f(", "x[1]", "for i in a return i"])
    below = "" if depth == 0 else "".join(_tree(picker, depth - 1) for _ in range(picker.randint(0, 4)))
    return f"<{tag}{attributes}>{below or inner}</{tag}>"


@pytest.mark.parametrize("seed", range(60))
def test_elements_in_wrong_places_are_answered(seed: int) -> None:
    picker = random.Random(seed)
    answer(definitions(*(_tree(picker, 5) for _ in range(12))))


HOSTILE = {
    "deep": definitions(decision("d", "<list>" * 50 + "</list>" * 50)),
    "chain": definitions(
        *(decision(f"d{n}", text("1"), requires=(f"d{n + 1}",) if n < 2_999 else ()) for n in range(3_000))
    ),
    "diamonds": definitions(
        decision("d0", text("1")),
        *(decision(f"d{n}", text("1"), requires=(f"d{n - 1}", f"d{n - 1}")) for n in range(1, 60)),
    ),
    "wide": definitions(decision("d", table("FIRST", ("1",), ("o",), (("2", "1"),) * 3_000))),
    "self type": definitions(
        '<itemDefinition name="tA"><typeRef>tA</typeRef></itemDefinition>', decision("d", text("1"), type_ref="tA")
    ),
    "types of types": definitions(
        *(
            f'<itemDefinition name="t{n}">'
            + "".join(f'<itemComponent name="c{m}"><typeRef>t{n + 1}</typeRef></itemComponent>' for m in range(8))
            + "</itemDefinition>"
            for n in range(300)
        ),
        decision("d", text("{} instance of t0"), type_ref="t0"),
    ),
    "functions of types": definitions(
        *(
            f'<itemDefinition name="{tower}{n}">'
            + "".join(f'<itemComponent name="c{m}"><typeRef>{tower}{n + 1}</typeRef></itemComponent>' for m in range(2))
            + "</itemDefinition>"
            for tower in "st"
            for n in range(80)
        ),
        '<itemDefinition name="f"><functionItem outputTypeRef="s0"><parameters name="x" typeRef="t0"/></functionItem>'
        "</itemDefinition>",
        '<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="t0"/><encapsulatedLogic><formalParameter'
        f' name="x" typeRef="s0"/>{text("x")}</encapsulatedLogic></businessKnowledgeModel>',
        decision(
            "d",
            '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
            + text("[k, function(a: t0) a, function(b: s0) b] instance of list<f>"),
        ),
    ),
    "services": definitions(
        decision("d", text("s()"), requires=("s",))
        .replace("requiredDecision", "requiredKnowledge")
        .replace("informationRequirement", "knowledgeRequirement"),
        '<decisionService id="s" name="s"><outputDecision href="#d"/></decisionService>',
    ),
    "large": b"<definitions xmlns='" + NAMESPACE.encode() + b"'>" + b" " * 6_000_000 + b"</definitions>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_answered_soon(name: str) -> None:
    start = time.process_time()
    try:
        model = load_decisions(HOSTILE[name])
    except DmnError:
        return
    for key in list(model.decisions)[-3:]:
        try:
            model.evaluate(key, {}, SMALL)
        except FeelError:
            continue
    assert time.process_time() - start < 5
