"""Domain actions on a record: a form, a preview of what would happen, then go (transfer, refund …)."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from engine.kernel.errors import Forbidden, NotFound, UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import records
from engine.metadata.profile import load_profile
from forms.definition import with_choices
from processes.domain_action import DomainAction, Done, Preview
from webapp import formats
from webapp.i18n import translated
from webapp.links import link
from webapp.render import go, page
from webapp.request import platform, run
from webapp.screens.work import formpage

blueprint = Blueprint("actions", __name__, url_prefix="/records")


@blueprint.route("/<object_key>/<uuid:record_id>/actions/<name>", methods=["GET", "POST"])
def act(object_key: str, record_id: UUID, name: str) -> Response:
    """Asks, previews, does."""
    action = platform().processes.action(object_key, name)
    if action is None:
        raise NotFound
    step = request.form.get("step", "")
    if request.method == "GET" or request.form.get("_redraw"):
        return run(lambda tx: _ask(tx, action, record_id))
    try:
        found = run(lambda tx: _preview_or_do(tx, action, record_id, step))
    except UserError as error:
        errors, status = formpage.refused(error), error.status
        return run(lambda tx: _ask(tx, action, record_id, errors=errors, status=status))
    if isinstance(found, Done):
        return go(_after(found, object_key, record_id), translated(found.message))
    return run(lambda tx: _ask(tx, action, record_id, preview=found))


def _open(tx: Tx, action: DomainAction, record_id: UUID) -> formpage.OpenForm:
    if not load_profile(tx).role_keys() & set(action.roles):
        raise Forbidden
    record = action.record(tx, record_id)
    form = with_choices(platform().processes.forms.get(action.form, formpage.EMPTY), action.choices(tx, record_id))
    return formpage.open_form(tx, form, record=record)


def _preview_or_do(tx: Tx, action: DomainAction, record_id: UUID, step: str) -> Done | Preview:
    opened = _open(tx, action, record_id)
    values = opened.checked(opened.submitted(tx)).accepted()
    if step != "go":
        return action.preview(tx, record_id, values)
    return action.start(tx, record_id, {**values, "once": request.form.get("_once", "")})


def _ask(
    tx: Tx,
    action: DomainAction,
    record_id: UUID,
    *,
    errors: dict[str, Text] | None = None,
    preview: Preview | None = None,
    status: int = 200,
) -> Response:
    opened = _open(tx, action, record_id)
    record = records.get(tx, action.object, record_id)
    values: dict[str, Any] = {key: value for key, value in record.values.items() if key in opened.form.fields}
    values |= action.defaults(tx, record_id)
    values |= {key: value for key, value in request.args.items() if key in opened.form.fields}
    if request.method == "POST":
        values |= opened.submitted(tx)
    return page(
        "records/action.html",
        status=status,
        title=translated(action.label),
        record_title=record.title,
        back_url=url_for("records.show", object_key=action.object, record_id=record_id),
        action=request.path,
        form=opened.model(tx, values, errors),
        lines=[(translated(one.label), formats.plain(one.value)) for one in preview.lines] if preview else [],
        warnings=[translated(text) for text in preview.warnings] if preview else [],
        blockers=[translated(text) for text in preview.blockers] if preview else [],
        previewed=preview is not None,
        once=new_id(),
    )


def _after(done: Done, object_key: str, record_id: UUID) -> str:
    if done.instance_id and (url := link("instances.show", instance_id=done.instance_id)):
        return url
    kind, found = done.record or (object_key, record_id)
    return url_for("records.show", object_key=kind, record_id=found)
