"""Signed-in people: a bearer token of the credentials room, kept in the signed cookie, checked at every request.

Signing out, changing the password or deactivating the user ends the token at once, wherever the cookie is.
"""

from datetime import timedelta
from uuid import UUID

from flask import g, request, session
from flask_babel import refresh

from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.errors import Forbidden, Unauthenticated
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.organisation import credentials
from engine.metadata.organisation.users import User, get_user
from engine.metadata.rights import require_right
from webapp.request import platform
from webapp.security import csrf, demo

LIFE = timedelta(hours=12)
_PUBLIC_USER = Actor(ActorKind.PUBLIC_FORM, "web", "Web")
_TOKEN, _VIEW_AS = "token", "view_as"
_BEFORE_CHANGE = {"account.change_password", "account.new_password"}
"""All that is open to somebody who has to change the password, besides signing out and the language."""
_READ_ONLY = Text("查看他人界面时不能修改内容", "Nothing can be changed while viewing as somebody else")


def sign_in(username: str, password: str) -> None:
    """Starts a session.

    Raises: Unauthenticated with the one answer to wrong credentials; TooManyRequests; Forbidden to demo users outside.
    """
    address = request.remote_addr or ""

    def use_case(tx: Tx) -> User | None:
        demo.require_private(tx, platform().settings, username)
        return credentials.sign_in(tx, username, password, address)

    user = platform().boundary.run(_PUBLIC_USER, use_case)
    if user is None:
        raise credentials.wrong_credentials()
    start(user)


def start(user: User) -> None:
    """A fresh session for a user whose password has just been checked."""
    label = (request.user_agent.string or "browser")[:80]
    token = platform().boundary.run(
        user.actor(), lambda tx: credentials.issue_token(tx, user.id, label=label, life=LIFE)
    )
    locale = session.get("locale") or user.locale
    session.clear()
    session.permanent = True
    session[_TOKEN], session["locale"] = token, locale
    csrf.token()


def issue(label: str, password: str) -> str:
    """A token for a program of the person signed in, who gives the password once more.

    Raises: Unauthenticated, TooManyRequests, Forbidden as signing in does.
    """
    address, signed_in = request.remote_addr or "", UUID(g.signed_in.id)

    def use_case(tx: Tx) -> str | None:
        username = get_user(tx, signed_in).username
        demo.require_private(tx, platform().settings, username)
        user = credentials.sign_in(tx, username, password, address)
        if user is None:
            return None
        with tx.acting_as(user.actor()):
            return credentials.issue_token(tx, user.id, label=label)

    issued = platform().boundary.run(_PUBLIC_USER, use_case)
    if issued is None:
        raise credentials.wrong_credentials()
    return issued


def token() -> str:
    """The token of this session; empty when nobody is signed in."""
    return str(session.get(_TOKEN, ""))


def sign_out() -> None:
    """Ends the session here and its token everywhere."""
    token = session.get(_TOKEN)
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    if token and getattr(g, "signed_in", None):
        platform().boundary.run(g.signed_in, lambda tx: credentials.revoke_token(tx, token))


def load() -> None:
    """Before each request of a page: who is signed in.

    Raises: Unauthenticated; Forbidden while viewing as, and until a password set by somebody else is changed.
    """
    load_if_any()
    if getattr(g, "actor", None) is None:
        raise Unauthenticated
    if g.must_change and request.endpoint not in _BEFORE_CHANGE:
        raise credentials.change_first()
    if g.viewing_as and request.method not in {"GET", "HEAD"} and request.endpoint != "account.stop_view_as":
        raise Forbidden("view_as_read_only", _READ_ONLY)


def load_if_any() -> None:
    """The same for pages that need nobody."""
    g.viewing_as = False
    token = session.get(_TOKEN)
    if not token:
        return
    try:
        found = platform().boundary.run(SYSTEM, lambda tx: _people(tx, token, session.get(_VIEW_AS)))
    except Unauthenticated:
        session.pop(_TOKEN)
        return
    signed_in, seen_as, zone, g.must_change = found
    g.signed_in, g.actor, g.zone = signed_in, seen_as.actor(), zone
    g.viewing_as = str(seen_as.id) != signed_in.id
    g.user_locale = seen_as.locale
    refresh()


def start_view_as(tx: Tx, user_id: UUID) -> User:
    """Looks at the product as another user, read-only, in the history. Needs ``view_as``."""
    user = get_user(tx, user_id)
    require_right(tx, "view_as", user.branch_id)
    tx.record(Event("user:viewed_as", ("user", user.id), user.branch_id))
    session[_VIEW_AS] = str(user_id)
    return user


def stop_view_as() -> None:
    """Back to oneself."""
    session.pop(_VIEW_AS, None)


def _people(tx: Tx, token: str, view_as: str | None) -> tuple[Actor, User, str, bool]:
    found = credentials.bearer(tx, token)
    user = get_user(tx, UUID(view_as or found.actor.id))
    return found.actor, user, snapshot.load(tx).branches[user.branch_id].zone, found.must_change
