"""A bulk operation on its job's page: what it is called, and what it could not do, case by case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.background import Job
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.titles import record_names
from engine.workflow import bulk, instances
from engine.workflow.instances import InstanceQuery
from engine.workflow.leaving import CASE, OFFER, TASK
from webapp.i18n import gettext, locale, translated
from webapp.links import link
from webapp.screens.work.casebulk import OPERATIONS

_MOST = 200
_OTHERS = {
    "complete": Text("批量办理", "Answering tasks"),
    "claim": Text("批量认领", "Claiming tasks"),
    "migrate": Text("迁移到新版本", "Migration to another version"),
    "undo_migration": Text("撤销版本迁移", "Undoing a migration"),
    "hand_over": Text("交接工作", "Handing work over"),
}


@dataclass(frozen=True)
class Failed:
    """One case or task the operation could not be done for."""

    title: str
    url: str
    why: str


@dataclass(frozen=True)
class BulkJob:
    """What the page shows besides the progress. ``back``: (address, icon, label) of where it was started."""

    title: str
    done: int
    failed: tuple[Failed, ...]
    failed_total: int
    back: tuple[str, str, str]


def read(tx: Tx, job: Job) -> BulkJob | None:
    """Of a bulk operation; None of another job."""
    if job.kind != bulk.KIND:
        return None
    result: Mapping[str, Any] = job.result or {}
    failed, kinds = result.get("failed", [])[:_MOST], job.parameters.get("kinds", {})
    owned = [row for row in failed if kinds.get(row["id"], TASK) not in (TASK, OFFER, CASE)]
    return BulkJob(
        title=title_of(job),
        done=result.get("done", job.done),
        failed=(*_failed(tx, [row for row in failed if row not in owned]), *_records(tx, kinds, owned)),
        failed_total=result.get("failed_total", 0),
        back=_back(tx, job),
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


def _records(tx: Tx, kinds: Mapping[str, str], rows: list[Mapping[str, Any]]) -> list[Failed]:
    """Records that could not go to another owner, as far as the actor may see them."""
    found = []
    for row in rows:
        kind, key = kinds[row["id"]], UUID(row["id"])
        title = record_names(tx, kind, {key}).get(key, "")
        url = url_for("records.show", object_key=kind, record_id=key) if title else ""
        found.append(Failed(title or str(key)[-8:], url, row[locale()]))
    return found


def _line(instance_id: UUID, title: str | None, why: str) -> Failed:
    url = link("instances.show", instance_id=instance_id) if title else ""
    return Failed(title or str(instance_id)[-8:], url, why)


def _back(tx: Tx, job: Job) -> tuple[str, str, str]:
    operation, person = job.parameters.get("operation"), job.parameters.get("from_user")
    if process_key := _process(tx, job):
        return url_for("migrations.index", key=process_key), "versions", gettext("版本迁移记录与撤销")
    if operation in ("complete", "claim"):
        return url_for("inbox.index"), "inbox", gettext("回到待办")
    if person:
        return url_for("handover.index", user=person), "user-share", gettext("回到交接")
    return url_for("cases.index"), "list-check", gettext("全部流程实例")


def _process(tx: Tx, job: Job) -> str:
    batches = [move["batch_id"] for move in job.parameters.get("moves", {}).values()]
    batch = next(iter(batches), job.parameters.get("batch_id"))
    sql = """select v.process_key from migration_batch b join process_version v on v.id = b.from_version_id
 where b.id = %(id)s"""
    rows = tx.query(sql, {"id": UUID(str(batch))}) if batch else ()
    return str(rows[0][0]) if rows else ""
