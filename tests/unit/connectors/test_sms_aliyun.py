"""Aliyun's published signatures, its error codes, its callbacks."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from connectors.sms_aliyun.connector import AliyunSms, result_of
from connectors.sms_aliyun.signing import signature
from engine.kernel.connector import Committed, HttpReply, Outbound, RawRequest, SendStatus
from tests.unit.connectors.lent import NOW, lend

CONFIG = {"access_key_id": "testId", "access_key_secret": "testSecret", "sign_name": "启明教育", "template": "SMS_1"}
MESSAGE = UUID("01920000-0000-7000-8000-00000000abcd")


def test_published_signature_of_describe_regions() -> None:
    parameters = {
        "AccessKeyId": "testid", "Action": "DescribeRegions", "Format": "XML", "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf", "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z", "Version": "2014-05-26",
    }  # fmt: skip
    assert signature("GET", parameters, "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_published_signature_of_send_sms() -> None:
    parameters = {
        "AccessKeyId": "testId", "Action": "SendSms", "Format": "XML", "OutId": "123", "PhoneNumbers": "15300000001",
        "RegionId": "cn-hangzhou", "SignName": "阿里云短信测试专用", "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466", "SignatureVersion": "1.0",
        "TemplateCode": "SMS_71390007", "TemplateParam": '{"customer":"test"}', "Timestamp": "2017-07-12T02:42:19Z",
        "Version": "2017-05-25",
    }  # fmt: skip
    assert signature("GET", parameters, "testSecret") == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


def test_request_names_our_message_and_is_signed() -> None:
    asked: list[bytes] = []

    def http(method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float) -> HttpReply:
        asked.append(body)
        return HttpReply(200, b'{"Code":"OK","BizId":"900619746936498440^0"}')

    out = Outbound(MESSAGE, {"to": "+8613800138000", "text": "已到校"}, 1, NOW)
    result = AliyunSms(CONFIG, lend(http=http)).send(out)
    assert (result.status, result.provider_id) == (SendStatus.SENT, "900619746936498440^0")
    told = {name: values[0] for name, values in parse_qs(asked[0].decode()).items()}
    assert (told["OutId"], told["PhoneNumbers"]) == (str(MESSAGE), "13800138000")
    assert json.loads(told["TemplateParam"]) == {"content": "已到校"}
    signed = told.pop("Signature")
    assert signed == signature("POST", told, "testSecret")


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (HttpReply(200, b'{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}'), SendStatus.PERMANENT),
        (HttpReply(200, b'{"Code":"isv.BUSINESS_LIMIT_CONTROL"}'), SendStatus.THROTTLED),
        (HttpReply(200, b'{"Code":"isp.SYSTEM_ERROR"}'), SendStatus.RETRY),
        (HttpReply(502, b"<html>Bad Gateway</html>"), SendStatus.UNKNOWN),
        (HttpReply(200, b"[" * 5000), SendStatus.UNKNOWN),
        (HttpReply(200, b"[]"), SendStatus.UNKNOWN),
    ],
)
def test_answer_decides_about_sending_again(reply: HttpReply, status: SendStatus) -> None:
    assert result_of(reply).status is status


def post(
    body: object, *, secret_path: bool = True, config: dict[str, object] | None = None
) -> tuple[list[object], int]:
    request = RawRequest("POST", "", {}, {}, json.dumps(body).encode(), "1.2.3.4", secret_path)
    items, reply = AliyunSms(config or CONFIG, lend()).receive(request)
    return list(items), reply.on_commit(Committed(len(items), 0)).status


def test_receipt_carries_provider_and_own_number() -> None:
    entry = {
        "phone_number": "13800138000", "send_time": "2026-09-01 08:59:58", "report_time": "2026-09-01 09:00:00",
        "success": True, "err_code": "DELIVERED", "err_msg": "x", "sms_size": "1", "biz_id": "9^0",
        "out_id": str(MESSAGE),
    }  # fmt: skip
    items, _status = post([entry])
    receipt = items[0].receipt  # type: ignore[attr-defined]
    assert (receipt.status, receipt.provider_id, receipt.outbox_id, receipt.recipient) == (
        "delivered", "9^0", str(MESSAGE), "+8613800138000",
    )  # fmt: skip
    assert items[0].occurred_at == NOW  # type: ignore[attr-defined]


def test_reply_is_an_event_of_its_phone() -> None:
    items, _status = post([{"phone_number": "13800138000", "content": "TD", "sequence_id": 5}])
    assert items[0].correlation == {"phone": "+8613800138000"}  # type: ignore[attr-defined]
    assert items[0].payload["opt_out"] is True  # type: ignore[attr-defined]


def test_callback_needs_the_secret_address_and_a_listed_source() -> None:
    assert post([], secret_path=False)[1] == 403
    assert post([], config={**CONFIG, "addresses": ["9.9.9.9"]})[1] == 403
    assert post([], config={**CONFIG, "addresses": ["1.2.3.4"]})[1] == 200


def test_strange_entries_are_quarantined() -> None:
    items, status = post([{"phone_number": "1"}, 7, {"success": True}])
    assert ([item.quarantine for item in items], status) == (["bad_entry"] * 3, 200)  # type: ignore[attr-defined]
    assert post({"a": 1})[1] == 400
