"""A case as its page shows it: where it stands and who has it, what follows, its data, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import catalog, records, snapshot
from engine.workflow import instances
from engine.workflow.instances import InstanceQuery, InstanceView
from engine.workflow.runner.stranded import KIND as STRANDED
from webapp.i18n import translated
from webapp.links import link
from webapp.modelwords import load, named, titled
from webapp.request import platform
from webapp.screens.records import recordpage
from webapp.screens.states import instance_state
from webapp.screens.work import casechoices, caseoperations, casewords
from webapp.screens.work.casefacts import Facts, Reader
from webapp.screens.work.casemessages import Message, messages
from webapp.screens.work.casenow import Standing, standing
from webapp.screens.work.casestory import Event, story
from webapp.screens.work.taskpage import process_name

_TRAIL = 300


@dataclass(frozen=True)
class CaseLink:
    """Another case this one belongs to, or called."""

    title: str
    process: str
    state: str
    tone: str
    url: str


@dataclass(frozen=True)
class Incident:
    """A failure that waits for a person. ``ways``: (url, label, icon, opens a dialog) to settle it."""

    step: str
    text: str
    at: datetime
    place: int | None
    ways: tuple[tuple[str, str, str, bool], ...]


@dataclass(frozen=True)
class Case:
    """The page's model. ``incidents``: still open; ``operations``: (url, label, icon, danger, own page).

    ``story_url``: of what came after it, in a long case. ``record_facts``: of the record, once the case is over and
    keeps no data of its own.
    """

    id: UUID
    title: str
    process: str
    state: tuple[str, str]
    branch: str
    starter: str
    started_at: datetime
    ended_at: datetime | None
    record_url: str
    record_label: str
    studio_url: str
    parent: CaseLink | None
    children: tuple[CaseLink, ...]
    standing: tuple[Standing, ...]
    stages: tuple[casechoices.Stage, ...]
    incidents: tuple[Incident, ...]
    facts: Facts
    record_facts: tuple[recordpage.Facts, ...]
    story: tuple[Event, ...]
    story_url: str
    messages: tuple[Message, ...]
    operations: tuple[tuple[str, str, str, str, bool], ...]


def read(tx: Tx, instance_id: UUID, after: UUID | None = None) -> Case:
    """The case for the acting one; its story behind the entry ``after``. Raises: NotFound."""
    view = instances.get(tx, instance_id)
    process = load(tx, view.version_id).process
    definition = catalog.load(tx).definitions.get(view.record[0]) if view.record else None
    trail = instances.history(tx, instance_id, limit=_TRAIL, after=after)
    facts = _facts(tx, view)
    parent = _links(tx, (view.parent_id,)) if view.parent_id else ()
    return Case(
        id=view.id,
        title=titled(view.title),
        process=f"{named(view.process_name)} v{view.version}",
        state=instance_state(view.status, suspended=view.suspended),
        branch=snapshot.load(tx).branches[view.branch_id].name if view.branch_id else "",
        starter="" if view.starter.startswith("process:") else view.starter_name,
        started_at=view.started_at,
        ended_at=view.ended_at,
        record_url=_record_url(view),
        record_label=translated(definition.label) if definition else "",
        studio_url=link("studio.edit", key=view.process_key),
        parent=parent[0] if parent else None,
        children=_links(tx, view.children),
        standing=standing(tx, view, process),
        stages=casechoices.stages(tx, instance_id),
        incidents=_incidents(view),
        facts=facts,
        record_facts=() if facts.plain else _record_facts(tx, view),
        story=story(tx, process, view.tasks, trail),
        story_url=_more(instance_id, trail),
        messages=messages(tx, view, process),
        operations=caseoperations.offered(view),
    )


def _more(instance_id: UUID, trail: Sequence[Mapping[str, Any]]) -> str:
    """Where the story goes on, when it is too long for one page."""
    is_cut = len(trail) == _TRAIL
    return url_for("instances.show", instance_id=instance_id, after=trail[-1]["id"], _anchor="story") if is_cut else ""


def _record_url(view: InstanceView) -> str:
    return url_for("records.show", object_key=view.record[0], record_id=view.record[1]) if view.record else ""


def _record_facts(tx: Tx, view: InstanceView) -> tuple[recordpage.Facts, ...]:
    if view.record is None:
        return ()
    try:
        record = records.get(tx, *view.record)
    except NotFound:
        return ()
    filled = (
        recordpage.Facts(part.title, tuple(one for one in part.facts if one.text or one.tones or one.links))
        for part in recordpage.sections(record.definition, record)[:2]
    )
    return tuple(part for part in filled if part.facts)


def _incidents(view: InstanceView) -> tuple[Incident, ...]:
    names = {token.node_id: caseoperations.step_name(token) for token in view.tokens}
    return tuple(
        Incident(
            names.get(one.node_id) or named(one.name) or one.node_id,
            translated(one.message),
            one.created_at,
            one.activation,
            caseoperations.ways_past(view, one.node_id)
            if one.kind == STRANDED
            else caseoperations.ways_out(view, one.activation),
        )
        for one in view.incidents
        if one.resolved_at is None
    )


def _links(tx: Tx, ids: tuple[UUID, ...]) -> tuple[CaseLink, ...]:
    """Cases by id, as far as the actor may see them; oldest first."""
    if not ids:
        return ()
    found = instances.search(tx, InstanceQuery(ids=ids, limit=len(ids))).items
    return tuple(_case_link(tx, row) for row in reversed(found))


def _case_link(tx: Tx, row: Any) -> CaseLink:
    label, tone = instance_state("incident" if row.open_incidents else row.status, suspended=row.suspended)
    process = process_name(tx, row.process_key)
    return CaseLink(titled(row.title) or process, process, label, tone, url_for("instances.show", instance_id=row.id))


def reader_of(tx: Tx, view: InstanceView) -> tuple[dict[str, casewords.Word], Reader]:
    """What the case's variables are called and how they read."""
    process = load(tx, view.version_id).process
    folder = platform().processes.process(view.process_key)
    forms = [form for key, form in sorted(folder.forms.items())] if folder else []
    definition = catalog.load(tx).definitions.get(view.record[0]) if view.record else None
    words = casewords.words_of(process, forms, definition, folder.dmn.values() if folder else ())
    return words, Reader(tx, words, casewords.option_words(definition))


def _facts(tx: Tx, view: InstanceView) -> Facts:
    nodes = load(tx, view.version_id).process.nodes.values()
    return reader_of(tx, view)[1].facts(view.variables, frozenset(node.id for node in nodes if node.task is not None))
