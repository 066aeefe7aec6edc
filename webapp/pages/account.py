"""Signing in and out, language, one's own account."""

from uuid import UUID

from flask import Blueprint, Response, g, request, session, url_for

from engine.kernel.errors import Forbidden, TooManyRequests, Unauthenticated, UserError
from engine.metadata.organisation import credentials
from engine.metadata.organisation import tokens as own
from engine.metadata.organisation.users import get_user, update_user
from webapp.i18n import LOCALES, gettext, translated
from webapp.render import go, page
from webapp.request import actor, run
from webapp.security import sessions

PUBLIC = True
blueprint = Blueprint("account", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """The sign-in form; after it, back to where one wanted to go."""
    username = request.form.get("username", "").strip()
    if request.method == "GET":
        return page("account/sign_in.html", username="", error="")
    try:
        sessions.sign_in(username, request.form.get("password", ""))
    except (Unauthenticated, TooManyRequests, Forbidden) as error:
        text = " ".join(filter(None, (translated(error.message), translated(error.hint))))
        return page("account/sign_in.html", status=error.status, username=username, error=text)
    return go(safe_next(request.args.get("next", "")))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Ends the session."""
    sessions.sign_out()
    return go(url_for("account.sign_in"))


@blueprint.post("/language")
def language() -> Response:
    """Changes the language of the pages."""
    if request.form.get("locale") in LOCALES:
        session["locale"] = request.form["locale"]
    return go(safe_next(request.form.get("next", "")))


@blueprint.get("/account")
def profile() -> Response:
    """One's own account."""
    sessions.load()
    user = run(lambda tx: get_user(tx, UUID(actor().id)))
    return page("account/profile.html", user=user, errors={})


@blueprint.post("/account")
def save_profile() -> Response:
    """Changes one's phone, e-mail and language."""
    sessions.load()
    phone, email = (request.form.get(key, "").strip() or None for key in ("phone", "email"))
    run(lambda tx: update_user(tx, UUID(actor().id), phone=phone, email=email))
    return go(url_for(".profile"), gettext("已保存"))


@blueprint.get("/account/password")
def new_password() -> Response:
    """Asks for a new password, where somebody else set the present one."""
    sessions.load()
    return page("account/new_password.html", user=run(lambda tx: get_user(tx, UUID(actor().id))), errors={})


@blueprint.post("/account/password")
def change_password() -> Response:
    """Changes one's password; every session ends and a fresh one starts here."""
    sessions.load()
    had_to = g.must_change
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        run(lambda tx: credentials.change_password(tx, old, new))
    except UserError as error:
        user = run(lambda tx: get_user(tx, UUID(actor().id)))
        errors = {name: translated(text) for name, text in error.fields.items()}
        template = "account/new_password.html" if had_to else "account/profile.html"
        return page(template, status=422, user=user, errors=errors)
    sessions.start(run(lambda tx: get_user(tx, UUID(actor().id))))
    return go(url_for("home.show" if had_to else ".profile"), gettext("密码已修改，其他设备已退出登录"))


@blueprint.get("/account/tokens")
def tokens() -> Response:
    """Where one is signed in, tokens for programs, and the latest attempts to sign in."""
    return _tokens()


@blueprint.post("/account/tokens")
def issue_token() -> Response:
    """A token for a program, shown once; the password is asked for again."""
    sessions.load()
    label, password = request.form.get("label", "").strip() or "API", request.form.get("password", "")
    try:
        issued = sessions.issue(label, password)
    except (Unauthenticated, TooManyRequests, Forbidden) as error:
        return _tokens(status=error.status, error=" ".join(filter(None, map(translated, (error.message, error.hint)))))
    return _tokens(issued=issued)


@blueprint.post("/account/tokens/<uuid:token_id>/end")
def end_token(token_id: UUID) -> Response:
    """Ends a session or a token."""
    sessions.load()
    run(lambda tx: own.end_token(tx, token_id))
    return go(url_for(".tokens"), gettext("已退出"))


@blueprint.post("/view-as/stop")
def stop_view_as() -> Response:
    """Back to oneself."""
    sessions.stop_view_as()
    return go(url_for("home.show"))


def _tokens(*, status: int = 200, issued: str = "", error: str = "") -> Response:
    sessions.load()
    found = run(lambda tx: own.own_tokens(tx, sessions.token()))
    sign_ins = run(own.own_sign_ins)
    return page("account/tokens.html", status=status, tokens=found, sign_ins=sign_ins, issued=issued, error=error)


def safe_next(target: str) -> str:
    """The path to go on to: only within this site."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local else url_for("home.show")
