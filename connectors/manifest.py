"""What a connector folder says about itself: `manifest.json` and `config.schema.json` next to its `connector.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

from engine.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Manifest:
    """Facts the host and the administration page need before an instance exists.

    `channel` names what flows (`swipe`, `sms`, `email`, `device`, `event`). `exclusive`: one process owns the port, so
    polling and sending happen in the supervisor's thread. `idempotent_send`: the peer recognises a repeated message, so
    an interrupted attempt may be repeated. `collected`: the peer fetches its messages itself. `rate_per_s`, `burst`:
    how fast the peer may be used.
    """

    kind: str
    label: Text
    about: Text
    channel: str
    sends: bool
    polls: bool
    receives: bool
    exclusive: bool
    idempotent_send: bool
    collected: bool
    rate_per_s: float
    burst: int


def read_schema(package: str) -> Mapping[str, Any]:
    """The JSON Schema of a connector's configuration."""
    return _read(package, "config.schema.json")


def read_manifest(package: str) -> Manifest:
    """The manifest of a connector folder, for example `connectors.card_reader`."""
    raw = _read(package, "manifest.json")
    return Manifest(
        kind=raw["kind"],
        label=Text(**raw["label"]),
        about=Text(**raw["about"]),
        channel=raw["channel"],
        sends=raw["sends"],
        polls=raw["polls"],
        receives=raw["receives"],
        exclusive=raw["exclusive"],
        idempotent_send=raw["idempotent_send"],
        collected=raw["collected"],
        rate_per_s=float(raw["rate_per_s"]),
        burst=int(raw["burst"]),
    )


def _read(package: str, name: str) -> Mapping[str, Any]:
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return cast("Mapping[str, Any]", json.loads(text))
