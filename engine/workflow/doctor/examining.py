"""The examination: rewrites first, then what is still to do, then what can be offered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.workflow import gate
from engine.workflow.bpmn import compiler, xml
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.labels import Labels
from engine.workflow.doctor import (
    boxed_texts,
    connectors,
    counters,
    drools,
    event_names,
    extensions,
    forms,
    gateways,
    identities,
    kindred,
    listeners,
    office_tasks,
    offices,
    parameters,
    people,
    places,
    pools,
    references,
    registry,
    settings,
    spiff,
    texts,
    todos,
)
from engine.workflow.doctor.document import Document
from engine.workflow.doctor.examination import Examination, Fix

_ALONE = gate.Surroundings()
_OF_IDS = ("id.renew:", "reference.create:")
"""Fixes that speak of ids as such."""
_SAID_BETTER = {"doctor.expression_unknown": "expression.invalid", "doctor.people_list": "work.multi_missing"}
_TREATMENTS = (
    identities.treat,
    pools.treat,
    counters.treat,
    kindred.treat,
    offices.treat_lists,
    parameters.treat,
    drools.treat,
    boxed_texts.treat,
    texts.treat,
    event_names.treat,
    connectors.treat,
    registry.treat,
    extensions.treat,
    people.treat,
    offices.treat_people,
    office_tasks.treat,
    forms.treat,
    listeners.treat,
    spiff.treat,
)


def treat(source: bytes | str, scripts: frozenset[str] = frozenset()) -> tuple[str, tuple[Finding, ...]]:
    """The document after the rewrites that keep its meaning, and what they were.

    `scripts`: formats of script tasks to leave as they are, for the host runs them. Raises: XmlError.
    """
    document = _document(source, scripts)
    return _text(document, source), tuple(dict.fromkeys(document.findings))


def examine(source: bytes | str, surroundings: gate.Surroundings = _ALONE) -> Examination:
    """The rewrites, everything that has to be settled before the model can run, and the fixes on offer.

    `surroundings`: what a model may name here (people, forms, handlers …). Raises: XmlError.
    """
    document = _document(source)
    text = _text(document, source)
    library, told = _told(text, surroundings)
    _offer(document, told)
    labels = Labels(library.model.processes)
    found = labels.findings(merged(document.findings, told))
    return Examination(text, tuple(found), tuple(_spoken(fix, labels) for fix, _ in document.offers.values()))


def _spoken(fix: Fix, labels: Labels) -> Fix:
    return fix if fix.id.startswith(_OF_IDS) else replace(fix, text=labels.told(fix.text))


def merged(log: Sequence[Finding], told: Sequence[Finding]) -> tuple[Finding, ...]:
    """The doctor's log and what reader, compiler and gate say, once each.

    What the doctor says better goes without saying: that FEEL can't parse an expression of another language, that a
    list is missing which he names.
    """
    said = {(_SAID_BETTER[one.rule], one.element_id) for one in log if one.rule in _SAID_BETTER}
    rest = (one for one in told if (one.rule, one.element_id) not in said)
    return tuple(dict.fromkeys((*log, *rest)))


def apply(source: bytes | str, fix_ids: Collection[str], surroundings: gate.Surroundings = _ALONE) -> str:
    """The document after the rewrites and these fixes. Raises: XmlError; NotFound for a fix that is not on offer."""
    document = _document(source)
    _offer(document, _told(_text(document, source), surroundings)[1])
    for identity in fix_ids:
        if identity not in document.offers:
            raise NotFound("doctor.no_fix", Text(f"没有可用的修复“{identity}”", f"There is no fix {identity!r}"))
    for identity, (_, change) in document.offers.items():
        if identity in fix_ids:
            change()
    return document.text()


def _told(text: str, surroundings: gate.Surroundings) -> tuple[compiler.Library, tuple[Finding, ...]]:
    """The document as compiled, and what reader, compiler and gate say of it."""
    library = compiler.load(text)
    return library, (*library.findings, *gate.check(library, surroundings))


def _document(source: bytes | str, scripts: frozenset[str] = frozenset()) -> Document:
    document = Document(xml.parse(source), scripts)
    if xml.is_bpmn(document.root, "definitions"):
        for treatment in _TREATMENTS:
            treatment(document)
    return document


def _text(document: Document, source: bytes | str) -> str:
    if document.is_changed:
        return document.text()
    return xml.decoded(source) if isinstance(source, bytes) else source


def _offer(document: Document, findings: tuple[Finding, ...]) -> None:
    told = merged(document.findings, findings)
    gateways.offer(document, told)
    references.offer(document, told)
    places.offer(document, told)
    settings.offer(document, told)
    todos.offer(document, told)
    forms.offer(document)
    listeners.offer(document)
