"""Message subscriptions of all instances, found by a value they wait for: a message looks at few of 100,000."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from engine.workflow.embed.records import Subscription

if TYPE_CHECKING:
    from engine.workflow.bpmn.program import Event
    from engine.workflow.embed.instance import Instance

_ANYTHING = object()
Read = Callable[["Event"], Iterable[Any]]
"""The values an event's correlation properties read from the message."""


class Waiting:
    """By name and the value of the first key; those without keys, or with one that cannot be looked up, are beside."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Any], dict[tuple[str, int], Instance]] = {}
        self._readers: dict[str, dict[Event, int]] = {}

    def add(self, instance: Instance, item: Subscription) -> None:
        """It waits from now on."""
        if item.kind == "message":
            self._found.setdefault(_place(item), {})[item.instance, item.id] = instance
            readers = self._readers.setdefault(item.name, {})
            for event in _reading(instance, item):
                readers[event] = readers.get(event, 0) + 1

    def drop(self, instance: Instance, item: Subscription) -> None:
        """It waits no more."""
        place = _place(item)
        if self._found.get(place, {}).pop((item.instance, item.id), None) is None:
            return
        if not self._found[place]:
            del self._found[place]
        readers = self._readers[item.name]
        for event in _reading(instance, item):
            readers[event] -= 1
            if not readers[event]:
                del readers[event]

    def drop_all(self, instance: Instance) -> None:
        """The instance is there no more."""
        for item in instance.subscriptions:
            self.drop(instance, item)

    def whom(self, name: str, values: Iterable[Any], read: Read) -> Iterator[tuple[Instance, Subscription]]:
        """Who may match a message with these values, at least everybody who does."""
        known = [_ANYTHING, *values]
        for event in self._readers.get(name, {}):
            known += read(event)
        places = dict.fromkeys((name, value) for value in known if _is_hashable(value))
        for place in places:
            for (identity, activation), instance in self._found.get(place, {}).items():
                if instance.engine.instances.get(identity) is instance:
                    yield instance, instance.subscriptions_by_id[activation]


def _place(item: Subscription) -> tuple[str, Any]:
    value = next(iter(item.keys.values()), _ANYTHING)
    return item.name, value if _is_hashable(value) else _ANYTHING


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _reading(instance: Instance, item: Subscription) -> list[Event]:
    events = instance.program.ops[item.element].events
    return [event for event in events if event.retrieve and (event.named is not None or event.name == item.name)]
