"""Forms anybody may fill in; what is sent becomes a message for a process."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from engine.feel import FeelEnv
from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import NotFound, TooManyRequests, UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.workflow import messages
from forms.access import full_access
from forms.definition import Form
from forms.environment import FormEnv
from forms.html import parse_html
from forms.render import render_model
from forms.validation import validate
from processes.registry import PublicForm
from webapp import formats
from webapp.i18n import gettext, locale, translated
from webapp.render import go, page
from webapp.request import platform
from webapp.security import throttle

PUBLIC = True
blueprint = Blueprint("public", __name__, url_prefix="/apply")
_VISITOR = Actor(ActorKind.PUBLIC_FORM, "public_form", "网页表单")
_PER_HOUR = 10
_TRAP = "website"
"""A field people do not see; programs fill it in."""


@blueprint.route("/<key>", methods=["GET", "POST"])
def fill_in(key: str) -> Response:
    """The form, by the name of its file."""
    found, form = _find(key)
    if request.method == "GET":
        return _form(form, {}, {}, 200)
    submitted = parse_html(form, request.form)
    try:
        throttle.allow(platform(), "public", request.remote_addr or "", limit=_PER_HOUR, window_s=3600)
        if not request.form.get(_TRAP):
            _send(found, form, submitted)
    except UserError as error:
        errors = dict(error.fields) or {"": error.message}
        return _form(form, submitted, errors, error.status)
    return go(url_for(".thanks", key=key))


@blueprint.get("/<key>/thanks")
def thanks(key: str) -> Response:
    """What happens next."""
    _, form = _find(key)
    return page("public/thanks.html", title=translated(form.title))


def _find(key: str) -> tuple[PublicForm, Form]:
    registry = platform().processes
    for folder in registry.processes:
        for one in folder.public_forms:
            if one.form.partition(".")[2] == key:
                return one, registry.forms[one.form]
    raise NotFound


def _send(found: PublicForm, form: Form, submitted: dict[str, Any]) -> None:
    values = validate(form, submitted, full_access(form), _environment()).accepted()
    payload = {"source": "web", **values}
    message_id = f"public_form:{found.form}:{new_id()}"
    platform().boundary.run(_VISITOR, lambda tx: messages.correlate(tx, found.message, {}, payload, message_id))


def _form(form: Form, values: dict[str, Any], errors: dict[str, Text], status: int) -> Response:
    model = render_model(form, values, full_access(form), locale(), _environment(), errors=errors)
    wait = gettext("提交次数过多，请稍后再试。") if status == TooManyRequests.status else ""
    return page("public/form.html", status=status, form=model, title=translated(form.title), trap=_TRAP, wait=wait)


def _environment() -> FormEnv:
    return FormEnv(FeelEnv(now=formats.now(), zone=formats.zone()))
