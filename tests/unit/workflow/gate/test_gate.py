"""The gate: each rule on a small model, drawn in a line notation."""

import re

import pytest

from engine.kernel.text import Text
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.findings import Finding
from engine.workflow.gate import Surroundings, check
from engine.workflow.handlers import Handler, Parameter

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn"'
    ' targetNamespace="t" id="d" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">'
    '<process id="p" isExecutable="true">{variables}'
)
PLAIN = {"x": "exclusiveGateway", "+": "parallelGateway", "o": "inclusiveGateway", "s": "startEvent", "e": "endEvent"}


def _model(nodes: str, flows: str, *, variables: str = "", extra: str = "") -> str:
    """nodes: `start:s a:u fork:+`; flows: `start>a fork>b[x = 1] fork>c*` (`*` marks the default)."""
    drawn, defaults, lines = [], {}, []
    for number, part in enumerate(re.findall(r"\S+>\S+?(?:\[[^\]]*\])?\*?(?=\s|$)", flows)):
        source, target, condition, star = re.fullmatch(r"(\S+?)>(\w+)(?:\[(.*)\])?(\*?)", part).groups()
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        lines.append(f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>')
        if star:
            defaults[source] = f"f{number}"
    for one in nodes.split():
        name, kind = one.split(":")
        default = f' default="{defaults[name]}"' if name in defaults else ""
        if kind == "u":
            body = '<extensionElements><school:task><school:assignee rule="starter"/></school:task></extensionElements>'
            drawn.append(f'<userTask id="{name}"{default}>{body}</userTask>')
        else:
            drawn.append(f'<{PLAIN[kind]} id="{name}"{default}/>')
    return HEAD.format(variables=variables) + "".join(drawn + lines) + extra + "</process></definitions>"


def _found(source: str, surroundings: Surroundings = Surroundings()) -> list[Finding]:  # noqa: B008 - frozen
    """Everything but remarks on missing ends."""
    found = check(compiler.load(source), surroundings)
    return [one for one in found if not one.rule.startswith("shape.")]


def _rules(source: str, surroundings: Surroundings = Surroundings()) -> list[tuple[str, str]]:  # noqa: B008 - frozen
    return [(finding.element_id, finding.rule) for finding in _found(source, surroundings)]


def test_sound_process_passes() -> None:
    source = _model("s:s a:u f:+ b:u c:u j:+ e:e", "s>a a>f f>b f>c b>j c>j j>e")
    assert _rules(source) == []


def test_unreachable_step_is_named() -> None:
    assert ("b", "structure.unreachable") in _rules(_model("s:s a:u b:u e:e c:u", "s>a a>e b>c c>b"))


def test_exclusive_way_without_condition_is_refused() -> None:
    assert _rules(_model("s:s x:x a:u b:u", "s>x x>a[1 = 1] x>b")) == [("f2", "structure.condition_missing")]


def test_exclusive_gateway_without_default_is_a_warning() -> None:
    found = _found(_model("s:s x:x a:u b:u", "s>x x>a[1 = 1] x>b[1 = 2]"))
    assert [(one.rule, one.severity) for one in found] == [("structure.default_missing", "warning")]


def test_exclusive_split_into_parallel_join_deadlocks() -> None:
    source = _model("s:s x:x a:u b:u j:+ e:e", "s>x x>a[1 = 1] x>b* a>j b>j j>e")
    assert _rules(source) == [("j", "soundness.deadlock")]


def test_parallel_split_into_exclusive_join_runs_twice() -> None:
    source = _model("s:s f:+ a:u b:u m:x c:u e:e", "s>f f>a f>b a>m b>m m>c c>e")
    assert ("soundness.twice", "warning") in [(one.rule, one.severity) for one in _found(source)]


def test_inclusive_split_and_join_are_sound() -> None:
    source = _model("s:s o:o a:u b:u j:o e:e", "s>o o>a[1 = 1] o>b* a>j b>j j>e")
    assert _rules(source) == []


def test_loop_back_through_exclusive_gateways_is_sound() -> None:
    source = _model("s:s m:x a:u x:x e:e", "s>m m>a a>x x>m[1 = 2] x>e*")
    assert _rules(source) == []


def test_fifty_parallel_decisions_are_searched_quickly() -> None:
    """2^50 interleavings of choices, 1 + 4·50 markings in the search's order."""
    rows = range(50)
    nodes = "s:s f:+ j:+ e:e " + " ".join(f"x{n}:x a{n}:u b{n}:u m{n}:x" for n in rows)
    flows = "s>f j>e " + " ".join(f"f>x{n} x{n}>a{n}[1 = 1] x{n}>b{n}* a{n}>m{n} b{n}>m{n} m{n}>j" for n in rows)
    assert _rules(_model(nodes, flows)) == []


SERVICE = (
    '<serviceTask id="t"><extensionElements><school:handler name="{name}">{inputs}</school:handler></extensionElements>'
    "</serviceTask>"
)


@pytest.mark.parametrize(
    ("name", "inputs", "rules"),
    [
        ("pay", '<school:input name="amount" value="=1"/>', []),
        ("pay", "", ["work.parameter"]),
        ("pay", '<school:input name="amount" value="=1"/><school:input name="x" value="=1"/>', ["work.parameter"]),
        ("nobody", "", ["work.handler_unknown"]),
    ],
)
def test_handler_and_its_parameters_must_fit(name: str, inputs: str, rules: list[str]) -> None:
    handler = Handler("pay", Text("付款", "Pay"), lambda tx, values: {}, inputs={"amount": Parameter("money")})
    source = HEAD.format(variables="") + SERVICE.format(name=name, inputs=inputs) + "</process></definitions>"
    assert [rule for _, rule in _rules(source, Surroundings(handlers={"pay": handler}))] == rules


def test_service_task_without_anyone_to_do_it_is_refused() -> None:
    source = HEAD.format(variables="") + '<serviceTask id="t"/></process></definitions>'
    assert _rules(source) == [("t", "work.unbound")]


TASK = (
    '<userTask id="t" name="审批"><extensionElements><school:task {attributes}>{inner}</school:task>'
    "</extensionElements></userTask>"
)


@pytest.mark.parametrize(
    ("attributes", "inner", "rule"),
    [
        ("", '<school:assignee rule="role:nobody"/>', "people.unknown"),
        ("", '<school:assignee rule="chief cook"/>', "people.rule_invalid"),
        ("", "", "people.nobody"),
        ('form="gone"', '<school:assignee rule="starter"/>', "reference.form_unknown"),
        ('object="gone"', '<school:assignee rule="starter"/>', "reference.object_unknown"),
        ('distinct_from="gone"', '<school:assignee rule="starter"/>', "people.distinct_unknown"),
        ("", '<school:assignee rule="starter"/><school:countersign mode="all"/>', "people.countersign"),
    ],
)
def test_task_names_what_exists(attributes: str, inner: str, rule: str) -> None:
    source = HEAD.format(variables="") + TASK.format(attributes=attributes, inner=inner) + "</process></definitions>"
    known = Surroundings(roles=frozenset({"finance"}), forms={}, objects={})
    found = _found(source, known)
    assert [one.rule for one in found] == [rule]
    assert found[0].element_id == "t"
    assert "审批" in found[0].text.zh


def test_misspelt_variable_is_a_warning() -> None:
    declared = (
        '<extensionElements><school:process principal="process:p"/><school:variable name="amount" type="money"/>'
        "</extensionElements>"
    )
    source = _model("s:s x:x a:u b:u", "s>x x>a[ammount > 5] x>b*", variables=declared)
    assert _rules(source) == [("f1", "variable.unknown")]


def test_soundness_of_a_large_model_stays_bounded() -> None:
    nodes = "s:s e:e " + " ".join(f"a{n}:u" for n in range(1500))
    flows = "s>a0 a1499>e " + " ".join(f"a{n}>a{n + 1}" for n in range(1499))
    assert _rules(_model(nodes, flows)) == []
