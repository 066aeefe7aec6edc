"""Outgoing HTTP that cannot be turned against our own network (server-side request forgery).

The host name is resolved once, every address must be public or its host allowed by the administrator, and the
connection goes to exactly the checked address. Redirects and environment proxies are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from engine.kernel.connector import BadConfig, HttpReply, ReplyLost, Unavailable

REPLY_CAP = 1_000_000


class GuardedHttp:
    """An `HttpClient`; `allow_hosts` are names or addresses in the local network that may be reached."""

    def __init__(self, allow_hosts: frozenset[str] = frozenset()) -> None:
        self._allow_hosts = allow_hosts

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpReply:
        """Send one request.

        Raises:
            BadConfig: the address is not allowed.
            Unavailable: nothing was sent.
            ReplyLost: something may have been sent.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host or parts.username:
            raise BadConfig("url", "expected http(s)://host/…")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port)
        link = _connect(parts.scheme, host, address, port, timeout_s)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            link.request(method, target, body=body or None, headers=dict(headers))
            reply = link.getresponse()
            content = reply.read(REPLY_CAP)
            if reply.length and len(content) < REPLY_CAP:
                raise http.client.IncompleteRead(content, reply.length)
        except (OSError, http.client.HTTPException) as fault:
            raise ReplyLost("reply_lost", type(fault).__name__) from None
        except ValueError as fault:
            raise BadConfig("request", str(fault)) from None
        finally:
            link.close()
        return HttpReply(reply.status, content, reply.headers.get("Content-Type", ""), tuple(reply.getheaders()))

    def _address(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            raise Unavailable("dns", str(fault)) from None
        addresses = [str(entry[4][0]) for entry in found]
        if host not in self._allow_hosts and not all(is_public(address) for address in addresses):
            raise BadConfig("address", f"{host} is not a public address; allow it in the connector's settings")
        return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address lies outside every private, local, shared and multicast range, also when wrapped in IPv6.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
    return found.is_global and not found.is_multicast


def _connect(scheme: str, host: str, address: str, port: int, timeout_s: float) -> http.client.HTTPConnection:
    try:
        raw = socket.create_connection((address, port), timeout_s)
    except OSError as fault:
        raise Unavailable("connect", str(fault)) from None
    link = http.client.HTTPConnection(host, port, timeout=timeout_s)
    if scheme == "https":
        try:
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        except OSError as fault:
            raw.close()
            raise Unavailable("tls", str(fault)) from None
    link.sock = raw
    return link
