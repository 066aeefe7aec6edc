"""An instance with its open lists and history as one blob, for embedders that keep it themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.kernel.text import Text
from engine.workflow.bpmn.model import Node, NodeKind
from engine.workflow.bpmn.program import Program
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.records import Incident, Job, Subscription, Task, Timer, TraceEntry
from engine.workflow.interpreter.codec import StateError, decode, encode, pack, unpack
from engine.workflow.interpreter.fitting import difference, shape_from, shape_of
from engine.workflow.interpreter.nodes import named

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine

FORMAT = 1
_TOLD = 3
_LISTS: tuple[tuple[str, type[Any]], ...] = (
    ("tasks_by_id", Task),
    ("timers_by_id", Timer),
    ("subscriptions_by_id", Subscription),
    ("jobs_by_id", Job),
    ("incidents_by_id", Incident),
)


def save(instance: Instance) -> bytes:
    """The blob. It names the process, whose model must be deployed where it is loaded."""
    lists = [[list(item) for item in getattr(instance, name).values()] for name, _ in _LISTS]
    return pack(
        [
            FORMAT,
            instance.id,
            instance.process,
            encode(instance.state),
            list(instance.parent) if instance.parent is not None else None,
            lists,
            [list(entry) for entry in instance.history],
            instance.result,
            instance.error,
            _shapes(instance),
        ]
    )


def load(engine: Engine, blob: bytes) -> Instance:
    """The instance of a blob. Raises: StateError when it is none, or its process is not deployed as it was."""
    try:
        number, identity, process, state, parent, lists, history, result, error, *later = unpack(blob)
        if number != FORMAT or not isinstance(state, bytes):
            raise StateError()
        instance = Instance(engine, str(identity), _program(engine, str(process)), decode(state))
        _check_nodes(instance, later[0] if later else {})
        for (name, kind), rows in zip(_LISTS, lists, strict=True):
            setattr(instance, name, {row[0]: kind(*row) for row in rows})
        instance.history = [TraceEntry(*row) for row in history]
        engine.events = max([engine.events, *(entry.number for entry in instance.history)])
        instance.result, instance.error = dict(result), error
        instance.parent = (str(parent[0]), int(parent[1])) if parent is not None else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as wrong:
        raise StateError() from wrong
    return instance


def _program(engine: Engine, process: str) -> Program:
    program = engine.programs.get(process)
    if program is None:
        zh, en = f"保存的实例属于流程“{process}”，该流程未部署", f"The saved instance is of the process {process!r}"
        raise StateError("state.process_unknown", Text(zh, f"{en}, which is not deployed here"))
    return program


def _shapes(instance: Instance) -> dict[str, Any]:
    """What the nodes are that the state names, and where they stand: what another model may have changed."""
    return {name: _shape(instance.program, name) for name in _named(instance)}


def _shape(program: Program, name: str) -> Any:
    key = f"shape:{name}"
    if key not in program.cache:
        node = program.ops[name].node
        program.cache[key] = [node.scope, node.attached_to or "", *shape_of(node)]
    return program.cache[key]


def _named(instance: Instance) -> list[str]:
    program = instance.program
    calls = program.cache.get("calls")
    if not isinstance(calls, frozenset):
        calls = program.cache["calls"] = frozenset(op.id for op in program.ops.values() if op.kind is NodeKind.CALL)
    return named(instance.state, calls)


def _check_nodes(instance: Instance, shapes: Mapping[str, Any]) -> None:
    """The model has every node the state names, and they are what they were. Raises: StateError."""
    known = instance.program.ops
    found = [(name, Text("已不存在", "is not there any more")) for name in _named(instance) if name not in known]
    for name, (scope, host, *shape) in shapes.items():
        if name in known and (told := _change(known[name].node, scope, host, shape)) is not None:
            found.append((name, told))
    if not found:
        return
    zh = "；".join(f"{name} {told.zh}" for name, told in found[:_TOLD])
    en = "; ".join(f"{name} {told.en}" for name, told in found[:_TOLD])
    text = Text(
        f"保存的实例与现在部署的流程“{instance.process}”不符：{zh}",
        f"The saved instance does not fit {instance.process!r} as deployed now: {en}; it was saved with another model",
    )
    raise StateError("state.model_changed", text)


def _change(node: Node, scope: str, host: str, shape: Sequence[Any]) -> Text | None:
    if node.scope != scope:
        return Text(f"移到了另一层：{scope} → {node.scope}", f"stands elsewhere: {scope} → {node.scope}")
    if (node.attached_to or "") != host:
        return Text(f"依附于：{host} → {node.attached_to}", f"attached elsewhere: {host} → {node.attached_to}")
    return difference(shape_from(shape), shape_of(node))
