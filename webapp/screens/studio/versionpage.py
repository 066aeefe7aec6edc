"""One version of a process: its picture, what the check says of it, and how it differs from another version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.workflow import deployments
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Node
from engine.workflow.deployments import Sources, VersionRow
from processes.registry import Registry
from webapp.modelwords import load
from webapp.screens.studio import comparison
from webapp.screens.studio.changes import Change


@dataclass(frozen=True)
class Remark:
    """A finding with the name of its element. ``node``: marked on the picture, empty when it is of no single one."""

    kind: str
    finding: Finding
    node: str
    where: str


@dataclass(frozen=True)
class Page:
    """``other``: the version compared with, none when there is only this one; ``others``: those that could be.

    ``changes``: what the newer of the two changed of the older one; ``main``: the file of the picture.
    """

    version: VersionRow
    diagram: str
    remarks: tuple[Remark, ...]
    other: VersionRow | None
    others: tuple[VersionRow, ...]
    other_diagram: str
    changes: tuple[Change, ...]
    main: str

    @property
    def is_newer(self) -> bool:
        """Whether this version came after the one it is compared with."""
        return self.other is not None and self.other.number < self.version.number


def read(tx: Tx, registry: Registry, key: str, number: int, against: int | None, locale: str) -> Page:
    """The page; compared with the version before unless another is asked for. Raises: NotFound."""
    versions = deployments.versions(tx, key)
    version = next((row for row in versions if row.number == number), None)
    if version is None:
        raise NotFound
    sources = deployments.sources(tx, key, number)
    others = tuple(row for row in versions if row.number != number)
    other = _other(others, number, against)
    pair = sorted((number, other.number)) if other else []
    return Page(
        version=version,
        diagram=url_for("processes.diagram", key=key, number=number),
        remarks=_remarks(tx, version, sources),
        other=other,
        others=others,
        other_diagram=url_for("processes.diagram", key=key, number=other.number) if other else "",
        changes=comparison.between(tx, registry, key, pair[0], pair[1], locale) if pair else (),
        main=sources.main,
    )


def _other(others: Sequence[VersionRow], number: int, against: int | None) -> VersionRow | None:
    asked = next((row for row in others if row.number == against), None)
    return asked or next((row for row in others if row.number < number and row.status != "refused"), None)


def _remarks(tx: Tx, version: VersionRow, sources: Sources) -> tuple[Remark, ...]:
    """What the check says today, errors first; it may be more than on the day of the deployment."""
    nodes = load(tx, version.id).process.nodes
    found = sorted(deployments.check(tx, sources.files), key=lambda one: one.severity != "error")
    return tuple(_remark(one, nodes) for one in found)


def _remark(finding: Finding, nodes: Mapping[str, Node]) -> Remark:
    node = None if finding.file else nodes.get(finding.element_id)
    where = (node.name or node.id) if node else finding.file
    return Remark("error" if finding.severity == "error" else "warning", finding, node.id if node else "", where)
