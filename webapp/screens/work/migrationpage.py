"""Moving running cases to another version: the plan over all of them, what needs a choice, what was moved before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow import bulk, deployments, instances
from engine.workflow.deployments import VersionRow
from engine.workflow.instances import Batch, MigrationPlan
from engine.workflow.instances.migrating import Obstacle
from engine.workflow.programs import Loaded
from webapp import formats
from webapp.i18n import translated
from webapp.modelwords import load, named, titled

_SHOWN = 50
_PREFIX = "map-"


@dataclass(frozen=True)
class Row:
    """A step without a counterpart. ``count``: cases that stand there; ``choices``: (node, name) that could take its
    place, none when nothing fits."""

    node_id: str
    name: str
    count: int
    choices: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True)
class Plan:
    """How the cases fare with the choices made so far. ``stuck``: (title, address, step) of cases that can't go."""

    total: int
    ready: int
    choose: int
    impossible: int
    rows: tuple[Row, ...]
    stuck: tuple[tuple[str, str, str], ...]
    old_diagram: str
    new_diagram: str


@dataclass(frozen=True)
class Page:
    """``old``, ``new``: the versions chosen; ``olds``: those with running cases; ``news``: those cases can go to."""

    key: str
    name: str
    olds: tuple[VersionRow, ...]
    news: tuple[VersionRow, ...]
    old: VersionRow | None
    new: VersionRow | None
    plan: Plan | None
    batches: tuple[Batch, ...]
    people: Mapping[str, str]


def read(tx: Tx, key: str, given: Mapping[str, str]) -> Page:
    """The page of a process, with a plan once both versions are chosen. Raises: NotFound; Forbidden."""
    versions = deployments.versions(tx, key)
    if not versions:
        raise NotFound
    made = instances.batches(tx, key)
    olds = tuple(one for one in versions if one.running)
    news = tuple(one for one in versions if one.status == "active")
    old, new = _number(versions, given.get("from")), _number(news, given.get("to"))
    if old is None and new is None and news:
        new = news[0]
        old = next((one for one in olds if one.number != new.number), None)
    is_pair = old is not None and new is not None and old.number != new.number
    return Page(
        key=key,
        name=named(versions[0].name) or key,
        olds=olds,
        news=news,
        old=old,
        new=new,
        plan=_plan(tx, key, old, new, given) if is_pair and old and new else None,
        batches=made,
        people=_people(tx, made),
    )


def start(tx: Tx, key: str, given: Mapping[str, str]) -> UUID:
    """Puts the migration of all that can go with these choices to work; the job's id. Raises: UserError."""
    page = read(tx, key, given)
    if page.plan is None or page.old is None or page.new is None:
        raise UserError("no_versions", Text("请选择两个不同的版本", "Choose two different versions"))
    mapping = chosen(given)
    found = instances.plan_migration(tx, page.old.id, page.new.id, mapping)
    if not found.ready:
        raise UserError("none_ready", Text("没有可以迁移的流程", "No case can be migrated"))
    return bulk.migrate(tx, [bulk.Move(page.old.id, page.new.id, found.ready[: bulk.LIMIT], mapping)])


def batch(tx: Tx, key: str, batch_id: UUID) -> Batch:
    """One migration made before. Raises: NotFound."""
    found = instances.batches(tx, key, batch_id)
    if not found:
        raise NotFound
    return found[0]


def undo(tx: Tx, key: str, batch_id: UUID) -> UUID:
    """Brings back what has not moved since, in the background; the job's id. Raises: UserError when nothing can."""
    found = batch(tx, key, batch_id)
    if not found.undoable:
        raise UserError("nothing_to_undo", Text("这一批已经没有可以撤销的", "Nothing of this migration can be undone"))
    return bulk.enqueue(tx, "undo_migration", found.undoable, {"batch_id": str(batch_id)})


def chosen(given: Mapping[str, str]) -> dict[str, str]:
    """The choices made: node of the old version to node of the new one."""
    return {name.removeprefix(_PREFIX): value for name, value in given.items() if name.startswith(_PREFIX) and value}


def _number(versions: Iterable[VersionRow], asked: str | None) -> VersionRow | None:
    return next((one for one in versions if str(one.number) == asked), None)


def _plan(tx: Tx, key: str, old: VersionRow, new: VersionRow, given: Mapping[str, str]) -> Plan:
    bare = instances.plan_migration(tx, old.id, new.id)
    rows = _rows(tx, bare, old, new, given)
    mapping = {row.node_id: row.chosen for row in rows if row.chosen}
    found = instances.plan_migration(tx, old.id, new.id, mapping) if mapping else bare
    names = load(tx, old.id)
    return Plan(
        total=found.total,
        ready=len(found.ready),
        choose=len(found.choose),
        impossible=len(found.impossible),
        rows=rows,
        stuck=tuple(_stuck(names, one) for one in found.impossible[:_SHOWN]),
        old_diagram=url_for("processes.diagram", key=key, number=old.number),
        new_diagram=url_for("processes.diagram", key=key, number=new.number),
    )


def _rows(tx: Tx, bare: MigrationPlan, old: VersionRow, new: VersionRow, given: Mapping[str, str]) -> tuple[Row, ...]:
    """One row a step that lacks a counterpart, the most frequent first; a step of the same name is proposed."""
    found = (*bare.choose, *bare.impossible)
    counts = Counter(node for one in found for node in (one.node_id, *one.more))
    choices = instances.counterparts(tx, old.id, new.id, counts)
    before, after = load(tx, old.id), load(tx, new.id)
    return tuple(_row(before, after, node, count, choices[node], given) for node, count in counts.most_common())


def _row(before: Loaded, after: Loaded, node: str, count: int, choices: Sequence[str], given: Mapping[str, str]) -> Row:
    name = _name(before, node)
    proposed = [one for one in choices if _name(after, one) == name]
    asked = given.get(_PREFIX + node)
    picked = asked if asked is not None else proposed[0] if len(proposed) == 1 else ""
    options = tuple((one, _name(after, one)) for one in choices)
    return Row(node, name, count, options, picked if picked in choices else "")


def _stuck(names: Loaded, one: Obstacle) -> tuple[str, str, str]:
    first = formats.beside(_name(names, one.node_id), translated(one.why))
    steps = formats.listed((first, *(_name(names, node) for node in one.more)))
    return titled(one.title), url_for("instances.show", instance_id=one.instance_id), steps


def _name(loaded: Loaded, node_id: str) -> str:
    node = loaded.node(node_id)
    return (node.name or node_id) if node else node_id


def _people(tx: Tx, made: Iterable[Batch]) -> dict[str, str]:
    ids = frozenset(UUID(one.by) for one in made)
    return {str(key): name for key, name in directory.user_names(tx, ids).items()} if ids else {}
