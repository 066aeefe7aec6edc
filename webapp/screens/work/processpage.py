"""A process as its page shows it: where the cases of a version stand, how long its steps take, what is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.uow import Tx
from engine.metadata.rights import has_right
from engine.workflow import deployments, instances
from engine.workflow.bpmn.model import Node
from engine.workflow.deployments import ProcessRow, VersionRow
from engine.workflow.instances import Place, Places
from engine.workflow.runtime import DEPLOY, OPERATE, VIEW
from webapp import formats
from webapp.i18n import gettext
from webapp.links import address
from webapp.modelwords import load

_HEATS = 3


@dataclass(frozen=True)
class Step:
    """One step with its figures. ``heat``: 0 to 3, how many of the cases stand here; ``url``: the list of these;
    ``median``, ``slow``: in how much time half and nine of ten are done, as text."""

    node: str
    name: str
    cases: int
    failed: int
    overdue: int
    due_soon: int
    since: datetime | None
    heat: int
    url: str
    done: int
    median: str
    slow: str


@dataclass(frozen=True)
class Page:
    """``version``: the one on the picture, none before the first is live. ``steps``: those with figures, in the order
    of the model; ``running``: cases they count, all of the version when ``is_whole``; ``sees``: whether the actor sees
    figures at all."""

    row: ProcessRow
    versions: tuple[VersionRow, ...]
    version: VersionRow | None
    diagram: str
    sees: bool
    running: int
    is_whole: bool
    steps: tuple[Step, ...]


def require_picture(tx: Tx) -> None:
    """Raises: Forbidden for who neither designs, operates nor looks at processes anywhere."""
    if not any(has_right(tx, right) for right in (VIEW, OPERATE, DEPLOY)):
        raise Forbidden


def read(tx: Tx, key: str, number: int | None) -> Page:
    """The page; of the live version unless another is asked for. Raises: NotFound."""
    row = next((one for one in deployments.processes(tx) if one.key == key), None)
    if row is None:
        raise NotFound
    versions = deployments.versions(tx, key)
    wanted = number or row.number
    version = next((one for one in versions if one.number == wanted), versions[0] if versions else None)
    found = _figures(tx, version)
    may_look = any(has_right(tx, right) for right in (VIEW, OPERATE, DEPLOY))
    return Page(
        row=row,
        versions=versions,
        version=version,
        diagram=url_for("processes.diagram", key=key, number=version.number) if version and may_look else "",
        sees=found is not None,
        running=found.running if found else 0,
        is_whole=found.is_whole if found else True,
        steps=tuple(_steps(tx, version, found)) if version and found else (),
    )


def _figures(tx: Tx, version: VersionRow | None) -> Places | None:
    if version is None or not any(has_right(tx, right) for right in (VIEW, OPERATE)):
        return None
    return instances.places(tx, version.id)


def _steps(tx: Tx, version: VersionRow, found: Places) -> Iterator[Step]:
    nodes = load(tx, version.id).process.nodes
    most = max((place.cases for place in found.places.values()), default=0)
    for node in nodes.values():
        place = found.places.get(node.id)
        if place is not None and (place.cases or place.done):
            yield _step(version, node, place, most)


def _step(version: VersionRow, node: Node, place: Place, most: int) -> Step:
    where = {"process": version.process_key, "version": str(version.number), "node": node.id}
    return Step(
        node=node.id,
        name=node.name or node.id,
        cases=place.cases,
        failed=place.failed,
        overdue=place.overdue,
        due_soon=place.due_soon,
        since=place.since,
        heat=-(-_HEATS * place.cases // most) if place.cases else 0,
        url=address("cases.index", where) if place.cases else "",
        done=place.done,
        median=_time(place.median_s),
        slow=_time(place.slow_s),
    )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return formats.length(timedelta(seconds=seconds)) if seconds >= 60 else gettext("不到 1 分钟")
