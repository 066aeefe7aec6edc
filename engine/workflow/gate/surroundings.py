"""What this school has that a model may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.workflow.handlers import Handler


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Keys by kind; None means: not known here, so not checked (an embedder without forms, say).

    ``forms``: form key to its field names. ``objects``: object key to its field keys. ``holders``: the assignee rules
    ``role:…``, ``position:…`` and ``group:…`` that yield at least one active person somewhere. ``caught``: what other
    deployed processes wait for, as (``message`` or ``signal``, name). ``work_is_outside``: whoever runs the model does
    himself what it names nobody for: tasks and jobs wait for him.
    """

    handlers: Mapping[str, Handler] | None = None
    forms: Mapping[str, frozenset[str]] | None = None
    decisions: frozenset[str] | None = None
    objects: Mapping[str, frozenset[str]] | None = None
    roles: frozenset[str] | None = None
    positions: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    users: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    holders: frozenset[str] | None = None
    caught: frozenset[tuple[str, str]] | None = None
    functions: frozenset[str] = field(default_factory=frozenset)
    work_is_outside: bool = False
