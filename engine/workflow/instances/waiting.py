"""Cases that stand still until somebody chooses a step: who may choose finds them in his inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.runtime import OPERATE, runtime_of

MOST = 50
_MINE = """(i.starter = %(me)s or exists (select 1 from user_task t where t.instance_id = i.id
 and (t.assignee = %(me)s or t.completed_by = %(me)s or t.delegated_by = %(me)s)))"""
_NOBODYS = """(i.starter_kind <> 'user' and (%(all)s or i.branch_id = any(%(branches)s))
 and not exists (select 1 from user_task t where t.instance_id = i.id and t.status <> 'cancelled'))"""
_SELECT = f"""select i.id, i.process_key, i.title, i.choices, i.updated_at from instance i
 where i.choices <> '{{}}' and i.ended_at is null and not i.suspended and ({_MINE} or {_NOBODYS})
 and (%(search)s::text is null or position(lower(%(search)s) in lower(i.title)) > 0)
 order by i.id desc limit {MOST}"""  # noqa: S608 - constant parts only


@dataclass(frozen=True, slots=True)
class WaitingChoice:
    """A case with the names of the stages that wait. `since`: its last step."""

    instance_id: UUID
    process_key: str
    title: str
    stages: tuple[str, ...]
    since: datetime


def waiting_choices(tx: Tx, search: str = "") -> tuple[WaitingChoice, ...]:
    """Newest first, at most 50: of cases that tx.actor started or had a task of; an operator also gets those in his
    branches that no person started or worked on. In a stage where something runs nothing has to be chosen yet."""
    operated = runtime_of(tx).access.branches(tx, OPERATE)
    parameters = {
        "me": tx.actor.id, "all": operated is None, "branches": list(operated or ()), "search": search.strip() or None,
    }  # fmt: skip
    rows = tx.query(_SELECT, parameters)
    return tuple(WaitingChoice(row[0], row[1], row[2], tuple(row[3]), row[4]) for row in rows)
