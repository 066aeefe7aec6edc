"""A test engine that saves and restores every state between all steps and checks invariants after each."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from engine.workflow.embed.engine import Engine
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter.codec import decode, encode
from engine.workflow.interpreter.state import Wait
from engine.workflow.interpreter.wholeness import faults

_HEAD = (
    '<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:school="https://schoolflow.example/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions_1" targetNamespace="x">'
)


def flows(text: str) -> str:
    """`a -> b -> c; b -> d [x > 1]; b -> e [default]` as sequenceFlow elements named `a_b`."""
    found: list[str] = []
    for part in text.split(";"):
        match = re.fullmatch(r"(.*?)(?:\[(.*)\])?", part.strip(), re.S)
        assert match
        names = [name.strip() for name in match[1].split("->") if name.strip()]
        for source, target in pairwise(names):
            body = ""
            if match[2] and match[2] != "default":
                condition = match[2].replace("&", "&amp;").replace("<", "&lt;")
                body = f"<conditionExpression>{condition}</conditionExpression>"
            found.append(
                f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{body}</sequenceFlow>'
            )
    return "".join(found)


def document(process: str, more: str = "", *, key: str = "p") -> str:
    """A document of one process (`process`: its elements) and further root elements."""
    return f'{_HEAD}{more}<process id="{key}" isExecutable="true">{process}</process></definitions>'


def documents(*elements: str) -> str:
    """A document of these root elements."""
    return _HEAD + "".join(elements) + "</definitions>"


class CheckedEngine(Engine):
    """Every step works on a restored state; after each, nothing is lost or left open."""

    def step(self, instance: Instance, command: Any) -> None:
        blob = encode(instance.state)
        instance.state = decode(blob)
        assert encode(instance.state) == blob
        before = instance.state
        try:
            super().step(instance, command)
        finally:
            assert encode(before) == blob, "advance changed the state it was given"
        check(instance)


def check(instance: Instance) -> None:
    """What holds between two steps: open lists match tokens, live counts match what lives, an end leaves nothing."""
    state = instance.state
    open_tasks = {token.id for token in state.tokens.values() if token.wait == Wait.USER}
    assert set(instance.tasks_by_id) == open_tasks
    assert set(instance.incidents_by_id) == {t.id for t in state.tokens.values() if t.wait == Wait.INCIDENT}
    assert set(instance.jobs_by_id) == {t.id for t in state.tokens.values() if t.wait in {Wait.JOB, Wait.OUTBOUND}}
    assert state.calls == sum(token.wait == Wait.HANDLER for token in state.tokens.values())
    assert set(instance.timers_by_id) == {arm.id for arm in state.arms.values() if arm.due is not None}
    assert state.calls or not (found := list(faults(instance.program, state))), found
    if instance.is_ended:
        assert not (state.tokens or state.arms or state.scopes or state.throws)


def run(xml: str, variables: dict[str, Any] | None = None, **options: Any) -> tuple[CheckedEngine, Instance]:
    """Deploy and start the first process."""
    engine = CheckedEngine(**options)
    library = engine.deploy(xml)
    assert not [item for item in library.findings if item.severity == "error"], library.findings
    return engine, engine.start(None, variables)
