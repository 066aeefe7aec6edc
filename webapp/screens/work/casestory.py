"""What happened in a case, as sentences: who did what when, with which words, how long it had waited."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow.bpmn.model import Node, NodeKind, Process
from engine.workflow.tasks import TaskRow
from webapp import formats
from webapp.i18n import gettext, locale, translated
from webapp.links import link
from webapp.screens.audit.trail import action_words
from webapp.screens.work.storywords import SENTENCES, Sentence

_AUTOMATIC = frozenset(
    {NodeKind.SERVICE, NodeKind.SCRIPT, NodeKind.RULE, NodeKind.SEND, NodeKind.CALL, NodeKind.END, NodeKind.THROW}
)
_HAPPENED = frozenset({NodeKind.BOUNDARY, NodeKind.CATCH, NodeKind.RECEIVE})
_MINUTE_S = 60
_FACTS = 3
_NOTHING = Text("%(task)s（没有要办的）", "%(task)s (nothing to do)")
_PASSED = ("completed", "caught", "thrown", "skipped")


@dataclass(frozen=True)
class Event:
    """One line of the story. ``took``: how long the task had waited; ``steps``: what the system passed at once
    afterwards, ``effects``: what it wrote then; ``is_automatic``: nobody's own doing."""

    at: datetime
    who: str
    on_behalf_of: str
    what: str
    icon: str
    tone: str
    comment: str = ""
    took: str = ""
    steps: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    url: str = ""
    is_automatic: bool = False


def story(tx: Tx, process: Process, tasks: Iterable[TaskRow], trail: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """The trail of one case (`instances.history`) in the order it happened."""
    rows = sorted(trail, key=lambda one: (one["at"], one["action"] != "instance:started"))
    known = _people(tx, rows)
    by_id = {str(task.id): task for task in tasks}
    events = [_event(process, by_id.get(str(row["subject_id"])), known, row) for row in rows]
    return tuple(_merged(one for one in events if one is not None))


def outcome_label(process: Process, node_id: str, outcome: str | None) -> str:
    """The words on the button that was pressed; the bare outcome when the model has no such button."""
    node = process.nodes.get(node_id)
    for one in node.task.outcomes if node and node.task else ():
        if one.name == outcome:
            return (one.label_en if locale() == "en" else one.label_zh) or one.name
    return translated(_OUTCOMES[outcome]) if outcome in _OUTCOMES else outcome or ""


def outcome_tone(process: Process, node_id: str, outcome: str | None) -> str:
    """``red`` for an answer that refuses, ``green`` for others."""
    node = process.nodes.get(node_id)
    refusing = [one.name for one in node.task.outcomes if one.style == "danger"] if node and node.task else []
    return "red" if outcome in (*refusing, "reject") else "green"


_OUTCOMES = {
    "done": Text("完成", "Done"),
    "approve": Text("同意", "Approved"),
    "reject": Text("驳回", "Rejected"),
    "skipped": Text("自动跳过", "Skipped"),
}


def _event(process: Process, task: TaskRow | None, known: Mapping[str, str], row: Mapping[str, Any]) -> Event | None:
    data: Mapping[str, Any] = row["data"]
    steps = _steps(process, data.get("trail") or ())
    sentence = SENTENCES.get(row["action"])
    if row["action"] == "instance:stepped":
        return _stepped(process, row, steps)
    who = row["actor_name"] if row["actor_kind"] not in ("process", "system") else ""
    event = Event(row["at"], who, _behalf(known, row), "", "point", "", steps=steps)
    if sentence is None:
        words, icon, tone = action_words(row["action"])
        if row["actor_kind"] == "process":
            return replace(event, icon="route", effects=(words,), is_automatic=True)
        return replace(event, what=words, icon=icon, tone=tone, comment=_said(data))
    return _told(process, task, known, replace(event, icon=sentence.icon, tone=sentence.tone), sentence, data)


def _told(
    process: Process,
    task: TaskRow | None,
    known: Mapping[str, str],
    event: Event,
    sentence: Sentence,
    data: Mapping[str, Any],
) -> Event:
    node = str(data.get("node") or (task.node_id if task else ""))
    outcome = data.get("outcome")
    values = {
        "task": _name(process, node),
        "outcome": outcome_label(process, node, outcome),
        "people": formats.listed(known.get(one, one) for one in _mentioned(data)),
        "target": _name(process, str(data.get("target") or "")),
    }
    is_done = bool(task and task.completed_at == event.at and task.status == "done")
    return replace(
        event,
        what=translated(sentence.text) % values,
        tone=outcome_tone(process, node, outcome) if outcome else sentence.tone,
        comment=_said(data),
        took=waited(task, event.at) if task and is_done else "",
        url=link("inbox.show", task_id=task.id) if task else "",
    )


def waited(task: TaskRow, until: datetime) -> str:
    """How long the task had been there; nothing below a minute."""
    length = until - task.created_at
    return formats.length(length) if length.total_seconds() >= _MINUTE_S else ""


def _stepped(process: Process, row: Mapping[str, Any], steps: tuple[str, ...]) -> Event | None:
    """A step nobody pressed a button for: what arrived (a deadline, a message), and what the system did then."""
    passed = _passed(process, row["data"].get("trail") or ())
    arrived = [node.name for node in passed if node.kind in _HAPPENED and node.name]
    if not arrived and not steps:
        return None
    is_late = any(event.timer for node in passed for event in node.events)
    icon, tone = ("clock", "amber") if is_late else ("route", "")
    return Event(row["at"], "", "", formats.listed(arrived), icon, tone, steps=steps, is_automatic=not arrived)


def _merged(events: Iterable[Event]) -> list[Event]:
    """What the system did in the same moment belongs to the line before: it is what the person's step set off."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found and found[-1].at == event.at else None
        if last is None or not event.is_automatic:
            found.append(event)
            continue
        found[-1] = replace(
            last,
            steps=tuple(dict.fromkeys((*last.steps, *event.steps))),
            effects=tuple(dict.fromkeys((*last.effects, *event.effects))),
        )
    return found


def _steps(process: Process, trail: Iterable[Any]) -> tuple[str, ...]:
    """What was done by itself, and which repeated steps had nothing to repeat."""
    found: dict[str, None] = {}
    for entry in trail:
        node = process.nodes.get(entry[1]) if entry[0] in _PASSED else None
        if node is not None and node.name and entry[0] == "completed" and _is_empty(entry):
            found[translated(_NOTHING) % {"task": node.name}] = None
        elif node is not None and node.name and node.kind in _AUTOMATIC:
            found[node.name] = None
    return tuple(found)


def _is_empty(entry: Sequence[Any]) -> bool:
    """The end of a repeated step that had no item (an entry: kind, node, activation, facts)."""
    facts = entry[3] if len(entry) > _FACTS else {}
    return facts.get("host") is True and facts.get("items") in (0, "0")


def _passed(process: Process, trail: Iterable[Any]) -> list[Node]:
    found = [process.nodes.get(entry[1]) for entry in trail if entry[0] in _PASSED]
    return [node for node in found if node is not None]


def _name(process: Process, node_id: str) -> str:
    if node_id == "starter":
        return gettext("发起人")
    node = process.nodes.get(node_id)
    return (node.name or node.id) if node else node_id


def _said(data: Mapping[str, Any]) -> str:
    return str(data.get("comment") or data.get("reason") or "")


def _mentioned(data: Mapping[str, Any]) -> list[str]:
    users = data.get("users") or data.get("to") or data.get("user")
    return [str(one) for one in (users if isinstance(users, list) else [users]) if one]


def _behalf(known: Mapping[str, str], row: Mapping[str, Any]) -> str:
    absent = row["data"].get("acting_for")
    return known.get(str(absent), str(absent)) if absent else ""


def _people(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    ids = {one for row in rows for one in (*_mentioned(row["data"]), row["data"].get("acting_for")) if one}
    found = frozenset(UUID(one) for one in ids if _is_id(one))
    return {str(key): name for key, name in directory.user_names(tx, found).items()} if found else {}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
