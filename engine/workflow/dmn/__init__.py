"""Decisions: DMN 1.1 to 1.5 read once, compiled once, evaluated often.

``load_decisions(xml) -> DecisionModel``, ``DecisionModel.evaluate(decision, inputs, env) -> DecisionResult``;
``load_files(files)`` for files that import each other.
"""

from engine.workflow.dmn.linking import load_file, load_files
from engine.workflow.dmn.loading import load_decisions
from engine.workflow.dmn.model import DecisionModel, DecisionResult, DmnError, TableMatch

__all__ = ["DecisionModel", "DecisionResult", "DmnError", "TableMatch", "load_decisions", "load_file", "load_files"]
