"""The same operation on many cases: which ones, what it would mean for them, and putting it to work."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from werkzeug.datastructures import MultiDict

from engine.kernel.errors import BadRequest, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow import bulk, deployments, instances
from engine.workflow.instances import InstanceQuery
from engine.workflow.instances.access import operated_branches
from engine.workflow.instances.reading import InstanceRowView
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.modelwords import named, titled
from webapp.screens.work import casemigrating, caseplace

Posted = MultiDict[str, str]
STATES = ("active", "incident", "suspended", "completed", "cancelled")
_PAGE = 200
_TITLES = 8


@dataclass(frozen=True)
class Operation:
    """What the bar at the foot of the list offers."""

    label: Text
    icon: str
    text: Text
    is_dangerous: bool = False


OPERATIONS: Mapping[str, Operation] = {
    "retry": Operation(
        Text("重试", "Retry"),
        "refresh",
        Text("每个流程重新执行出错的步骤。", "Does the failed steps of each case again."),
    ),
    "transfer": Operation(
        Text("转交办理人", "Hand tasks over"),
        "user-share",
        Text("这些流程里待办的任务，全部交给您选的人。", "All open tasks of these cases go to the person you choose."),
    ),
    "suspend": Operation(
        Text("挂起", "Suspend"),
        "player-pause",
        Text("挂起期间任务不能处理，定时器停走。", "While suspended no task can be done and timers stand still."),
    ),
    "resume": Operation(
        Text("恢复", "Resume"),
        "player-play",
        Text("恢复后到期的定时器立即执行。", "What became due meanwhile is done at once."),
    ),
    "migrate": Operation(
        Text("迁移到最新版本", "Move to the newest version"),
        "versions",
        Text(
            "流程图改过之后，让旧版本上的流程按新版本走。",
            "After a process was changed, cases of old versions go on with the new one.",
        ),
    ),
    "cancel": Operation(
        Text("撤销流程", "Cancel cases"),
        "circle-x",
        Text(
            "每个流程到此结束，占用的课时、合同等按流程图归还。",
            "Each case ends; what it holds is given back as drawn.",
        ),
        True,
    ),
}


@dataclass(frozen=True)
class Question:
    """The page before the job. ``facts``: (text, tone) of what it would mean; ``ids``: what the job is given."""

    name: str
    operation: Operation
    total: int
    titles: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    ids: tuple[UUID, ...]


def asked(tx: Tx, given: Mapping[str, str]) -> InstanceQuery:
    """The filter of the list: process, state, words of the title, and where the cases stand. Raises: Forbidden."""
    status = given.get("status")
    return InstanceQuery(
        process_key=given.get("process") or None,
        status=status if status in STATES else None,
        search=given.get("q", "").strip(),
        ids=caseplace.standing(tx, given),
    )


def question(tx: Tx, name: str, given: Posted) -> Question:
    """What the operation means for the chosen cases. Raises: BadRequest; UserError when none was chosen."""
    if name not in OPERATIONS:
        raise BadRequest
    found = _operated(tx, name, given)
    if not found:
        raise UserError("none_chosen", Text("所选流程里没有可以这样处理的", "Nothing to do for the chosen cases"))
    moving = casemigrating.moving(tx, found) if name == "migrate" else ()
    tasks = _open_tasks(tx, [one.id for one in found])
    ids = tuple(tasks) if name == "transfer" else tuple(one.id for one in found)
    return Question(
        name=name,
        operation=OPERATIONS[name],
        total=len(found),
        titles=tuple(titled(one.title) or one.process_key for one in found[:_TITLES]),
        facts=(*_facts(tx, name, found, len(tasks)), *casemigrating.facts(moving)),
        ids=ids,
    )


def start(tx: Tx, name: str, given: Posted) -> UUID:
    """Puts the job down; its id. Raises: UserError."""
    found = question(tx, name, given)
    if name == "migrate":
        return casemigrating.start(tx, casemigrating.moving(tx, _operated(tx, name, given)))
    parameters: dict[str, object] = {"reason": given.get("reason", "").strip()}
    if name == "transfer":
        parameters["to"] = _person(tx, given.get("to", ""))
    if name == "cancel" and not parameters["reason"]:
        raise UserError("reason_required", Text("请填写原因", "Please give a reason"))
    if not found.ids:
        raise UserError("no_tasks", Text("所选流程没有待办任务", "The chosen cases have no open tasks"))
    return bulk.enqueue(tx, cast(bulk.Operation, name), found.ids, parameters)


def _operated(tx: Tx, name: str, given: Posted) -> tuple[InstanceRowView, ...]:
    """The chosen cases of the branches where the actor operates. Raises: Forbidden when there are none."""
    branches = operated_branches(tx)
    found = _fitting(name, _chosen(tx, given))
    return tuple(one for one in found if branches is None or one.branch_id in branches)


def _chosen(tx: Tx, given: Posted) -> tuple[InstanceRowView, ...]:
    """The cases ticked, or all of the list's filter; those the actor sees, at most as many as a job takes."""
    if given.get("all") == "1":
        return tuple(_pages(tx, asked(tx, given)))
    ids = [id_of(one) for one in given.getlist("id")][: bulk.LIMIT]
    parts = (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
    return tuple(
        one for part in parts for one in instances.search(tx, InstanceQuery(ids=tuple(part), limit=_PAGE)).items
    )


def _pages(tx: Tx, query: InstanceQuery) -> Iterator[InstanceRowView]:
    count = 0
    while count < bulk.LIMIT:
        page = instances.search(tx, replace(query, limit=_PAGE))
        yield from page.items
        count += len(page.items)
        if page.next is None:
            return
        query = replace(query, after=page.next)


def _fitting(name: str, found: Iterable[InstanceRowView]) -> tuple[InstanceRowView, ...]:
    """Those the operation can do anything for."""
    running = [one for one in found if one.status == "active"]
    if name == "retry":
        return tuple(one for one in running if one.open_incidents)
    if name in ("suspend", "resume"):
        return tuple(one for one in running if one.suspended == (name == "resume"))
    return tuple(running)


def _open_tasks(tx: Tx, cases: Sequence[UUID]) -> list[UUID]:
    sql = """select id from user_task where instance_id = any(%(ids)s) and status = 'open' and parent_id is null
 order by id limit %(limit)s"""
    return [row[0] for row in tx.query(sql, {"ids": list(cases), "limit": bulk.LIMIT})]


def _facts(tx: Tx, name: str, found: Sequence[InstanceRowView], tasks: int) -> Iterator[tuple[str, str]]:
    known = {row.key: row for row in deployments.processes(tx)}
    for key, count in Counter(one.process_key for one in found).most_common():
        process = named(known[key].name) if key in known else ""
        yield gettext("%(process)s：%(n)s 个", process=process or key, n=count), ""
    if name == "cancel":
        yield gettext("将撤销 %(n)s 个待办任务", n=tasks), "red"
        money = sum(1 for one in found if one.process_key in known and known[one.process_key].money)
        if money:
            yield gettext("其中 %(n)s 个涉及资金，占用的款项和课时会逐个归还；归还不了的不撤销", n=money), "amber"
    if name == "transfer":
        yield gettext("共 %(n)s 个待办任务", n=tasks), ""


def _person(tx: Tx, user_id: str) -> str:
    try:
        key = UUID(user_id)
    except ValueError:
        raise UserError("nobody_chosen", Text("请选择人员", "Choose a person")) from None
    if key not in directory.user_names(tx, frozenset({key})):
        raise UserError("nobody_chosen", Text("请选择人员", "Choose a person"))
    return str(key)
