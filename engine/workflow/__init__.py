"""Room `engine.workflow`: see docs/architecture.md.

The names here are the public way to run BPMN without web or database: see docs/guide/embedding.md.
"""

from engine.workflow.bpmn.compiler import Library
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.dmn.model import DecisionModel, DecisionResult, DmnError
from engine.workflow.embed.engine import Engine
from engine.workflow.embed.instance import Instance
from engine.workflow.embed.mistakes import NotOpen
from engine.workflow.embed.records import Incident, Job, Sent, Subscription, Task, Timer, TraceEntry
from engine.workflow.handlers import BpmnError
from engine.workflow.interpreter.codec import StateError

__all__ = [
    "BpmnError",
    "DecisionModel",
    "DecisionResult",
    "DmnError",
    "Engine",
    "Finding",
    "Incident",
    "Instance",
    "Job",
    "Library",
    "NotOpen",
    "Sent",
    "StateError",
    "Subscription",
    "Task",
    "Timer",
    "TraceEntry",
    "XmlError",
]
