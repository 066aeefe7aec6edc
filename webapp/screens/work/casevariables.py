"""The data of a case for who may correct it: every variable with its words, how it is typed in, earlier corrections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from engine.feel.values import kind as kind_of
from engine.feel.values import to_json
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history_search import HistoryQuery
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import rights
from engine.workflow import instances
from engine.workflow.instances import InstanceView
from webapp.i18n import translated
from webapp.modelwords import load
from webapp.screens.audit import trail_export, trailpage
from webapp.screens.work import instancepage
from webapp.screens.work.casewords import Word
from webapp.screens.work.typedvalue import typed

_INPUTS = {
    "money": "number", "hours": "number", "number": "number", "boolean": "boolean", "date": "date",
    "list": "lines", "context": "lines",
}  # fmt: skip
_ACTION = "instance:variables_set"


@dataclass(frozen=True)
class Row:
    """One variable. ``is_inner``: only the machinery uses it."""

    name: str
    label: str
    text: str
    url: str
    is_inner: bool


@dataclass(frozen=True)
class Rows:
    """The page's model. ``changes``: earlier corrections, newest first, for those who may read the trail."""

    title: str
    case_url: str
    rows: tuple[Row, ...]
    changes: tuple[trailpage.Line, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Editing:
    """One variable in its dialog. ``input``: number, boolean, date, choice, lines or text; ``options``: of a choice."""

    label: str
    name: str
    input: str
    value: str
    now: str
    options: tuple[tuple[str, str], ...]
    back_url: str


def read(tx: Tx, instance_id: UUID) -> Rows:
    """All variables the actor may change. Raises: NotFound; Conflict when there is nothing to change any more."""
    view = _view(tx, instance_id)
    words, reader = instancepage.reader_of(tx, view)
    order = {name: place for place, name in enumerate(words)}
    names = sorted(view.variables, key=lambda one: (order.get(one, len(order)), one))
    rows = tuple(_row(view, name, words.get(name), reader.shown(name, view.variables[name])) for name in names)
    changes = _changes(tx, instance_id)
    return Rows(
        title=view.title,
        case_url=url_for("instances.show", instance_id=instance_id),
        rows=tuple(sorted(rows, key=lambda one: one.is_inner)),
        changes=changes,
        labels={name: _label(words.get(name), name) for name in _named(changes)},
    )


def edit(tx: Tx, instance_id: UUID, name: str) -> Editing:
    """One variable to correct. Raises: NotFound."""
    view = _view(tx, instance_id)
    if name not in view.variables:
        raise NotFound
    words, reader = instancepage.reader_of(tx, view)
    word, value = words.get(name), view.variables[name]
    options = tuple((key, translated(label)) for key, label in word.options.items()) if word else ()
    kind = "choice" if options and not isinstance(value, list) else _input(word, value)
    return Editing(
        label=_label(word, name),
        name=name,
        input=kind,
        value=_typed_out(value),
        now=reader.shown(name, value),
        options=options,
        back_url=url_for("instances.variables", instance_id=instance_id),
    )


def change(tx: Tx, instance_id: UUID, name: str, given: Mapping[str, str]) -> None:
    """The new value, of the type the variable has. Raises: UserError that says what was expected."""
    view = _view(tx, instance_id)
    if name not in view.variables:
        raise NotFound
    extension = load(tx, view.version_id).process.extension
    declared = next((one.type for one in (extension.variables if extension else ()) if one.name == name), "")
    value = typed(given.get("value", "").strip(), declared, view.variables[name])
    instances.set_variables(tx, instance_id, {name: value}, given.get("reason", "").strip())


def _view(tx: Tx, instance_id: UUID) -> InstanceView:
    view = instances.get(tx, instance_id)
    if "variables" not in view.operations:
        text = Text("现在不能修改这个流程的资料", "The data of this case can't be changed now")
        raise Conflict("not_operable", text)
    return view


def _row(view: InstanceView, name: str, word: Word | None, text: str) -> Row:
    url = url_for("instances.variable", instance_id=view.id, name=name)
    return Row(name, _label(word, name), text, url, word is None or not word.is_open)


def _label(word: Word | None, name: str) -> str:
    return translated(word.label) if word else name


def _input(word: Word | None, value: Any) -> str:
    declared = _INPUTS.get(word.kind) if word else None
    return declared or _INPUTS.get(kind_of(value), "text")


def _typed_out(value: Any) -> str:
    """The value as it would be typed in."""
    if value is None:
        return ""
    plain = to_json(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return json.dumps(plain, ensure_ascii=False, indent=2) if isinstance(plain, dict | list) else str(plain)


def _changes(tx: Tx, instance_id: UUID) -> tuple[trailpage.Line, ...]:
    if not rights.has_right(tx, "view_history"):
        return ()
    asked = HistoryQuery(subject=("instance", str(instance_id)), action=_ACTION)
    return trailpage.lines(tx, trail_export.found(tx, asked).items)


def _named(changes: tuple[trailpage.Line, ...]) -> set[str]:
    return {change.label for line in changes for change in line.entry.changes}
