"""What an embedder sees of an instance: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.interpreter.effects import HistoryKind


class Task(NamedTuple):
    """An open user or manual task. `item`: loop counter from 1 under multi-instance; `local`: its own variables."""

    id: int
    element: str
    name: str
    item: int | None
    local: Mapping[str, Any]
    due: datetime | None
    title: str | None
    instance: str


class Timer(NamedTuple):
    """An armed timer."""

    id: int
    element: str
    due: datetime
    instance: str


class Subscription(NamedTuple):
    """A message (`kind` = `message`) or signal waited for."""

    id: int
    element: str
    kind: str
    name: str
    keys: Mapping[str, Any]
    instance: str


class Job(NamedTuple):
    """Work offered to the outside. `type`: the job type, or the connector of a waiting send."""

    id: int
    element: str
    type: str
    inputs: Mapping[str, Any]
    retries: int
    not_before: datetime | None
    instance: str


class Incident(NamedTuple):
    """A token that stopped. `code` is stable; `message` for people; `detail` technical."""

    id: int
    element: str
    code: str
    message: str
    detail: str
    instance: str


class TraceEntry(NamedTuple):
    """One history event. `activation` tells two visits of one element apart; `number` orders those of all instances."""

    kind: str
    element: str
    activation: int
    data: Mapping[str, Any] = MappingProxyType({})
    number: int = 0

    def is_one_of(self, kinds: tuple[str, ...]) -> bool:
        """It is of one of these kinds (none: `completed`) and not of a loop's host, whose rounds count."""
        return self.kind in (kinds or ("completed",)) and not self.data.get("host")


def known_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds as they are. Raises: UserError for one that there is not."""
    known = get_args(HistoryKind)
    for one in kinds:
        if one not in known:
            en = f"There is no kind {one!r} of history events; there are {', '.join(known)}"
            raise UserError("trace.kind", Text(f"没有“{one}”这种历史事件，有：{'、'.join(known)}", en))
    return kinds


class Sent(NamedTuple):
    """A message, signal or outbound message the instance sent."""

    kind: str
    element: str
    name: str
    keys: Mapping[str, Any]
    payload: Any
    instance: str
