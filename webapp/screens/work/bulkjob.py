"""A bulk operation on its job's page: what it is called, and what it could not do, case by case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.background import Job
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import bulk, instances
from engine.workflow.instances import InstanceQuery
from webapp.i18n import gettext, locale, translated
from webapp.links import link
from webapp.screens.work.casebulk import OPERATIONS

_MOST = 200
_OTHERS = {
    "migrate": Text("迁移到新版本", "Migration to another version"),
    "undo_migration": Text("撤销版本迁移", "Undoing a migration"),
    "hand_over": Text("移交工作", "Handing work over"),
}


@dataclass(frozen=True)
class Failed:
    """One case or task the operation could not be done for."""

    title: str
    url: str
    why: str


@dataclass(frozen=True)
class BulkJob:
    """What the page shows besides the progress. ``process_key``: of a migration or its undoing."""

    title: str
    done: int
    failed: tuple[Failed, ...]
    failed_total: int
    process_key: str


def read(tx: Tx, job: Job) -> BulkJob | None:
    """Of a bulk operation; None of another job."""
    if job.kind != bulk.KIND:
        return None
    result: Mapping[str, Any] = job.result or {}
    failed = result.get("failed", [])
    return BulkJob(
        title=title_of(job),
        done=result.get("done", job.done),
        failed=tuple(_failed(tx, failed[:_MOST])),
        failed_total=len(failed),
        process_key=_process(tx, job),
    )


def title_of(job: Job) -> str:
    """What the job is called, with how many it is about."""
    name = str(job.parameters.get("operation", ""))
    known = OPERATIONS[name].label if name in OPERATIONS else _OTHERS.get(name)
    words = translated(known) if known else gettext("批量操作")
    return gettext("%(what)s：%(n)s 项", what=words, n=len(job.parameters.get("ids", ())))


def _failed(tx: Tx, rows: list[Mapping[str, Any]]) -> list[Failed]:
    """The rows with the titles of the cases they belong to, as far as the actor may see those."""
    ids = [UUID(row["id"]) for row in rows]
    of_tasks = "select id, instance_id from user_task where id = any(%(ids)s)"
    cases = {key: key for key in ids} | dict(row[:2] for row in (tx.query(of_tasks, {"ids": ids}) if ids else ()))
    asked = InstanceQuery(ids=tuple(set(cases.values())), limit=_MOST)
    known = {one.id: one.title or one.process_key for one in instances.search(tx, asked).items} if ids else {}
    return [_line(cases[key], known.get(cases[key]), row[locale()]) for row, key in zip(rows, ids, strict=True)]


def _line(instance_id: UUID, title: str | None, why: str) -> Failed:
    url = link("instances.show", instance_id=instance_id) if title else ""
    return Failed(title or str(instance_id)[-8:], url, why)


def _process(tx: Tx, job: Job) -> str:
    batch = job.parameters.get("batch_id")
    sql = """select v.process_key from migration_batch b join process_version v on v.id = b.from_version_id
 where b.id = %(id)s"""
    rows = tx.query(sql, {"id": UUID(str(batch))}) if batch else ()
    return str(rows[0][0]) if rows else ""
