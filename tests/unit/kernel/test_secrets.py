"""Sealing secrets, and masks that keep persons out of logs."""

import pytest

from engine.kernel.errors import SetupError
from engine.kernel.phone import e164, is_dialable
from engine.kernel.secrets import (
    REDACTED,
    Vault,
    mask_address,
    mask_phone,
    redact,
    redact_headers,
    secret_fields,
    split_secrets,
)

SCHEMA = {"properties": {"host": {}, "password": {"x-secret": True}}}


def test_vault_gives_back_what_it_sealed_and_nothing_readable() -> None:
    sealed = Vault(["k1"]).seal({"password": "密码"})
    assert "密码".encode() not in sealed
    assert Vault(["k1"]).open(sealed) == {"password": "密码"}
    assert Vault(["k2", "k1"]).open(sealed) == {"password": "密码"}
    assert Vault(["k1"]).open(None) == {}


def test_vault_without_the_key_says_so() -> None:
    with pytest.raises(SetupError):
        Vault(["k2"]).open(Vault(["k1"]).seal({"password": "x"}))


def test_configuration_is_split() -> None:
    assert secret_fields(SCHEMA) == {"password"}
    assert split_secrets(SCHEMA, {"host": "h", "password": "p"}) == ({"host": "h"}, {"password": "p"})
    assert split_secrets(SCHEMA, {"host": "h", "password": ""}) == ({"host": "h"}, {})


@pytest.mark.parametrize(
    ("text", "masked"),
    [("+8613800138000", "+86138****8000"), ("13800138000", "138****8000"), ("110", "***"), ("", "")],
)
def test_phone_is_masked(text: str, masked: str) -> None:
    assert mask_phone(text) == masked


def test_address_is_masked() -> None:
    assert mask_address("wanglan@example.com") == "w***@example.com"
    assert mask_address("+8613800138000") == "+86138****8000"


def test_free_text_is_redacted_but_identifiers_stay() -> None:
    assert redact("to 13800138000 failed") == "to 138****8000 failed"
    message = "0192a000-0000-7000-8000-000000000001 at 2026-09-01"
    assert redact(message) == message


def test_sensitive_headers_are_hidden() -> None:
    shown = redact_headers({"Authorization": "Bearer x", "Cookie": "y", "X-Api-Key": "z", "Accept": "a" * 500})
    assert shown == {"Authorization": REDACTED, "Cookie": REDACTED, "X-Api-Key": REDACTED, "Accept": "a" * 200}


@pytest.mark.parametrize("text", ["10086", "+8613800138000", "95588"])
def test_dialable_numbers(text: str) -> None:
    assert is_dialable(e164(text))


@pytest.mark.parametrize("text", ["", "12", "138;00", "+86\r138", "一三八"])
def test_undialable_numbers(text: str) -> None:
    assert not is_dialable(e164(text))
