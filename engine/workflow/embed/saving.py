"""An instance with its open lists and history as one blob, for embedders that keep it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.kernel.text import Text
from engine.workflow.bpmn.program import Program
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.records import Incident, Job, Subscription, Task, Timer, TraceEntry
from engine.workflow.interpreter.codec import StateError, decode, encode, pack, unpack

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine

FORMAT = 1
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
        ]
    )


def load(engine: Engine, blob: bytes) -> Instance:
    """The instance of a blob. Raises: StateError when it is none, or its process is not deployed as it was."""
    try:
        number, identity, process, state, parent, lists, history, result, error = unpack(blob)
        if number != FORMAT or not isinstance(state, bytes):
            raise StateError()
        instance = Instance(engine, str(identity), _program(engine, str(process)), decode(state))
        _check_nodes(instance)
        for (name, kind), rows in zip(_LISTS, lists, strict=True):
            setattr(instance, name, {row[0]: kind(*row) for row in rows})
        instance.history = [TraceEntry(*row) for row in history]
        engine.events = max([engine.events, *(entry.number for entry in instance.history)])
        instance.result, instance.error = dict(result), error
        instance.parent = (str(parent[0]), int(parent[1])) if parent is not None else None
    except (ValueError, TypeError, KeyError, IndexError) as wrong:
        raise StateError() from wrong
    return instance


def _program(engine: Engine, process: str) -> Program:
    program = engine.programs.get(process)
    if program is None:
        zh, en = f"保存的实例属于流程“{process}”，该流程未部署", f"The saved instance is of the process {process!r}"
        raise StateError("state.process_unknown", Text(zh, f"{en}, which is not deployed here"))
    return program


def _check_nodes(instance: Instance) -> None:
    """The model has every place where the instance stands. Raises: StateError."""
    known = instance.program.ops
    lost = sorted({one.node for one in instance.state.tokens.values() if one.node not in known})
    if lost:
        zh = f"保存的实例停在{'、'.join(lost)}，现在部署的流程“{instance.process}”没有它们：模型已不同"
        en = f"The saved instance stands at {', '.join(lost)}, which {instance.process!r} as deployed now does not have"
        raise StateError("state.model_changed", Text(zh, f"{en}: it was saved with another model"))
