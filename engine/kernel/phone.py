"""Telephone numbers in one form, so that a reply or receipt finds the message it belongs to."""

from __future__ import annotations

import re
import unicodedata

_NOISE = re.compile(r"[ \-().·]")
_MOBILE = re.compile(r"1\d{10}")


def e164(text: str) -> str:
    """The number with its country code; Chinese mobile numbers may come without. Anything else stays as written.

    >>> [e164(t) for t in ("138 0013 8000", "8613800138000", "0086-13800138000", "+447911123456", "10086")]
    ['+8613800138000', '+8613800138000', '+8613800138000', '+447911123456', '10086']
    """
    clean = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    if clean.startswith("00"):
        clean = "+" + clean[2:]
    if clean.startswith("86") and _MOBILE.fullmatch(clean[2:]):
        return "+" + clean
    return "+86" + clean if _MOBILE.fullmatch(clean) else clean


def is_dialable(text: str) -> bool:
    """Whether a normalised number may be handed to a modem or provider: digits, maybe a leading plus."""
    return re.fullmatch(r"\+?[0-9]{3,20}", text) is not None
