"""Which decision is in force: deployed with the version, the latest, or the one with a tag; asked in FEEL's terms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from engine.feel import FeelEnv
from engine.kernel.uow import Tx
from engine.workflow.dmn.linking import links_of, load_file, needed
from engine.workflow.dmn.loading import load_decisions
from engine.workflow.dmn.model import DecisionModel, DecisionResult, DmnError
from engine.workflow.interpreter.run import Trouble
from engine.workflow.interpreter.values import Values
from engine.workflow.runtime import runtime_of

if TYPE_CHECKING:
    from engine.workflow.interpreter.env import Decide

_FIND = """select r.name, r.content, r.deployment_id from decision_version v join deployment d on d.id = v.deployment_id
 join deployment_resource r on r.deployment_id = v.deployment_id and r.name = v.resource
 where v.decision_id = %(ref)s and (d.status = 'active' or v.deployment_id = %(deployment)s)
 and (%(tag)s::text is null or v.tag = %(tag)s)
 order by (v.deployment_id = %(deployment)s and %(own)s) desc, v.number desc limit 1"""


_FILES = """select name, content from deployment_resource
 where deployment_id = %(id)s and kind in ('dmn', 'import') order by name"""


@lru_cache(maxsize=256)
def compiled(content: str) -> DecisionModel:
    """A decision file alone, compiled once per process. Raises: DmnError."""
    return load_decisions(content.encode())


def linked(name: str, files: Mapping[str, str]) -> DecisionModel:
    """The file ``name`` with what it imports of ``files``, compiled once per process. Raises: DmnError."""
    if not links_of(files[name]).imports:
        return compiled(files[name])
    return _linked(name, tuple(needed(name, files).items()))


@lru_cache(maxsize=256)
def _linked(name: str, files: tuple[tuple[str, str], ...]) -> DecisionModel:
    return load_file(name, dict(files))


def decision_files_of(tx: Tx, deployment_id: UUID) -> dict[str, str]:
    """The decision files of a deployment with the models they import, by name or namespace."""
    return {str(row[0]): str(row[1]) for row in tx.connection.exec_driver_sql(_FILES, {"id": deployment_id})}


def decision_names(content: str) -> tuple[tuple[str, str], ...]:
    """(id, name) of the decisions in a file. Raises: DmnError."""
    return tuple((key, one.name or key) for key, one in compiled(content).decisions.items())


def decider(
    tx: Tx, deployment_id: UUID, branch_id: UUID | None = None, *, files: Mapping[str, str] | None = None
) -> Decide:
    """How a step of an instance asks decisions: `decide(ref, binding, context)`; Trouble becomes an incident.

    files: decision tables of the branch's overlay; they win, but for a decision bound to a tag.
    """
    own = {name: text for name, text in (files or {}).items() if name.endswith(".dmn")}

    def decide(ref: str, binding: str, context: Values) -> DecisionResult:
        model = None if binding.startswith("tag:") else _of_branch(tx, deployment_id, own, ref)
        model = model or _deployed(tx, deployment_id, own, ref, binding)
        if model is None:
            raise Trouble("decision.missing", f"没有已部署的决策“{ref}”", f"There is no deployed decision {ref!r}")
        zone = runtime_of(tx).calendar(tx, branch_id).zone
        try:
            return model.evaluate(ref, dict(context), FeelEnv(now=tx.now, zone=zone))
        except DmnError as error:
            raise Trouble("decision.failed", error.message.zh, error.message.en) from error

    return decide


def _of_branch(tx: Tx, deployment_id: UUID, own: Mapping[str, str], ref: str) -> DecisionModel | None:
    for name, content in own.items():
        if ref in compiled(content).decisions:
            imports = links_of(content).imports
            return linked(name, {**decision_files_of(tx, deployment_id), **own} if imports else own)
    return None


def _deployed(tx: Tx, deployment_id: UUID, own: Mapping[str, str], ref: str, binding: str) -> DecisionModel | None:
    """The decision as deployed; what it imports is that of its own deployment, or what the branch has instead."""
    parameters = {
        "ref": ref,
        "deployment": deployment_id,
        "own": binding in ("", "deployment"),
        "tag": binding.removeprefix("tag:") if binding.startswith("tag:") else None,
    }
    found = tx.connection.exec_driver_sql(_FIND, parameters).one_or_none()
    if found is None:
        return None
    if not links_of(found.content).imports:
        return compiled(found.content)
    files = decision_files_of(tx, found.deployment_id)
    return linked(found.name, {**files, **own} if found.deployment_id == deployment_id else files)
