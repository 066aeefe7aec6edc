"""The part of the case list's filter that names a step: cases of one version that stand at one element."""

from collections.abc import Mapping
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow import deployments, instances
from engine.workflow.deployments import VersionRow
from webapp.i18n import gettext
from webapp.modelwords import load

FILTERS = ("process", "version", "node", "status", "q")
"""What the address and the form of the list carry."""


def standing(tx: Tx, given: Mapping[str, str]) -> tuple[UUID, ...] | None:
    """The cases at the step asked for; None when the process has no such step. Raises: Forbidden."""
    version = _version(tx, given)
    return instances.standing_at(tx, version.id, given["node"]) if version else None


def words(tx: Tx, given: Mapping[str, str]) -> str:
    """The step asked for, in words; empty when none is."""
    version = _version(tx, given)
    node = load(tx, version.id).node(given["node"]) if version else None
    if version is None or node is None:
        return ""
    return gettext("停在“%(step)s”（版本 %(n)s）", step=node.name or node.id, n=version.number)


def _version(tx: Tx, given: Mapping[str, str]) -> VersionRow | None:
    if not given.get("node"):
        return None
    rows = deployments.versions(tx, given.get("process", ""))
    found = next((row for row in rows if str(row.number) == given.get("version")), None)
    return found if found and load(tx, found.id).node(given["node"]) else None
