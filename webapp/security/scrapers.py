"""Who may read `/metrics`: addresses of the allow list, and whoever shows the token."""

import hmac

from flask import Response, make_response, request

from engine.kernel.settings import Settings
from engine.kernel.text import Text
from webapp.i18n import locale
from webapp.security.addresses import caller

_SCHEME = "Bearer "
_REFUSED = Text(
    "此地址不能读取运行指标：请设置 SCHOOLFLOW_METRICS_ALLOW 或 SCHOOLFLOW_METRICS_TOKEN",
    "This address may not read the metrics: set SCHOOLFLOW_METRICS_ALLOW or SCHOOLFLOW_METRICS_TOKEN",
)


def refusal(settings: Settings) -> Response | None:
    """The answer for whoever may not; None for whoever may."""
    if _is_allowed(settings) or _shows_token(settings):
        return None
    response = make_response(_REFUSED.in_locale(locale()) + "\n", 401 if settings.metrics_token else 403)
    response.mimetype = "text/plain"
    if settings.metrics_token:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _is_allowed(settings: Settings) -> bool:
    found = caller(settings)
    return found is not None and any(found in network for network in settings.metrics_allow)


def _shows_token(settings: Settings) -> bool:
    shown = request.headers.get("Authorization", "")
    wanted = _SCHEME + settings.metrics_token
    return bool(settings.metrics_token) and hmac.compare_digest(shown.encode(), wanted.encode())
