"""The same answer to many tasks of one's inbox: which ones, what can be answered at once, and putting it to work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from werkzeug.datastructures import MultiDict

from engine.kernel.errors import BadRequest, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import bulk, tasks
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.tasks import InboxQuery
from engine.workflow.tasks.inbox import Picked, pick
from webapp.formats import listed
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.screens.work import boxes, taskpage

Posted = MultiDict[str, str]
Operation = Literal["complete", "claim", "transfer"]
OPERATIONS: Mapping[Operation, tuple[Text, str]] = {
    "complete": (Text("办理", "Answer"), "check"),
    "claim": (Text("认领", "Claim"), "user-check"),
    "transfer": (Text("转办", "Hand over"), "user-share"),
}
_OFFERED: Mapping[str, tuple[Operation, ...]] = {"todo": ("complete", "transfer"), "candidate": ("claim", "complete")}
_TITLES = 12


@dataclass(frozen=True)
class Group:
    """Tasks of one step. ``outcomes``: (name, label, style); ``why_not``: why they are answered one by one only."""

    key: str
    process: str
    step: str
    count: int
    titles: tuple[str, ...]
    outcomes: tuple[tuple[str, str, str], ...] = ()
    why_not: str = ""


@dataclass(frozen=True)
class Question:
    """The page before the job. ``needs_comment``: some answer asks for one."""

    operation: Operation
    label: Text
    icon: str
    groups: tuple[Group, ...]
    total: int
    needs_comment: bool


def offered(box: str) -> tuple[Operation, ...]:
    """What the bar under a box offers."""
    return _OFFERED.get(box, ())


def question(tx: Tx, operation: str, given: Posted) -> Question:
    """What the operation means for the chosen tasks. Raises: BadRequest; UserError when none was chosen."""
    found = _known(operation)
    by_step = _by_step(_chosen(tx, given))
    groups = tuple(_group(tx, key, rows, found) for key, rows in by_step.items())
    label, icon = OPERATIONS[found]
    total = sum(group.count for group in groups if not group.why_not)
    needs = any(_asks(outcome) for rows in by_step.values() for outcome in tasks.get(tx, rows[0].id).outcomes)
    return Question(found, label, icon, groups, total, found == "complete" and needs)


def start(tx: Tx, operation: str, given: Posted) -> UUID:
    """Puts the job down; its id. Raises: UserError."""
    found, by_step = _known(operation), _by_step(_chosen(tx, given))
    reason = given.get("comment", "").strip()
    if found == "complete":
        answers = {key: given.get(f"outcome-{key}", "") for key in by_step}
        outcomes = {str(row.id): answers[key] for key, rows in by_step.items() for row in rows if answers[key]}
        if not outcomes:
            raise UserError("no_outcome", Text("请选择办理结果", "Choose an answer"))
        _require_comment(tx, by_step, answers, reason)
        return bulk.enqueue(tx, "complete", [UUID(one) for one in outcomes], {"outcomes": outcomes, "reason": reason})
    parameters = {"reason": reason}
    if found == "transfer":
        parameters["to"] = given.get("to", "")
        if not parameters["to"]:
            raise UserError("nobody_chosen", Text("请选择人员", "Choose a person"))
    return bulk.enqueue(tx, found, [row.id for rows in by_step.values() for row in rows], parameters)


def _known(name: str) -> Operation:
    found = next((one for one in OPERATIONS if one == name), None)
    if found is None:
        raise BadRequest
    return found


def _chosen(tx: Tx, given: Posted) -> tuple[Picked, ...]:
    """Tasks of the actor's box: those ticked, or all that the search finds, at most as many as a job takes."""
    wanted = None if given.get("all") == "1" else [id_of(one) for one in given.getlist("id")]
    box = boxes.known(given.get("box", "todo"))
    query = InboxQuery(box if box in _OFFERED else "todo", given.get("q", "").strip())
    found = pick(tx, query, wanted, bulk.LIMIT)
    if not found:
        raise UserError("none_chosen", Text("所选任务已经不在您这里", "The chosen tasks are not yours any more"))
    return found


def _by_step(rows: tuple[Picked, ...]) -> dict[str, list[Picked]]:
    found: dict[str, list[Picked]] = {}
    for row in rows:
        found.setdefault(f"{row.process_key}.{row.node_id}", []).append(row)
    return found


def _group(tx: Tx, key: str, rows: list[Picked], operation: Operation) -> Group:
    first = rows[0]
    process = taskpage.process_name(tx, first.process_key)
    titles = tuple(row.title for row in rows[:_TITLES])
    group = Group(key, process, first.name, len(rows), titles)
    if operation != "complete":
        return group
    view = tasks.get(tx, first.id)
    outcomes = tuple((one.name, taskpage.outcome_words(one), one.style) for one in view.outcomes)
    return replace(group, outcomes=outcomes, why_not=_why_not(tx, view))


def _why_not(tx: Tx, view: tasks.TaskView) -> str:
    """What has to be filled in or chosen for each task; empty when nothing."""
    asked = [field.label for field in taskpage.form_model(tx, view).fields() if not field.read_only]
    if asked:
        names = listed(asked[:3])
        return gettext("这一步要填写“%(fields)s”，请逐个办理", fields=names)
    if view.choices:
        return gettext("这一步要选后续处理人，请逐个办理")
    return "" if "complete" in view.operations else gettext("现在不能批量办理，请逐个打开")


def _require_comment(tx: Tx, by_step: Mapping[str, list[Picked]], answers: Mapping[str, str], reason: str) -> None:
    for key, rows in by_step.items():
        chosen = next((one for one in tasks.get(tx, rows[0].id).outcomes if one.name == answers[key]), None)
        if chosen is not None and _asks(chosen) and not reason:
            text = Text("“{name}”要写意见", "“{name}” needs a comment").format(name=taskpage.outcome_words(chosen))
            raise UserError("comment_required", text)


def _asks(outcome: Outcome) -> bool:
    return outcome.comment == "required"
