"""The deploy gate: what a model names must exist, what it does must end; each objection says where and what to do."""

from engine.workflow.gate.checking import check
from engine.workflow.gate.surroundings import Surroundings

__all__ = ["Surroundings", "check"]
