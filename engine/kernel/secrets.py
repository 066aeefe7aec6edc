"""Connector secrets: encrypted at rest, written but never read back through pages or the API; masks for logs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from engine.kernel.errors import SetupError
from engine.kernel.text import Text

_LONG_NUMBER = re.compile(r"(?<![\w-])(\+?\d{3,5})\d{4}(\d{4})(?![\w-])")
_SENSITIVE = re.compile(r"(?i)(pass|pwd|secret|token|key|authorization|cookie)")
REDACTED = "••••••"


class Vault:
    """Encrypts with the first key, decrypts with any: rotate by putting a new key in front, then `rotate` each row."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def seal(self, values: Mapping[str, str]) -> bytes:
        """One encrypted block for the secret fields of a connector."""
        return self._fernet.encrypt(json.dumps(dict(values), ensure_ascii=False).encode("utf-8"))

    def open(self, block: bytes | None) -> dict[str, str]:
        """The secret fields.

        Raises:
            SetupError: no key fits (the secret key changed without keeping the old one).
        """
        if not block:
            return {}
        try:
            values: dict[str, str] = json.loads(self._fernet.decrypt(block))
        except InvalidToken:
            raise SetupError(
                "secret_key_changed",
                Text("连接器密钥无法解密：SCHOOLFLOW_SECRET_KEY 已改变", "Connector secrets cannot be decrypted"),
                hint=Text("恢复原密钥或重新填写密钥", "Restore the former key or enter the secrets again"),
            ) from None
        return values

    def rotate(self, block: bytes) -> bytes:
        """The same values under the newest key."""
        return self._fernet.rotate(block)


def secret_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """Names of the top-level fields a JSON Schema marks with `"x-secret": true`."""
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return frozenset(name for name, field in properties.items() if field.get("x-secret"))


def split_secrets(schema: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A configuration in two: what may be shown, and what must be sealed."""
    hidden = secret_fields(schema)
    shown = {name: value for name, value in config.items() if name not in hidden}
    return shown, {name: str(value) for name, value in config.items() if name in hidden and value not in (None, "")}


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden.

    >>> mask_phone("+8613800138000"), mask_phone("13800138000"), mask_phone("110")
    ('+86138****8000', '138****8000', '***')
    """
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:-8]}****{phone[-4:]}"


def mask_address(address: str) -> str:
    """A phone number or mail address with enough hidden that a log does not identify a person.

    >>> mask_address("wanglan@example.com")
    'w***@example.com'
    """
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else mask_phone(address)


def redact(text: str) -> str:
    """Free text for a log with long numbers masked.

    >>> redact("to +8613800138000 failed")
    'to +86138****8000 failed'
    """
    return _LONG_NUMBER.sub(r"\1****\2", text)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for a log: values of sensitive ones are hidden, others cut at 200 characters."""
    return {name: REDACTED if _SENSITIVE.search(name) else value[:200] for name, value in headers.items()}


def _fernet_key(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"schoolflow connectors\0" + key.encode("utf-8")).digest())
