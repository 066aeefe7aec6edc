"""交接: everything of a person who leaves goes to colleagues, kind by kind, as a background job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import Forbidden, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import ownership
from engine.workflow import substitutions, tasks
from engine.workflow.instances.access import operates_for
from engine.workflow.runtime import runtime_of
from engine.workflow.substitutions import Substitution
from engine.workflow.tasks import taking_over

TASK, OFFER, CASE = "task", "offer", "case"
_OFFERS = """select c.task_id, not exists (select 1 from task_candidate o where o.task_id = c.task_id and o.is_open
 and o.user_id <> c.user_id) from task_candidate c join user_task t on t.id = c.task_id
 where c.user_id = %(user)s and c.is_open and t.status = 'open' and t.assignee is null order by c.task_id
 limit %(limit)s"""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a person has. `items`: by kind the ids that go over: `task` (his, or delegated by him), `offer` (only he may
    claim them), `case` (running cases that will ask him because somebody chose him), and objects by their key.

    `shared`: offers that others may claim as well; `stands_in`: substitutions in which he acts for somebody.
    """

    items: Mapping[str, tuple[UUID, ...]]
    shared: int
    stands_in: tuple[Substitution, ...]


def belongings(tx: Tx, user: str, limit: int, objects: Sequence[str] = ()) -> Belongings:
    """What goes over, at most `limit` ids of a kind; records of `objects` as far as tx.actor may give them away.

    Raises: Forbidden unless he does it himself or an operator does.
    """
    if not operates_for(tx, user):
        text = Text("只有流程管理员可以移交他人的工作", "Only an operator hands over for others")
        raise Forbidden("not_operator", text)
    own, cases = taking_over.belongings(tx, user, limit)
    offers = tx.query(_OFFERS, {"user": user, "limit": limit})
    items = {TASK: tuple(own), OFFER: tuple(row[0] for row in offers if row[1]), CASE: tuple(cases)}
    items |= {key: tuple(ownership.owned(tx, key, UUID(user), limit)) for key in objects}
    shared = sum(1 for row in offers if not row[1])
    stands_in = tuple(one for one in substitutions.current(tx, user) if one.substitute_id == user)
    return Belongings({kind: ids for kind, ids in items.items() if ids}, shared, stands_in)


def plan(tx: Tx, from_user: str, to: Mapping[str, str], comment: str, limit: int) -> dict[str, Any]:
    """The parameters of the job that gives each kind named in `to` to that user, at most `limit` items.

    What he stands in for comes back to those he did it for at once. Raises: Forbidden; UserError for a successor who
    is not active or when there is nothing.
    """
    successors = sorted(set(to.values()))
    if from_user in successors or len(runtime_of(tx).directory(tx).existing(successors)) != len(successors):
        raise UserError("bad_successor", Text("请选择另一位在职的接手人", "Choose another person who is active"))
    objects = [kind for kind in to if kind not in (TASK, OFFER, CASE)]
    for one in belongings(tx, from_user, 1).stands_in:
        substitutions.end(tx, one.id)
    found = belongings(tx, from_user, limit, objects).items
    items = [(str(one), kind) for kind in to for one in found.get(kind, ())][:limit]
    if not items:
        raise UserError("nothing_to_hand_over", Text("没有需要交接的", "There is nothing to hand over"))
    return {"from_user": from_user, "to": dict(to), "reason": comment, "kinds": dict(items)}


def hand_over(tx: Tx, one: UUID, parameters: Mapping[str, Any]) -> None:
    """One item of the job. Raises: UserError that says why not."""
    kind, from_user, comment = parameters["kinds"][str(one)], parameters["from_user"], parameters["reason"]
    to = str(parameters["to"][kind])
    if kind == TASK:
        taking_over.take_over(tx, one, from_user, to, comment)
    elif kind == OFFER:
        tasks.transfer(tx, one, to, comment)
    elif kind == CASE:
        taking_over.choose_instead(tx, one, from_user, to)
    else:
        ownership.give(tx, kind, one, UUID(from_user), UUID(to))
