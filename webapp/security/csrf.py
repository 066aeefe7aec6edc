"""Forms carry a token of their session: another site can't post for a signed-in person."""

import hmac
import secrets

from flask import request, session

from engine.kernel.errors import Forbidden
from engine.kernel.text import Text

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def token() -> str:
    """This session's token, made at first use."""
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(24)
    return str(session[FIELD])


def check() -> None:
    """Refuses an unsafe request without the token. Raises: Forbidden."""
    if request.method in _SAFE:
        return
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode(), token().encode()):
        raise Forbidden(
            "csrf",
            Text("页面已过期，请刷新后重试", "This page has expired; reload it and try again"),
        )
