"""What every connector folder must hold to. A new folder is found by itself."""

import inspect
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connectors.registry import kinds
from connectors.settings import check_config
from engine.kernel.connector import (
    Committed,
    Connector,
    ConnectorFault,
    Inbound,
    Outbound,
    RawRequest,
    SendResult,
    SendStatus,
)
from engine.kernel.errors import UserError
from engine.kernel.secrets import secret_fields
from tests.unit.connectors.lent import NOW, lend

FOLDERS = sorted(path.parent.name for path in Path("connectors").glob("*/connector.py"))
EXAMPLES: dict[str, dict[str, Any]] = {
    "card_reader": {"port": "/dev/none"},
    "zk_push": {"devices": [{"sn": "S1"}], "comm_key": "k"},
    "gsm_modem": {"port": "/dev/none", "pin": "1234"},
    "sms_aliyun": {"access_key_id": "i", "access_key_secret": "s", "sign_name": "启明教育", "template": "SMS_1"},
    "email": {"from_address": "a@example.com", "smtp_host": "127.0.0.1", "smtp_password": "p"},
    "generic_http": {"fields": {"card_no": "card", "time": "at"}, "hmac_secret": "s"},
}
WORDS = st.sampled_from(["card", "at", "phone_number", "content", "success", "biz_id"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
REQUESTS = st.builds(
    RawRequest,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=st.sampled_from(["/iclock/cdata", "cdata.aspx", "devicecmd", "getrequest", "", "/x"]) | st.text(max_size=20),
    query=st.dictionaries(
        st.sampled_from(["SN", "table", "Stamp", "x"]),
        st.sampled_from(["S1", "ATTLOG", "OPERLOG"]) | st.text(max_size=20),
        max_size=4,
    ),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "x-signature"]),
        st.sampled_from(["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
        | st.text(max_size=30),
    ),
    body=st.binary(max_size=300) | DOCUMENTS.map(lambda value: json.dumps(value).encode()),
    remote=st.just("10.0.0.1"),
    secret_path=st.booleans(),
)


def build(kind: str, **more: Any) -> Connector:
    return kinds()[kind].connector({**EXAMPLES[kind], **more}, lend())


def test_every_folder_is_found_and_has_an_example() -> None:
    assert sorted(kinds()) == FOLDERS == sorted(EXAMPLES)


@pytest.mark.parametrize("kind", FOLDERS)
def test_folder_is_complete(kind: str) -> None:
    manifest = kinds()[kind].manifest
    assert manifest.kind == kind == kinds()[kind].connector.kind
    assert re.search(r"[\u4e00-\u9fff]", manifest.label.zh)
    assert manifest.label.en
    assert manifest.about.zh
    assert manifest.about.en
    assert manifest.sends or manifest.polls or manifest.receives
    assert isinstance(build(kind), Connector)


@pytest.mark.parametrize("kind", FOLDERS)
def test_schema_is_valid_ordered_and_closed(kind: str) -> None:
    schema = kinds()[kind].connector.config_schema
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    orders = [field["x-order"] for field in schema["properties"].values()]
    assert sorted(orders) == list(range(1, len(orders) + 1))
    assert all(field.get("title") for field in schema["properties"].values())


@pytest.mark.parametrize("kind", FOLDERS)
def test_secrets_are_marked_and_split_off(kind: str) -> None:
    schema = kinds()[kind].connector.config_schema
    named_like_secrets = {
        name for name in schema["properties"] if re.search(r"password|secret|^pin$|comm_key", name, re.IGNORECASE)
    }
    assert secret_fields(schema) == named_like_secrets
    shown, hidden = check_config(kind, EXAMPLES[kind])
    assert set(hidden) == named_like_secrets & set(EXAMPLES[kind])
    assert not set(shown) & named_like_secrets


@pytest.mark.parametrize("kind", FOLDERS)
def test_bad_configuration_is_explained_by_field(kind: str) -> None:
    with pytest.raises(UserError) as caught:
        check_config(kind, {**EXAMPLES[kind], "no_such_setting": 1})
    assert caught.value.fields


@pytest.mark.parametrize("kind", FOLDERS)
def test_constructor_does_no_input_or_output(kind: str) -> None:
    build(kind)  # the lent context raises when it is used
    parameters = list(inspect.signature(kinds()[kind].connector).parameters)
    assert parameters == ["cfg", "ctx"]


@pytest.mark.parametrize("kind", FOLDERS)
def test_events_name_their_keys_and_payload(kind: str) -> None:
    manifest, events = kinds()[kind].manifest, build(kind).describe_events()
    assert bool(events) == (manifest.polls or manifest.receives)
    for event in events:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", event.name)
        assert event.keys
        assert event.label.zh
        assert event.label.en
        Draft202012Validator.check_schema(event.payload_schema)


@pytest.mark.parametrize("kind", FOLDERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(request=REQUESTS)
def test_receive_is_pure_and_never_fails_on_bad_bytes(kind: str, request: RawRequest) -> None:
    connector = build(kind)
    items, reply = connector.receive(request)
    again, _reply = build(kind).receive(request)
    assert list(items) == list(again)
    answer = reply.on_commit(Committed(len(items), 0))
    assert 200 <= answer.status < 500
    for item in items:
        assert isinstance(item, Inbound)
        assert item.dedupe_key
        assert item.occurred_at.tzinfo is not None
        json.dumps(dict(item.payload), allow_nan=False)


@pytest.mark.parametrize("kind", FOLDERS)
@settings(max_examples=40, deadline=None)
@given(payload=st.dictionaries(st.sampled_from(["to", "text", "subject", "command"]), st.text(max_size=40)))
def test_send_answers_or_raises_a_connector_fault(kind: str, payload: dict[str, str]) -> None:
    connector = build(kind, **({"smtp_port": 1, "smtp_security": "none"} if kind == "email" else {}))
    out = Outbound(UUID(int=1), payload, 1, NOW, "a" * 16)
    try:
        result = connector.send(out)
    except (ConnectorFault, AssertionError):
        return  # the lent context has no peer: reaching for it is right when the message is sound
    assert isinstance(result, SendResult)
    assert result.status is not SendStatus.SENT


@pytest.mark.parametrize("kind", FOLDERS)
def test_connector_can_be_closed_at_any_time(kind: str) -> None:
    connector = build(kind)
    connector.close()
    connector.close()
