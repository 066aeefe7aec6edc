"""The signature of Aliyun's RPC interface, version 1.0 (HMAC-SHA1).

Source: help.aliyun.com, "RPC 机制签名", with its published examples as tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def percent_encode(text: str) -> str:
    """RFC 3986 encoding of UTF-8: only letters, digits and `-_.~` stay.

    >>> percent_encode("a b*~/中")
    'a%20b%2A~%2F%E4%B8%AD'
    """
    return quote(text, safe="-_.~")


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Parameters sorted by name, encoded and joined."""
    return "&".join(f"{percent_encode(name)}={percent_encode(parameters[name])}" for name in sorted(parameters))


def signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Base64 of the HMAC over `METHOD&%2F&<encoded query>`; `Signature` itself is not among the parameters."""
    text = f"{method}&{percent_encode('/')}&{percent_encode(canonical_query(parameters))}"
    digest = hmac.new(f"{secret}&".encode(), text.encode("utf-8"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
