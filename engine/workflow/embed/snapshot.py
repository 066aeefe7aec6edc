"""An engine as one blob: its models, clock, instances, kept messages, planned starts and data stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.workflow.embed import saving
from engine.workflow.embed.clock import TimerStart
from engine.workflow.embed.messaging import Kept
from engine.workflow.embed.records import Sent
from engine.workflow.interpreter.codec import StateError, pack, unpack
from engine.workflow.interpreter.starts import start_triggers

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine

FORMAT = 1


def save(engine: Engine) -> bytes:
    """Everything but the functions and the zone, which are the embedder's."""
    return pack(
        [
            FORMAT,
            engine.now,
            list(engine.sources),
            list(engine.decision_sources),
            [saving.save(instance) for instance in engine.instances.values()],
            [[item.name, item.keys, item.payload, item.until] for item in engine.kept],
            [_planned(item) for item in engine.timer_starts],
            sorted(engine.seen),
            [list(key) for key in sorted(engine.held)],
            [_sent(item) for item in engine.sent],
            [_sent(item) for item in engine.ambiguous],
            engine.stores,
        ]
    )


def load(engine: Engine, blob: bytes) -> None:
    """Fill a new engine. Raises: StateError when the bytes are no snapshot."""
    try:
        number, now, sources, decisions, instances, kept, starts, seen, held, sent, ambiguous, *later = unpack(blob)
        if number != FORMAT:
            raise StateError()
        engine.now = now
        engine.stores.update(later[0] if later else {})
        for text in decisions:
            engine.deploy_decisions(text)
        for text in sources:
            engine.deploy(text)
        for one in instances:
            engine.restore(one)
        engine.kept = [Kept(*row) for row in kept]
        engine.timer_starts = [_start(engine, row) for row in starts]
        engine.seen = set(seen)
        engine.held = {(process, node) for process, node in held}
        engine.sent = [Sent(*row) for row in sent]
        engine.ambiguous = [Sent(*row) for row in ambiguous]
    except (ValueError, TypeError, KeyError, IndexError, StopIteration, AttributeError) as wrong:
        raise StateError() from wrong


def _planned(item: TimerStart) -> list[Any]:
    return [item.trigger.process, item.trigger.node, item.trigger.event, item.anchor, item.round, item.due]


def _start(engine: Engine, row: list[Any]) -> TimerStart:
    process, node, event, anchor, number, due = row
    triggers = start_triggers(engine.programs[process])
    return TimerStart(next(one for one in triggers if (one.node, one.event) == (node, event)), anchor, number, due)


def _sent(item: Sent) -> list[Any]:
    return [item.kind, item.element, item.name, dict(item.keys), item.payload, item.instance]
