"""Lists of records, the record page, create and edit."""

from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from engine.kernel.errors import BadRequest, Conflict, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, records
from engine.metadata.definition import ObjectDefinition
from forms.render import FormModel
from webapp.given import id_of
from webapp.i18n import gettext, locale, translated
from webapp.navigation import readable_objects
from webapp.render import go, page
from webapp.request import actor, run
from webapp.screens.records import board, bulk, filters, listing, merging, recordpage, sheets, uploads, views
from webapp.screens.work import formpage

blueprint = Blueprint("records", __name__, url_prefix="/records")


@blueprint.get("")
def objects() -> Response:
    """Every kind of record the actor may read."""
    found = run(lambda tx: sorted(readable_objects(tx).values(), key=lambda one: (one.module, one.key)))
    return page("records/objects.html", objects=found)


@blueprint.get("/<object_key>")
def index(object_key: str) -> Response:
    """The list of an object, as a table or a board."""
    asked = listing.asked_for(object_key)
    found = run(lambda tx: board.read(tx, asked) if asked.board else listing.read(tx, asked))
    return page("records/list.html", list=found)


@blueprint.get("/<object_key>/filter")
def choose_filter(object_key: str) -> Response:
    """Asks for one more condition."""
    asked = listing.asked_for(object_key)
    model = run(lambda tx: views.filter_choice(tx, asked, request.args.get("field", "")))
    return page("records/filter.html", **model)


@blueprint.get("/<object_key>/add-filter")
def add_filter(object_key: str) -> Response:
    """Adds the condition to the list's address."""
    asked = listing.asked_for(object_key)
    values = [value for value in request.args.getlist("value") if value]
    operator = request.args.get("op", "=")
    if not values and operator != "empty":
        return go(asked.url())
    text = f"{request.args.get('field', '')}~{operator}~{'|'.join(values)}"
    run(lambda tx: filters.parsed(catalog.load(tx).object(object_key), text))
    return go(asked.url(filters=(*asked.filters, text)))


@blueprint.route("/<object_key>/new", methods=["GET", "POST"])
def create(object_key: str) -> Response:
    """The create form."""
    return _edit(object_key, None)


@blueprint.get("/<object_key>/<uuid:record_id>")
def show(object_key: str, record_id: UUID) -> Response:
    """The record page. Whoever comes from creating it may have lost it to a process already: then the list."""
    try:
        model = run(lambda tx: recordpage.read(tx, object_key, record_id, request.args.get("tab", "")))
    except NotFound:
        if urlsplit(request.referrer or "").path != url_for(".create", object_key=object_key):
            raise
        return go(url_for(".index", object_key=object_key), gettext("已按规则交给其他同事"), "info")
    return page("records/show.html", record=model)


@blueprint.route("/<object_key>/<uuid:record_id>/edit", methods=["GET", "POST"])
def edit(object_key: str, record_id: UUID) -> Response:
    """The edit form."""
    return _edit(object_key, record_id)


@blueprint.route("/<object_key>/<uuid:record_id>/fields/<field>", methods=["GET", "POST"])
def edit_field(object_key: str, record_id: UUID, field: str) -> Response:
    """One field in place."""
    if request.method == "GET" and request.args.get("show"):
        return page("records/fact.html", fact=run(lambda tx: _fact(tx, object_key, record_id, field)))
    try:
        return run(lambda tx: _edit_field(tx, object_key, record_id, field))
    except UserError as error:
        errors, status = formpage.refused(error), error.status
        return run(lambda tx: _ask_field(tx, (object_key, record_id, field), errors, status))


@blueprint.post("/<object_key>/<uuid:record_id>/delete")
def delete(object_key: str, record_id: UUID) -> Response:
    """To the bin; the message offers to take it back."""
    version = request.form.get("version", type=int)
    run(lambda tx: records.delete(tx, object_key, record_id, version))
    undo = url_for(".restore", object_key=object_key, record_id=record_id)
    return go(url_for(".index", object_key=object_key), {"text": gettext("已移到回收站"), "undo": undo})


@blueprint.post("/<object_key>/<uuid:record_id>/restore")
def restore(object_key: str, record_id: UUID) -> Response:
    """Back from the bin."""
    run(lambda tx: records.restore(tx, object_key, record_id))
    return go(url_for(".show", object_key=object_key, record_id=record_id), gettext("已恢复"))


@blueprint.post("/<object_key>/<uuid:record_id>/move")
def move(object_key: str, record_id: UUID) -> Response:
    """A card dragged to another column of the board."""
    value, version = request.form.get("value", ""), request.form.get("version", 0, type=int)
    record = run(lambda tx: board.move(tx, object_key, record_id, version, value))
    return jsonify(version=record.version)


@blueprint.route("/<object_key>/<uuid:record_id>/reveal/<field>", methods=["GET", "POST"])
def reveal(object_key: str, record_id: UUID, field: str) -> Response:
    """Shows a masked value, once, for a reason that goes to the history."""
    reason, value = request.form.get("reason", "").strip(), None
    if request.method == "POST":
        value = run(lambda tx: records.reveal(tx, object_key, record_id, field, reason))
    return page("records/reveal.html", value=value, reason=reason)


@blueprint.get("/<object_key>/<uuid:record_id>/explain")
def explain(object_key: str, record_id: UUID) -> Response:
    """Why one may see the record."""
    found = run(lambda tx: access.explain(tx, actor(), object_key, record_id))
    return page("records/explain.html", explanation=found)


@blueprint.post("/<object_key>/bulk")
def act_on_many(object_key: str) -> Response:
    """One action on the chosen rows."""
    ids = [id_of(value) for value in request.form.getlist("id")][:500]
    action = request.form.get("action", "")
    if not ids:
        raise BadRequest("nothing_chosen", Text("请先选择记录", "Choose some records first"))
    if action == "assign" and not request.form.get("owner"):
        return page("records/assign.html", object=object_key, ids=ids)
    outcome = run(lambda tx: bulk.act(tx, object_key, ids, action, request.form.get("owner", "")))
    return go(url_for(".index", object_key=object_key), translated(outcome))


@blueprint.route("/<object_key>/export", methods=["GET", "POST"])
def export(object_key: str) -> Response:
    """The list as a sheet, made in the background."""
    asked = listing.asked_for(object_key, request.values)
    if request.method == "GET":
        return page("records/export.html", asked=asked)
    file_format: Literal["xlsx", "csv"] = "csv" if request.form.get("format") == "csv" else "xlsx"
    job_id = run(lambda tx: sheets.start_export(tx, listing.query_of(tx, asked), file_format))
    return go(url_for("jobs.show", job_id=job_id))


def _edit(object_key: str, record_id: UUID | None) -> Response:
    if request.method == "GET" or request.form.get("_redraw"):
        return run(lambda tx: _ask(tx, object_key, record_id, {}, 200))
    try:
        known = () if record_id or request.form.get("even_if_known") else run(lambda tx: _known(tx, object_key))
        if known:
            return run(lambda tx: _ask(tx, object_key, None, {}, Conflict.status, known))
        saved = run(lambda tx: _save(tx, object_key, record_id))
    except UserError as error:
        errors, status = formpage.refused(error), error.status
        return run(lambda tx: _ask(tx, object_key, record_id, errors, status))
    return go(url_for(".show", object_key=object_key, record_id=saved), gettext("已保存"))


def _known(tx: Tx, object_key: str) -> tuple[merging.Known, ...]:
    opened, _, _ = _opened(tx, object_key, None)
    return merging.known(tx, object_key, opened.checked(opened.typed()).accepted())


def _opened(tx: Tx, object_key: str, record_id: UUID | None) -> tuple[formpage.OpenForm, dict[str, Any], int]:
    """The form, its present values and the version they have."""
    definition = catalog.load(tx).object(object_key)
    if record_id is None:
        access.require(tx, "create", object_key)
        preset = {key: value for key, value in request.args.items() if definition.field(key)}
        return formpage.record_form(tx, definition, "create"), preset, 0
    access.require(tx, "update", object_key, record_id)
    record = records.get(tx, object_key, record_id)
    return formpage.record_form(tx, definition, "edit", record), dict(record.values), record.version


def _save(tx: Tx, object_key: str, record_id: UUID | None) -> UUID:
    opened, before, _ = _opened(tx, object_key, record_id)
    definition = catalog.load(tx).object(object_key)
    values = uploads.added(definition, opened.checked(opened.submitted(tx)).accepted(), before)
    if record_id is None:
        return records.create(tx, object_key, values).id
    changes = {key: value for key, value in values.items() if value != before.get(key)}
    version = request.form.get("version", 0, type=int)
    return records.update(tx, object_key, record_id, version, changes).id


def _ask(
    tx: Tx, object_key: str, record_id: UUID | None, errors: dict[str, Text], status: int,
    known: tuple[merging.Known, ...] = (),
) -> Response:  # fmt: skip
    opened, values, version = _opened(tx, object_key, record_id)
    if request.method == "POST":
        submitted = opened.submitted(tx)
        values |= opened.checked(submitted, draft=True).values if request.form.get("_redraw") else submitted
        version = request.form.get("version", version, type=int)
    definition, model = catalog.load(tx).object(object_key), opened.model(tx, values, errors)
    return _form_page(definition, record_id, model, version, status, known)


def _form_page(
    definition: ObjectDefinition, record_id: UUID | None, model: FormModel, version: int, status: int,
    known: tuple[merging.Known, ...],
) -> Response:  # fmt: skip
    label = definition.label.in_locale(locale())
    list_url = url_for(".index", object_key=definition.key)
    back = url_for(".show", object_key=definition.key, record_id=record_id) if record_id else list_url
    title = gettext("编辑%(label)s", label=label) if record_id else gettext("新建%(label)s", label=label)
    return page(
        "records/form.html",
        status=status,
        form=model,
        known=known,
        title=title,
        label=label,
        list_url=list_url,
        cancel_url=back,
        action=request.full_path.rstrip("?"),
        version=version,
        draft=f"edit-{record_id}-{version}" if record_id else f"new-{definition.key}",
    )


def _edit_field(tx: Tx, object_key: str, record_id: UUID, field: str) -> Response:
    if request.method == "GET":
        return _ask_field(tx, (object_key, record_id, field), {}, 200)
    opened, _, _ = _opened(tx, object_key, record_id)
    submitted = {name: value for name, value in opened.submitted(tx).items() if name == field}
    checked = opened.checked(submitted, draft=True)
    version = request.form.get("version", 0, type=int)
    records.update(tx, object_key, record_id, version, checked.accepted())
    return page("records/fact.html", fact=_fact(tx, object_key, record_id, field), toast=gettext("已保存"))


def _ask_field(tx: Tx, place: tuple[str, UUID, str], errors: dict[str, Text], status: int) -> Response:
    object_key, record_id, field = place
    opened, values, version = _opened(tx, object_key, record_id)
    if request.method == "POST":
        values |= opened.submitted(tx)
    model = next((one for one in opened.model(tx, values, errors).fields() if one.name == field), None)
    if model is None or model.read_only:
        raise BadRequest
    loose = translated(errors.get(""))
    return page("records/edit_field.html", status=status, field=model, version=version, loose=loose)


def _fact(tx: Tx, object_key: str, record_id: UUID, field: str) -> Any:
    definition = catalog.load(tx).object(object_key)
    record = records.get(tx, object_key, record_id)
    can_reveal = access.can(tx, "reveal", object_key, record_id)
    return recordpage.fact(definition, record, field, writable=True, reveal=can_reveal)
