"""Mapped callbacks: shapes of several makers, the Hikvision preset, refusals."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.generic_http.connector import GenericHttp
from engine.kernel.connector import Committed, Inbound, RawRequest
from tests.unit.connectors.lent import lend

UNIUBI = {
    "fields": {
        "person_no": "personGuid",
        "card_no": "cardNo",
        "device": "deviceKey",
        "time": "showTime",
        "event_id": "guid",
    },
    "accept": [{"path": "type", "values": ["1"]}],
    "time_format": "epoch_ms",
    "reply_body": '{"result":1,"code":"000"}',
}
JSON = "application/json"


def post(config: dict[str, Any], body: bytes, content_type: str = JSON, **headers: str) -> tuple[list[Inbound], Any]:
    told = {"content-type": content_type, **headers}
    items, reply = GenericHttp(config, lend()).receive(RawRequest("POST", "", {}, told, body, "1.2.3.4", True))
    return list(items), reply.on_commit(Committed(len(items), 0))


def hik(**event: Any) -> bytes:
    details = {"majorEventType": 5, "subEventType": 75, "serialNo": 257, "employeeNoString": "1001", **event}
    return json.dumps(
        {"macAddress": "a4:d5", "dateTime": "2026-09-01T09:00:00+08:00", "eventType": "AccessControllerEvent",
         "AccessControllerEvent": details}
    ).encode()  # fmt: skip


def test_form_of_a_face_terminal() -> None:
    body = b"guid=G1&deviceKey=D1&personGuid=P9&showTime=1788224400000&type=1&cardNo="
    items, reply = post(UNIUBI, body, "application/x-www-form-urlencoded")
    assert items[0].correlation == {"person_no": "P9"}
    assert items[0].occurred_at == datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
    assert items[0].dedupe_key == "http:D1:G1:1788224400000"
    assert reply.body == b'{"result":1,"code":"000"}'


def test_failed_recognition_is_not_a_swipe() -> None:
    assert post(UNIUBI, b"type=2&personGuid=STRANGERBABY", "application/x-www-form-urlencoded")[0] == []


@pytest.mark.parametrize(
    ("major", "sub", "count"), [(5, 1, 1), (5, 38, 1), (5, 75, 1), (5, 21, 0), (5, 22, 0), (2, 1, 0)]
)
def test_hikvision_swipes_are_told_from_doors(major: int, sub: int, count: int) -> None:
    assert len(post({"preset": "hikvision"}, hik(majorEventType=major, subEventType=sub))[0]) == count


def test_hikvision_event_in_multipart() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="event_log"\r\nContent-Type: application/json\r\n\r\n'
        + hik(cardNo="0008075634", currentEvent=False)
        + b'\r\n--b\r\nContent-Disposition: form-data; name="Picture"\r\nContent-Type: image/jpeg\r\n\r\n'
        + b"\xff\xd8\r\n--b--\r\n"
    )
    items, _reply = post({"preset": "hikvision"}, body, "multipart/form-data; boundary=b")
    assert items[0].correlation == {"person_no": "1001", "card_no": "007B3972"}
    assert items[0].realtime is False
    assert b"\xff\xd8" not in items[0].raw


def test_captured_door_event_is_ignored() -> None:
    captured = {
        "ipAddress": "10.0.0.5", "dateTime": "2024-08-26T12:32:28+01:00", "eventType": "AccessControllerEvent",
        "eventState": "active", "AccessControllerEvent": {
            "deviceName": "DS-K1T502DBFWX-C", "majorEventType": 5, "subEventType": 21, "doorNo": 1, "serialNo": 257,
            "currentEvent": True, "frontSerialNo": 256,
        },
    }  # fmt: skip
    assert post({"preset": "hikvision"}, json.dumps(captured).encode())[0] == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff", "bad_callback:json"),
        (b"[1]", "bad_callback:json"),
        (b'{"card":"007B3972","at":"soon"}', "bad_callback:time"),
        (b'{"card":"nonsense","at":"2026-09-01T09:00:00"}', "bad_callback:card_no"),
        (b'{"at":"2026-09-01T09:00:00"}', "bad_callback:nobody"),
    ],
)
def test_unreadable_callback_is_quarantined_and_answered(body: bytes, reason: str) -> None:
    items, reply = post({"fields": {"card_no": "card", "time": "at"}}, body)
    assert ([item.quarantine for item in items], reply.status) == ([reason], 200)


def test_signature_is_checked_on_the_raw_body() -> None:
    config = {"fields": {"card_no": "card", "time": "at"}, "hmac_secret": "s"}
    body = b'{"card":"007B3972","at":"2026-09-01T09:00:00"}'
    good = hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert len(post(config, body, JSON, **{"x-signature": good})[0]) == 1
    assert post(config, body + b" ", JSON, **{"x-signature": good})[1].status == 403
    assert post(config, body)[1].status == 403


def test_secret_address_and_source_are_required() -> None:
    connector = GenericHttp({**UNIUBI, "addresses": ["9.9.9.9"]}, lend())
    for request in (
        RawRequest("POST", "", {}, {}, b"", "9.9.9.9"),
        RawRequest("POST", "", {}, {}, b"", "8.8.8.8", True),
    ):
        assert connector.receive(request)[1].on_commit(Committed(0, 0)).status == 403
