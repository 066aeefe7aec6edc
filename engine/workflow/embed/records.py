"""What an embedder sees of an instance: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """A token that stopped. `code` is stable; `text` for people, `message` its English; `detail` technical."""

    id: int
    element: str
    code: str
    message: str
    detail: str
    instance: str
    message_zh: str = ""

    @property
    def text(self) -> Text:
        """What went wrong, in both languages."""
        return Text(self.message_zh or self.message, self.message)


class TraceEntry(NamedTuple):
    """One history event. `activation` tells two visits of one element apart; `number` orders those of all instances."""

    kind: str
    element: str
    activation: int
    data: Mapping[str, Any] = MappingProxyType({})
    number: int = 0


def counted(history: Sequence[TraceEntry], kinds: tuple[str, ...]) -> list[TraceEntry]:
    """Those of one of these kinds (none: `completed`). Of a repeated activity its rounds count, or itself without any.

    Raises: UserError for a kind that there is not.
    """
    wanted = known_kinds(kinds) or ("completed",)
    empty = {one.activation for one in history if one.kind == "completed" and one.data.get("items") == 0}
    found = [one for one in history if one.kind in wanted]
    return [one for one in found if not one.data.get("host") or one.activation in empty]


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
