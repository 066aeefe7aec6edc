"""Demo users share one password that many know: they are refused where the school can be reached from outside."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from engine.kernel.errors import Forbidden
from engine.kernel.settings import Settings
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.organisation.users import find_user
from webapp.security.addresses import caller

_REFUSED = Text("演示账号不能从公网地址登录", "Demo users can't sign in on a public address")
_HINT = Text(
    "请在本机或内网打开；正式使用请用 schoolflow init 建立学校，或用 schoolflow user add 新增账号",
    "Open it on this machine or its own network; make a real school with schoolflow init, or a user with "
    "schoolflow user add",
)
_LOCAL_NAMES = ("", "localhost")


def require_private(tx: Tx, settings: Settings, username: str) -> None:
    """Raises: Forbidden when it is a demo user and the request came, or the school is offered, on a public address."""
    user = find_user(tx, username.strip().lower())
    if user is not None and user.is_demo and (is_published(settings) or _is_from_outside(settings)):
        raise Forbidden("demo_on_public_address", _REFUSED, hint=_HINT)


def is_published(settings: Settings) -> bool:
    """True when the address that outsiders use is neither this machine nor one of a private network."""
    host = urlsplit(settings.public_url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return host not in _LOCAL_NAMES


def _is_from_outside(settings: Settings) -> bool:
    found = caller(settings)
    return found is None or found.is_global
