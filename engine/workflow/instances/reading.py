"""Looking at instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.instances.access import is_operator, require_visible, seen_branches, visible_variables
from engine.workflow.programs import Loaded, load
from engine.workflow.runner import apart
from engine.workflow.runner.row import InstanceRow, read
from engine.workflow.tasks import rows
from engine.workflow.tasks.rows import TaskRow


@dataclass(frozen=True, slots=True)
class TokenView:
    """Where the case stands. `wait`: what for (a letter of `interpreter.state.Wait`)."""

    activation: int
    node_id: str
    name: str
    wait: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Something a person has to settle. `name`: of the node, empty when it has none; `activation`: None for a join that
    waits for ever (kind `stranded`)."""

    id: UUID
    activation: int | None
    node_id: str
    kind: str
    message: Text
    created_at: datetime
    resolved_at: datetime | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance as tx.actor may see it. `variables`: the public ones; all of them for operators."""

    id: UUID
    process_key: str
    version: int
    version_id: UUID
    process_name: str
    title: str
    status: str
    suspended: bool
    branch_id: UUID | None
    record: tuple[str, UUID] | None
    starter: str
    starter_name: str
    started_at: datetime
    ended_at: datetime | None
    parent_id: UUID | None
    children: tuple[UUID, ...]
    tokens: tuple[TokenView, ...]
    variables: Mapping[str, Value]
    tasks: tuple[TaskRow, ...]
    incidents: tuple[IncidentView, ...]
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstanceQuery:
    """`status`: `active`, `completed`, `cancelled`, `terminated`, `incident`, `suspended` or None for all.

    `ids`: only these; None for all.
    """

    process_key: str | None = None
    status: str | None = None
    record: tuple[str, UUID] | None = None
    branch_id: UUID | None = None
    scope: Literal["all", "mine"] = "all"
    search: str = ""
    limit: int = 50
    after: UUID | None = None
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class InstanceRowView:
    """An instance in a list."""

    id: UUID
    process_key: str
    title: str
    status: str
    suspended: bool
    starter_name: str
    branch_id: UUID | None
    open_incidents: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class InstancePage:
    """`next`: what to give as `after`."""

    items: tuple[InstanceRowView, ...]
    next: UUID | None


def get(tx: Tx, instance_id: UUID) -> InstanceView:
    """The instance. Raises: NotFound, also when it is not visible to tx.actor."""
    row = read(tx, instance_id)
    require_visible(tx, row)
    loaded = load(tx, row.version_id, row.overlay_id)
    times = "select started_at, ended_at from instance where id = %(id)s"
    started_at, ended_at = tx.connection.exec_driver_sql(times, {"id": instance_id}).one()
    state = apart.decode(tx, row.id, row.state)
    nodes = loaded.process.nodes
    return InstanceView(
        id=row.id,
        process_key=row.process_key,
        version=loaded.number,
        version_id=row.version_id,
        process_name=loaded.name,
        title=row.title,
        status=row.status,
        suspended=row.suspended,
        branch_id=row.branch_id,
        record=(row.record_object, row.record_id) if row.record_object and row.record_id else None,
        starter=row.starter,
        starter_name=row.starter_name,
        started_at=started_at,
        ended_at=ended_at,
        parent_id=row.parent_id,
        children=_children(tx, instance_id),
        tokens=tuple(
            TokenView(t.id, t.node, nodes[t.node].name if t.node in nodes else "", t.wait)
            for t in state.tokens.values()
        ),
        variables=visible_variables(tx, row, loaded.process.extension, state.variables),
        tasks=tuple(rows.of_instance(tx, instance_id)),
        incidents=_incidents(tx, instance_id, loaded),
        operations=_operations(tx, row, loaded),
    )


def search(tx: Tx, query: InstanceQuery) -> InstancePage:
    """Instances, newest first: an operator's branch or all, anybody's own with scope `mine`."""
    limit = max(1, min(query.limit, 200))
    branches = seen_branches(tx)
    object_key, record_id = query.record or (None, None)
    parameters: dict[str, Any] = {
        "me": tx.actor.id, "own": query.scope == "mine",
        "branches": None if branches is None else list(branches), "process": query.process_key,
        "status": query.status, "object": object_key, "record": record_id, "branch": query.branch_id,
        "search": f"%{query.search[:100]}%" if query.search else None, "after": query.after, "limit": limit + 1,
        "ids": None if query.ids is None else list(query.ids),
    }  # fmt: skip
    found = [InstanceRowView(*row) for row in tx.connection.exec_driver_sql(_SEARCH, parameters)]
    return InstancePage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


_SEARCH = """select id, process_key, title, status, suspended, starter_name, branch_id, open_incidents,
 started_at, ended_at from instance i where (%(after)s::uuid is null or id < %(after)s)
 and ((not %(own)s and (%(branches)s::uuid[] is null or branch_id = any(%(branches)s::uuid[])))
 or starter = %(me)s or exists (select 1 from user_task t where t.instance_id = i.id
 and (t.assignee = %(me)s or t.completed_by = %(me)s)))
 and (%(process)s::text is null or process_key = %(process)s)
 and (%(object)s::text is null or (record_object = %(object)s and record_id = %(record)s))
 and (%(branch)s::uuid is null or branch_id = %(branch)s)
 and (%(search)s::text is null or title ilike %(search)s)
 and (%(ids)s::uuid[] is null or id = any(%(ids)s::uuid[]))
 and (%(status)s::text is null or status = %(status)s or (%(status)s = 'incident' and open_incidents > 0)
 or (%(status)s = 'suspended' and suspended)) order by id desc limit %(limit)s"""


def history(tx: Tx, instance_id: UUID, limit: int = 100, after: UUID | None = None) -> list[dict[str, Any]]:
    """The trail of the instance, oldest first: `id`, `at`, `actor_name`, `action`, `data`. Raises: NotFound."""
    require_visible(tx, read(tx, instance_id))
    sql = """select id, at, actor_kind, actor_id, actor_name, on_behalf_of, action, subject_kind, subject_id, data
 from history where instance_id = %(id)s and (%(after)s::uuid is null or id > %(after)s) order by id limit %(limit)s"""
    parameters = {"id": instance_id, "after": after, "limit": max(1, min(limit, 1000))}
    return [dict(row) for row in tx.connection.exec_driver_sql(sql, parameters).mappings()]


def _incidents(tx: Tx, instance_id: UUID, loaded: Loaded) -> tuple[IncidentView, ...]:
    """Newest first."""
    nodes = loaded.process.nodes
    sql = """select id, activation, node_id, kind, message_zh, message_en, created_at, resolved_at from incident
 where instance_id = %(id)s order by id desc limit 200"""
    return tuple(
        IncidentView(*(*r[:4], Text(r[4], r[5]), r[6], r[7], nodes[r[2]].name if r[2] in nodes else ""))
        for r in tx.connection.exec_driver_sql(sql, {"id": instance_id})
    )


def _children(tx: Tx, instance_id: UUID) -> tuple[UUID, ...]:
    sql = "select id from instance where parent_id = %(id)s order by id limit 1000"
    return tuple(row[0] for row in tx.connection.exec_driver_sql(sql, {"id": instance_id}))


_OPERATIONS = ("suspend", "move", "retry", "skip", "pass_join", "variables", "migrate")


def _operations(tx: Tx, row: InstanceRow, loaded: Loaded) -> tuple[str, ...]:
    if row.status != "active":
        return ()
    if is_operator(tx, row):
        return (*(("resume",) if row.suspended else _OPERATIONS), "cancel")
    return ("cancel",) if row.starter == tx.actor.id and not loaded.money and not row.suspended else ()
