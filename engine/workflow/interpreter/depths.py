"""How deep processes may call each other: calls that come back without end stop with an incident, not with the disk."""

from __future__ import annotations

from engine.workflow.interpreter.commands import CalledInstanceEnded

MOST_CALLS = 100
"""Cases in a row, each called by the one before."""


def too_deep(activation: int, process: str) -> CalledInstanceEnded:
    """What the call activity is told instead of a case."""
    text = f"{MOST_CALLS} processes call each other in a row: {process!r} probably calls itself without end"
    return CalledInstanceEnded(activation, {}, "calls_too_deep", text)
