"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import request

from engine.kernel.settings import Settings

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def caller(settings: Settings) -> IPv4Address | IPv6Address | None:
    """The caller's address; None when it is hidden behind a proxy that the settings do not know of."""
    if settings.trusted_proxies == 0 and any(name in request.headers for name in _FORWARDED):
        return None
    try:
        found = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
