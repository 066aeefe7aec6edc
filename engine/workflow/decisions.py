"""Which decision is in force: deployed with the version, the latest, or the one with a tag; asked in FEEL's terms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from engine.feel import FeelEnv
from engine.kernel.uow import Tx
from engine.workflow.dmn.loading import load_decisions
from engine.workflow.dmn.model import DecisionModel, DecisionResult, DmnError
from engine.workflow.interpreter.run import Trouble
from engine.workflow.interpreter.values import Values
from engine.workflow.runtime import runtime_of

if TYPE_CHECKING:
    from engine.workflow.interpreter.env import Decide

_FIND = """select r.content from decision_version v join deployment d on d.id = v.deployment_id
 join deployment_resource r on r.deployment_id = v.deployment_id and r.name = v.resource
 where v.decision_id = %(ref)s and (d.status = 'active' or v.deployment_id = %(deployment)s)
 and (%(tag)s::text is null or v.tag = %(tag)s)
 order by (v.deployment_id = %(deployment)s and %(own)s) desc, v.number desc limit 1"""


@lru_cache(maxsize=256)
def compiled(content: str) -> DecisionModel:
    """A decision file, compiled once per process. Raises: DmnError."""
    return load_decisions(content.encode())


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
        content = None if binding.startswith("tag:") else _of_branch(own, ref)
        content = content or _content(tx, deployment_id, ref, binding)
        if content is None:
            raise Trouble("decision.missing", f"没有已部署的决策“{ref}”", f"There is no deployed decision {ref!r}")
        zone = runtime_of(tx).calendar(tx, branch_id).zone
        try:
            return compiled(content).evaluate(ref, dict(context), FeelEnv(now=tx.now, zone=zone))
        except DmnError as error:
            raise Trouble("decision.failed", error.message.zh, error.message.en) from error

    return decide


def _of_branch(files: Mapping[str, str], ref: str) -> str | None:
    return next((content for content in files.values() if ref in compiled(content).decisions), None)


def _content(tx: Tx, deployment_id: UUID, ref: str, binding: str) -> str | None:
    parameters = {
        "ref": ref,
        "deployment": deployment_id,
        "own": binding in ("", "deployment"),
        "tag": binding.removeprefix("tag:") if binding.startswith("tag:") else None,
    }
    found = tx.connection.exec_driver_sql(_FIND, parameters).scalar()
    return None if found is None else str(found)
