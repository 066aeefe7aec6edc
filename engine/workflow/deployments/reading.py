"""What is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.runtime import OPERATE, holds_everywhere


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process with its live version; `running`: open instances of all versions.

    `flag`: `deployer_right_revoked` when who deployed the live version may not deploy any more.
    """

    key: str
    name: str
    record_object: str | None
    money: bool
    is_paused: bool
    version_id: UUID | None
    number: int | None
    running: int
    open_incidents: int
    flag: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. `status`: of its deployment: `active`, `waiting`, `refused`. `flag`: as of ProcessRow."""

    id: UUID
    process_key: str
    number: int
    name: str
    tag: str | None
    deployment_id: UUID
    resource: str
    status: str
    money: bool
    deployed_by_name: str
    created_at: datetime
    running: int
    flag: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """All files a version was deployed with, without what its decisions import from elsewhere; `main` names the one
    that holds the process."""

    version_id: UUID
    number: int
    main: str
    files: dict[str, str]


_PROCESSES = """select p.key, p.name, p.record_object, p.money, p.is_paused, p.latest_version_id, v.number,
 (select count(*) from instance i where i.process_key = p.key and i.ended_at is null),
 (select count(*) from instance i where i.process_key = p.key and i.open_incidents > 0), d.flag
 from process p left join process_version v on v.id = p.latest_version_id
 left join deployment d on d.id = v.deployment_id order by p.key limit 1000"""
_VERSIONS = """select v.id, v.process_key, v.number, v.name, v.tag, v.deployment_id, v.resource, d.status, v.money,
 d.deployed_by_name, v.created_at,
 (select count(*) from instance i where i.version_id = v.id and i.ended_at is null), d.flag
 from process_version v join deployment d on d.id = v.deployment_id"""


def processes(tx: Tx) -> tuple[ProcessRow, ...]:
    """All processes, by key."""
    return tuple(ProcessRow(*row) for row in tx.connection.exec_driver_sql(_PROCESSES))


def versions(tx: Tx, process_key: str) -> tuple[VersionRow, ...]:
    """Versions of a process, newest first."""
    sql = f"{_VERSIONS} where v.process_key = %(key)s order by v.number desc limit 500"
    return _rows(tx, sql, {"key": process_key})


def versions_of(tx: Tx, deployment_id: UUID) -> tuple[VersionRow, ...]:
    """Versions a deployment made."""
    return _rows(tx, f"{_VERSIONS} where v.deployment_id = %(id)s order by v.process_key", {"id": deployment_id})


def waiting(tx: Tx) -> tuple[VersionRow, ...]:
    """Versions that wait for a second person."""
    return _rows(tx, f"{_VERSIONS} where d.status = 'waiting' order by v.id limit 500", {})


def source(tx: Tx, process_key: str, number: int) -> str:
    """The file a version was deployed from. Raises: NotFound."""
    sql = """select r.content from process_version v join deployment_resource r
 on r.deployment_id = v.deployment_id and r.name = v.resource
 where v.process_key = %(key)s and v.number = %(number)s"""
    found = tx.connection.exec_driver_sql(sql, {"key": process_key, "number": number}).scalar()
    if found is None:
        raise NotFound("version_not_found", Text("未找到该流程版本", "There is no such process version"))
    return str(found)


def sources(tx: Tx, process_key: str, number: int | None = None) -> Sources:
    """The files of one version, by default of the newest one, live or waiting. Raises: NotFound."""
    sql = """select v.id, v.number, v.resource, v.deployment_id from process_version v
 where v.process_key = %(key)s and (%(number)s::int is null or v.number = %(number)s) order by v.number desc limit 1"""
    found = tx.connection.exec_driver_sql(sql, {"key": process_key, "number": number}).one_or_none()
    if found is None:
        raise NotFound("version_not_found", Text("未找到该流程版本", "There is no such process version"))
    files = tx.connection.exec_driver_sql(
        "select name, content from deployment_resource where deployment_id = %(id)s and kind <> 'import'",
        {"id": found.deployment_id},
    )
    return Sources(found.id, found.number, found.resource, {row.name: row.content for row in files})


def pause(tx: Tx, process_key: str, paused: bool) -> None:
    """No new instances while paused; running ones go on. Raises: Forbidden; NotFound."""
    if not holds_everywhere(tx, OPERATE):
        raise Forbidden()
    sql = "update process set is_paused = %(paused)s where key = %(key)s"
    if tx.connection.exec_driver_sql(sql, {"key": process_key, "paused": paused}).rowcount != 1:
        raise NotFound("process_not_found", Text("未找到该流程", "There is no such process"))
    tx.record(Event("process:paused" if paused else "process:unpaused", ("process", process_key)))


def _rows(tx: Tx, sql: str, parameters: dict[str, Any]) -> tuple[VersionRow, ...]:
    return tuple(VersionRow(*row) for row in tx.connection.exec_driver_sql(sql, parameters))
