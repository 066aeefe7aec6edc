"""Models in a few words: nodes are named by their kind, actions are words, what is compared are the steps done.

`s` start, `e` end, `u` user task, `t` task, `x` exclusive, `p` parallel, `i` inclusive, `g` event-based gateway; what
stands in `more` is drawn there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from tests.unit.workflow.driver import CheckedEngine, documents, flows
from tests.unit.workflow.interpreter.pieces import ROOTS

_TAGS = {
    "s": "startEvent",
    "e": "endEvent",
    "u": "userTask",
    "t": "task",
    "x": "exclusiveGateway",
    "p": "parallelGateway",
    "i": "inclusiveGateway",
    "g": "eventBasedGateway",
}
_QUIET = "sexpigc"
"""Kinds that are left out when what was done is compared."""


def body(text: str, more: str = "") -> str:
    """The elements of a scope whose flows are `text`: `s -> u1 -> x; x -> t [n > 1]; x -> e [default]`."""
    names = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[^\]]*\]", "", text))
    defaults = {source: f"{source}_{target}" for source, target in re.findall(r"(\w+) -> (\w+) \[default\]", text)}
    found = more
    for name in dict.fromkeys(names):
        if f'id="{name}"' not in more:
            default = f' default="{defaults[name]}"' if name in defaults else ""
            found += f'<{_TAGS[name[0]]} id="{name}"{default}/>'
    return found + (flows(text) if "->" in text else "")


def inside(
    name: str, text: str, more: str = "", *, tag: str = "subProcess", own: str = "", attributes: str = ""
) -> str:
    """A sub-process of that name; `own`: its loop or completion condition."""
    return f'<{tag} id="{name}" {attributes}>{own}{body(text, more)}</{tag}>'


def beside(definition: str, text: str, more: str = "", *, stays: bool = False) -> str:
    """An event sub-process `k` that begins at `n9`."""
    attributes = ' isInterrupting="false"' if stays else ""
    start = f'<startEvent id="n9"{attributes}>{definition}</startEvent>'
    return inside("k", text, start + more, attributes='triggeredByEvent="true"')


def catch(name: str, definition: str) -> str:
    """An intermediate event that waits."""
    return f'<intermediateCatchEvent id="{name}">{definition}</intermediateCatchEvent>'


def throw(name: str, definition: str, tag: str = "intermediateThrowEvent") -> str:
    """An event that throws."""
    return f'<{tag} id="{name}">{definition}</{tag}>'


def script(name: str, text: str) -> str:
    """A script task."""
    return f'<scriptTask id="{name}"><script>{text.replace("<", "&lt;")}</script></scriptTask>'


def gathering(condition: str, name: str = "c") -> str:
    """A complex gateway that fires when so many have arrived."""
    escaped = condition.replace("<", "&lt;").replace(">", "&gt;")
    return f'<complexGateway id="{name}"><activationCondition>{escaped}</activationCondition></complexGateway>'


def many(number: str, *, more: str = "", attributes: str = "") -> str:
    """Multi-instance characteristics; `number`: how many, or the name of a list."""
    given = (
        f"<loopCardinality>{number}</loopCardinality>"
        if number.isdecimal()
        else f"<loopDataInputRef>{number}</loopDataInputRef>"
    )
    one = "" if number.isdecimal() else '<inputDataItem id="one" name="one"/>'
    return f"<multiInstanceLoopCharacteristics {attributes}>{given}{one}{more}</multiInstanceLoopCharacteristics>"


@dataclass(frozen=True)
class Sketch:
    """A model, what is done to it, and what it then has done. `others`: further processes by id."""

    text: str
    acts: str = ""
    done: str = ""
    more: str = ""
    status: str = "completed"
    given: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    open: str = ""
    stopped: str = ""


def play(sketch: Sketch) -> tuple[CheckedEngine, Instance]:
    """Start it and do all the acts."""
    processes = {"main": body(sketch.text, sketch.more), **sketch.others}
    engine = CheckedEngine()
    engine.deploy(
        documents(
            ROOTS, *(f'<process id="{key}" isExecutable="true">{one}</process>' for key, one in processes.items())
        )
    )
    instance = engine.start("main", sketch.given)
    for act in sketch.acts.split():
        _act(engine, instance, act)
    return engine, instance


def outcome(engine: CheckedEngine, instance: Instance) -> tuple[str, str, str, str]:
    """Steps done, the status, tasks open, elements stopped: each as words."""
    done = [name for name in engine.trace() if name[0] not in _QUIET]
    tasks = sorted(task.element for one in engine.instances.values() for task in one.tasks)
    stopped = [one.element for case in engine.instances.values() for one in case.incidents]
    return " ".join(done), instance.status, " ".join(tasks), " ".join(stopped)


def _act(engine: CheckedEngine, instance: Instance, act: str) -> None:
    verb, _, rest = act.partition(":")
    if rest or verb in _VERBS:
        _VERBS[verb](engine, instance, rest)
        return
    name, _, values = act.partition("{")
    _holder(engine, name).complete(name, _values(values.removesuffix("}")))


def _holder(engine: CheckedEngine, element: str) -> Instance:
    """The oldest instance with an open task of that element."""
    return next(one for one in engine.instances.values() if any(task.element == element for task in one.tasks))


def _values(text: str) -> dict[str, Any]:
    pairs = (pair.split("=") for pair in text.split(",") if pair)
    return {
        name: {"true": True, "false": False}.get(value, value if not value.isdecimal() else int(value))
        for name, value in pairs
    }


def _raise(engine: CheckedEngine, rest: str, kind: str) -> None:
    element, _, code = rest.partition("/")
    getattr(_holder(engine, element), f"throw_{kind}")(element, code)


_VERBS: Mapping[str, Callable[[CheckedEngine, Instance, str], Any]] = {
    "msg": lambda engine, instance, name: engine.correlate(name),
    "sig": lambda engine, instance, name: engine.signal(name),
    "wait": lambda engine, instance, hours: engine.advance_time(timedelta(hours=int(hours))),
    "begin": lambda engine, instance, name: instance.begin(name),
    "finish": lambda engine, instance, name: instance.finish(name),
    "set": lambda engine, instance, values: instance.set_variables(**_values(values)),
    "err": lambda engine, instance, rest: _raise(engine, rest, "error"),
    "esc": lambda engine, instance, rest: _raise(engine, rest, "escalation"),
    "add": lambda engine, instance, name: instance.do(do.AddItem(instance.task(name).id, name)),
    "drop": lambda engine, instance, name: instance.do(do.RemoveItem(instance.task(name).id)),
    "retry": lambda engine, instance, name: instance.retry(name),
    "cancel": lambda engine, instance, rest: instance.cancel(rest),
}


def expected(sketch: Sketch) -> tuple[str, str, str, str]:
    """As `outcome`."""
    status = "running" if sketch.open or sketch.stopped else sketch.status
    return sketch.done, status, sketch.open, sketch.stopped
