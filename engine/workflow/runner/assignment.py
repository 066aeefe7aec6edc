"""Turning `OpenTask` into a row of the inbox: who gets it, by when, with which reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.ids import new_id
from engine.workflow.assignees import Asking, Assignment, Policy, TaskFacts, candidates_of, parse_rules, settle
from engine.workflow.assignees.policy import Outcome
from engine.workflow.bpmn.extensions import Assignee, TaskExtension
from engine.workflow.bpmn.model import Node
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.runner import feel, people
from engine.workflow.runner.reminders import reminder_rows
from engine.workflow.runner.rounds import Rounds, rounds_of
from engine.workflow.runner.writes import Json

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

NO_TASK = TaskExtension()


@dataclass(frozen=True, slots=True)
class Opened:
    """A task ready to be written, or the reason why it need not be opened."""

    assignment: Assignment
    row: Json
    candidates: list[str]
    reminders: list[Json]


def extension_of(session: Session, node: Node) -> TaskExtension:
    """What the task says, with its lane's assignees when it names none."""
    task = node.task or NO_TASK
    if task.assignees or task.candidates or node.lane is None:
        return task
    lane = next((lane for lane in session.loaded.process.lanes if lane.id == node.lane), None)
    if lane is None or lane.task is None:
        return task
    return replace(task, assignees=lane.task.assignees, candidates=lane.task.candidates)


def open_task(session: Session, effect: OpenTask) -> Opened:
    """Resolve the task's people and build its rows."""
    node = session.loaded.process.nodes[effect.node]
    task = extension_of(session, node)
    context = session.context(effect.local, effect.activation)
    branch_id = session.row.branch_id
    assignment = _assign(session, effect, node, task, context)
    object_key, record_id = _bound_record(session, task, context)
    row: Json = {
        "id": new_id(),
        "activation": effect.activation,
        "host": effect.host,
        "item": effect.item,
        "node_id": effect.node,
        "title": (effect.title or session.row.title or node.name or effect.node)[:500],
        "name": (node.name or effect.node)[:300],
        "form": task.form,
        "branch_id": branch_id,
        "object": object_key,
        "record_id": record_id,
        "assignee": assignment.assignee,
        "acting_for": dict(assignment.acting_for),
        "priority": _priority(effect.priority),
        "due_at": effect.due,
    }
    if around := _rounds(session, effect):
        row["rounds"] = list(around)
    reminders = reminder_rows(session, task, effect.due)
    return Opened(assignment, row, list(assignment.candidates), reminders)


def people_of(session: Session, effect: OpenTask) -> Assignment:
    """Who would get the task if it opened now."""
    node = session.loaded.process.nodes[effect.node]
    context = session.context(effect.local, effect.activation)
    return _assign(session, effect, node, extension_of(session, node), context)


def _rounds(session: Session, effect: OpenTask) -> Rounds:
    token = session.state.tokens.get(effect.activation)
    return rounds_of(session.state, token.scope) if token is not None else ()


def _assign(
    session: Session, effect: OpenTask, node: Node, task: TaskExtension, context: Mapping[str, Value]
) -> Assignment:
    preferred = session.prefer.get(effect.node) or _named_voter(session, effect)
    if preferred is not None:
        return Assignment(Outcome.OPEN, preferred, (preferred,))
    directory = session.directory
    branch = session.branch_id
    rules = [*task.assignees, *map(Assignee, task.candidates)]
    if not rules:
        rules = [Assignee("starter")] if session.starter_user else []
    users: dict[str, None] = {}
    for assignee in rules:
        asking = _asking(session, effect, assignee, context)
        for user in candidates_of(parse_rules(assignee.rule), directory, asking):
            users.setdefault(user)
    strategy = next((a.strategy for a in rules if a.strategy != "offer"), "offer")
    policy = Policy(task.empty, task.same_person, task.self_approval, strategy)
    item_user = _item_user(effect, rules, users)
    facts = TaskFacts(
        candidates=[item_user] if item_user else list(users),
        starter=session.starter_user,
        superior_of_starter=_superior(session) if task.self_approval == "superior" else None,
        administrators=directory.administrators(branch) if task.empty == "admin" else (),
        excluded_persons=people.excluded(session, task.distinct_from),
        approvers=people.approvers(session) if task.same_person == "auto_approve" else frozenset(),
        load=people.load(session.tx, list(users)) if strategy == "least_load" else {},
        turns=people.turns(session, effect.node) if strategy in ("least_load", "round_robin") else {},
        substitutes=people.substitutes(session.tx, session.row.process_key),
    )
    assignment = settle(policy, facts, directory.person)
    if assignment.assignee and strategy in ("least_load", "round_robin"):
        people.note_turn(session, effect.node, assignment)
    return assignment


def item_key(node: str, host: int, number: int) -> str:
    """The key in `chosen` of one place of a countersign, for a voter who was added to it."""
    return f"{node}#{host}#{number}"


def _named_voter(session: Session, effect: OpenTask) -> str | None:
    """Who had this place of the countersign before it was opened again, or was added to it; his turn may come much
    later when it goes in order."""
    if effect.host is None or effect.item is None or not (session.row.chosen or session.prefer):
        return None
    key = item_key(effect.node, effect.host, effect.item)
    if key in session.prefer:
        return session.prefer[key]
    return next(iter(session.directory.existing(session.row.chosen.get(key, []))), None)


def _item_user(effect: OpenTask, rules: list[Assignee], users: Mapping[str, None]) -> str | None:
    """Countersign over one person per item: with strategy `all`, item n belongs to the n-th candidate."""
    if effect.item is None or not any(rule.strategy == "all" for rule in rules):
        return None
    everyone = list(users)
    return everyone[effect.item - 1] if 0 < effect.item <= len(everyone) else None


def _asking(session: Session, effect: OpenTask, assignee: Assignee, context: Mapping[str, Value]) -> Asking:
    owner_id = session.record_values().get("owner_id") if assignee.rule == "owner" else None
    return Asking(
        branch_id=_branch(session, assignee.branch, context),
        starter=session.starter_user,
        last_handler=session.last_handler,
        owner=str(owner_id) if owner_id else None,
        chosen_by_starter=session.row.chosen.get(effect.node, ()),
        chosen_by_previous=session.row.chosen.get(effect.node, ()),
        evaluate=lambda text: feel.evaluate(session, text, context),
        field_value=lambda path: feel.path_value(session, context, path),
        decide=lambda ref: session.decide(ref, context),
    )


def _branch(session: Session, text: str, context: Mapping[str, Value]) -> UUID:
    if text == "hq":
        return session.directory.headquarters()
    if text.startswith("="):
        value = feel.evaluate(session, text[1:], context)
        try:
            return UUID(str(value))
        except ValueError:
            return session.branch_id
    return session.branch_id


def _superior(session: Session) -> str | None:
    starter = session.starter_user
    return session.directory.superior(starter, 1) if starter else None


def _bound_record(
    session: Session, task: TaskExtension, context: Mapping[str, Value]
) -> tuple[str | None, UUID | None]:
    """The record the task is about: its own, else the instance's."""
    row = session.row
    if task.record:
        value = feel.evaluate(session, task.record.removeprefix("="), context)
        try:
            return task.object or row.record_object, UUID(str(value))
        except ValueError:
            return None, None
    return (row.record_object, row.record_id) if row.record_id is not None else (None, None)


def _priority(value: Any) -> int:
    return max(0, min(100, int(value))) if isinstance(value, int | Decimal) else 50
