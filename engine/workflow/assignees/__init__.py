"""Who gets a user task: rules of the model, answered by a directory of people, settled by a pure policy."""

from engine.workflow.assignees.directory import Directory
from engine.workflow.assignees.policy import Assignment, Policy, TaskFacts, settle
from engine.workflow.assignees.resolve import Asking, candidates_of
from engine.workflow.assignees.rules import Rule, RuleError, parse_rule, parse_rules

__all__ = [
    "Asking",
    "Assignment",
    "Directory",
    "Policy",
    "Rule",
    "RuleError",
    "TaskFacts",
    "candidates_of",
    "parse_rule",
    "parse_rules",
    "settle",
]
