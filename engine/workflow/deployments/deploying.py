"""Read, check, store, activate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.bpmn.model import Process
from engine.workflow.deployments import activating
from engine.workflow.deployments.checking import Examined, examined, treated
from engine.workflow.deployments.imports import KIND, live_imports
from engine.workflow.deployments.reading import VersionRow, versions_of
from engine.workflow.runtime import DEPLOY, holds_everywhere, runtime_of

KINDS = {".bpmn": "bpmn", ".xml": "bpmn", ".dmn": "dmn", ".json": "form"}


class DeployRefused(UserError):
    """The gate found errors; nothing was stored. `findings` name the elements."""

    default_code = "deploy_refused"
    default_message = Text("流程检查未通过，未部署", "The checks failed; nothing was deployed")

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        first = errors[0].text if errors else None
        super().__init__(hint=first)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment made. `status`: `active`, or `waiting` for a second person."""

    id: UUID
    status: str
    versions: tuple[VersionRow, ...]
    findings: tuple[Finding, ...]


def check(tx: Tx, sources: Mapping[str, str]) -> tuple[Finding, ...]:
    """What reading, compiling and the gate say about these files; nothing is stored."""
    return examine(tx, sources).findings


def examine(tx: Tx, sources: Mapping[str, str]) -> Examined:
    """The same, with the fixes the doctor offers for each model."""
    return examined(tx, sources, live_imports(tx, sources))


def deploy(
    tx: Tx,
    sources: Mapping[str, str],
    name: str = "",
    tag: str | None = None,
    *,
    newest: Mapping[str, int] | None = None,
) -> Deployment:
    """Store the files and make the next version of every executable process in them.

    Models are stored as the doctor rewrote them, with its log among the findings, and with a copy of each live model
    that a decision file imports and `sources` do not hold. `newest`: the newest versions the
    deployer knows by process key; a Conflict says that somebody else deployed meanwhile.
    A process marked as money waits until a second person approves. Raises: Forbidden; DeployRefused; UserError when
    there is no process or decision inside.
    """
    _require_right(tx)
    imports = live_imports(tx, sources)
    findings = examined(tx, sources, imports).findings
    if has_errors(findings):
        raise DeployRefused(findings)
    sources = treated(sources)
    found = executable(sources)
    if not found and not any(kind_of(one) == "dmn" for one in sources):
        raise UserError("nothing_to_deploy", Text("文件中没有可执行的流程或决策", "No executable process or decision"))
    is_money = any(process.extension is not None and process.extension.money for _, process in found)
    for key, number in (newest or {}).items():
        activating.require_newest(tx, key, number)
    deployment_id = new_id()
    _store(tx, deployment_id, name or ", ".join(sorted(sources)), tag, is_money, findings)
    _store_files(tx, deployment_id, [(file, kind_of(file), content) for file, content in sources.items()])
    _store_files(tx, deployment_id, [(namespace, KIND, content) for namespace, content in imports.items()])
    for resource, process in found:
        activating.add_version(tx, deployment_id, resource, process, _digest(sources[resource]), tag)
    activating.add_decisions(tx, deployment_id, sources, tag)
    if not is_money or tx.actor.kind == "system":
        activating.activate(tx, deployment_id)
    status = "waiting" if is_money and tx.actor.kind != "system" else "active"
    data = {"name": name, "files": sorted(sources), "status": status, "tag": tag}
    tx.record(Event("process:deployed", ("deployment", deployment_id), data=data))
    return Deployment(deployment_id, status, versions_of(tx, deployment_id), findings)


def approve(tx: Tx, deployment_id: UUID) -> None:
    """The second person lets a money process go live. Raises: Forbidden for the deployer himself; Conflict."""
    _require_right(tx)
    deployed_by = _waiting(tx, deployment_id)
    people = runtime_of(tx).directory(tx)
    if people.person(deployed_by) == people.person(tx.actor.id):
        raise Forbidden("same_person", Text("须由另一人批准部署", "Another person has to approve the deployment"))
    _decide(tx, deployment_id, "active")
    activating.activate(tx, deployment_id)
    tx.record(Event("process:deployment_approved", ("deployment", deployment_id)))


def refuse(tx: Tx, deployment_id: UUID) -> None:
    """The second person says no; the version stays unused. Raises: Conflict."""
    _require_right(tx)
    _waiting(tx, deployment_id)
    _decide(tx, deployment_id, "refused")
    tx.record(Event("process:deployment_refused", ("deployment", deployment_id)))


def executable(sources: Mapping[str, str]) -> list[tuple[str, Process]]:
    """(file, process) of every executable process; a file with a single process need not mark it."""
    found: list[tuple[str, Process]] = []
    for name in sorted(sources):
        if kind_of(name) != "bpmn":
            continue
        processes = [p for p in compiler.load(sources[name]).model.processes if not p.global_task]
        marked = [p for p in processes if p.executable]
        found += [(name, process) for process in (marked or processes[:1])]
    return found


def kind_of(name: str) -> str:
    """`bpmn`, `dmn` or `form`, by the file's ending. Raises: UserError."""
    for ending, kind in KINDS.items():
        if name.lower().endswith(ending):
            return kind
    raise UserError("unknown_file", Text(f"不支持的文件类型：{name}", f"Unknown kind of file: {name}"))


def _store(tx: Tx, deployment_id: UUID, name: str, tag: str | None, money: bool, findings: Any) -> None:
    sql = """insert into deployment (id, name, tag, status, money, findings, deployed_by, deployed_by_name, deployed_at)
 values (%(id)s, %(name)s, %(tag)s, 'waiting', %(money)s, %(findings)s::jsonb, %(by)s, %(by_name)s, %(now)s)"""
    told = [
        {"element": f.element_id, "rule": f.rule, "severity": f.severity, "zh": f.text.zh, "en": f.text.en}
        for f in findings
    ]
    parameters = {
        "id": deployment_id, "name": name[:300], "tag": tag, "money": money, "findings": dumps(told),
        "by": tx.actor.id, "by_name": tx.actor.name, "now": tx.now,
    }  # fmt: skip
    tx.connection.exec_driver_sql(sql, parameters)


def _store_files(tx: Tx, deployment_id: UUID, files: Sequence[tuple[str, str, str]]) -> None:
    """files: (name, kind, content)."""
    each = """insert into deployment_resource (deployment_id, name, kind, content, hash)
 values (%(id)s, %(name)s, %(kind)s, %(content)s, %(hash)s)"""
    for name, kind, content in files:
        row = {"id": deployment_id, "name": name, "kind": kind, "content": content, "hash": _digest(content)}
        tx.connection.exec_driver_sql(each, row)


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _waiting(tx: Tx, deployment_id: UUID) -> str:
    sql = "select deployed_by, status from deployment where id = %(id)s for update"
    row = tx.connection.exec_driver_sql(sql, {"id": deployment_id}).one_or_none()
    if row is None:
        raise NotFound("deployment_not_found", Text("未找到该部署", "There is no such deployment"))
    if row[1] != "waiting":
        raise Conflict("deployment_decided", Text("该部署已处理", "The deployment was decided already"))
    return str(row[0])


def _decide(tx: Tx, deployment_id: UUID, status: str) -> None:
    sql = """update deployment set status = %(status)s, approved_by = %(by)s, approved_by_name = %(name)s,
 approved_at = %(now)s where id = %(id)s"""
    parameters = {"id": deployment_id, "status": status, "by": tx.actor.id, "name": tx.actor.name, "now": tx.now}
    tx.connection.exec_driver_sql(sql, parameters)


def _require_right(tx: Tx) -> None:
    if not holds_everywhere(tx, DEPLOY):
        raise Forbidden("no_deploy_right", Text("您没有部署流程的权限", "You may not deploy processes"))
