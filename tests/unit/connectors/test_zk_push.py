"""中控 PUSH terminals: what they send, what they must hear, what must never be kept."""

import json
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zk_push import protocol
from connectors.zk_push.commands import card_field, command_id, command_line
from connectors.zk_push.connector import ZkPush
from engine.kernel.connector import BadConfig, BadInput, Committed, Inbound, Outbound, RawRequest, ReceiptStatus
from tests.unit.connectors.lent import NOW, lend

SN = "0316144680030"
SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIG = {"devices": [{"sn": SN, "name": "前台", "addresses": ["10.0.0.7"]}]}
MESSAGE = UUID("01920000-0000-7000-8000-00000000abcd")


def request(path: str, body: bytes = b"", method: str = "POST", **query: str) -> RawRequest:
    return RawRequest(method, path, {"SN": SN, **query}, {}, body, "10.0.0.9")


def upload(body: bytes, table: str = "ATTLOG", config: dict[str, object] | None = None) -> tuple[list[Inbound], str]:
    items, reply = ZkPush(config or CONFIG, lend()).receive(request("/iclock/cdata", body, table=table, Stamp="9999"))
    held = sum(item.quarantine is not None for item in items)
    return list(items), reply.on_commit(Committed(len(items) - held, held)).body.decode()


def test_initialisation_gets_the_options() -> None:
    asked = request("cdata", method="GET", options="all", pushver="2.2.14", language="83")
    _items, reply = ZkPush(CONFIG, lend()).receive(asked)
    lines = reply.on_commit(Committed(0, 0)).body.decode().split("\n")
    assert lines[0] == "GET OPTION FROM: 0316144680030"
    assert {"TimeZone=8", "Realtime=1", "Encrypt=None", "ATTLOGStamp=None"} <= set(lines)
    assert not any("Fac" in line or "FP" in line for line in lines)


def test_swipe_line_becomes_an_event() -> None:
    items, reply = upload(b"1001\t2026-09-01 08:59:30\t0\t15\t0\t0\t0\r\n")
    assert reply == "OK: 1"
    assert items[0].dedupe_key == "zk:0316144680030:1001:2026-09-01 08:59:30:0:15"
    assert items[0].occurred_at == datetime(2026, 9, 1, 0, 59, 30, tzinfo=UTC)
    assert items[0].correlation == {"person_no": "1001"}
    assert items[0].payload["verified"] is False
    assert (items[0].payload["direction"], items[0].payload["verify_mode"]) == ("in", "15")


def test_poison_line_is_quarantined_yet_counted() -> None:
    body = b"1001\t2026-09-01 08:59:30\t0\t1\nrubbish\n1002\t2026-02-31 08:00:00\t0\t1\n1003\t2026-09-01 09:00:00\t0\t1"
    items, reply = upload(body)
    assert reply == "OK: 4"
    assert [item.quarantine for item in items] == [None, "bad_line:attlog_fields", "bad_line:attlog_time", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-06-25 17:41:05", datetime(2018, 6, 25, 9, 41, 5, tzinfo=UTC)),
        ("1529919665", datetime(2018, 6, 25, 9, 41, 5, tzinfo=UTC)),
    ],
)
def test_device_time_is_local_or_unix_seconds(text: str, expected: datetime) -> None:
    assert protocol.parse_time(text, SHANGHAI) == expected


def test_half_hour_zone_is_told_in_minutes() -> None:
    assert protocol.time_zone_value(ZoneInfo("Asia/Kolkata"), NOW) == 330


@pytest.mark.parametrize("path", ["/iclock/cdata", "/iclock/cdata.aspx", "cdata", "/d/secret/iclock/CDATA.ASPX"])
def test_every_spelling_of_the_path_works(path: str) -> None:
    assert protocol.endpoint(path) == "cdata"


def test_chinese_names_in_either_encoding() -> None:
    assert protocol.decode("王兰".encode("gb2312")) == "王兰"
    assert protocol.decode("王兰".encode()) == "王兰"


def test_unknown_terminal_is_quarantined_and_hears_ok() -> None:
    stranger = RawRequest("POST", "cdata", {"SN": "X9", "table": "ATTLOG"}, {}, b"7\t2026-09-01 08:00:00\t0\t1")
    items, reply = ZkPush(CONFIG, lend()).receive(stranger)
    assert [item.quarantine for item in items] == ["unknown_device"]
    assert reply.on_commit(Committed(0, 1)).body == b"OK: 1"
    introduced, _reply = ZkPush(CONFIG, lend()).receive(RawRequest("GET", "cdata", {"SN": "X9"}, {}, b""))
    assert [item.dedupe_key for item in introduced] == ["zk:X9:stranger"]


@pytest.mark.parametrize(("remote", "secret", "verified"), [("10.0.0.7", False, True), ("10.0.0.9", True, True)])
def test_terminal_is_verified_by_address_or_secret_path(remote: str, secret: bool, verified: bool) -> None:
    body = b"1001\t2026-09-01 08:59:30\t0\t1"
    asked = RawRequest("POST", "cdata", {"SN": SN, "table": "ATTLOG"}, {}, body, remote, secret)
    items, _reply = ZkPush(CONFIG, lend()).receive(asked)
    assert items[0].payload["verified"] is verified


def test_unverified_events_can_be_held_back() -> None:
    items, _reply = upload(b"1001\t2026-09-01 08:59:30\t0\t1", config={**CONFIG, "require_verified": True})
    assert items[0].quarantine == "unverified_device"


def test_biometrics_and_passwords_are_never_kept() -> None:
    body = b"FP PIN=1\tFID=5\tTMP=AAECAwQ\nUSER PIN=1\tPasswd=1234\nFACE PIN=1\tTMP=9999\nOPLOG 4\t0\t2026-09-01"
    items, reply = upload(body, table="OPERLOG")
    assert (items, reply) == ([], "OK: 4")
    smuggled, _reply = upload(b"FACE PIN=1\tTMP=AAECAwQ\nUSER PIN=2\tPasswd=1234\tName=x")
    assert [item.raw for item in smuggled] == [b"FACE (removed)", b"USER PIN=2\tPasswd=\tName=x"]
    assert "1234" not in json.dumps([dict(item.payload) for item in smuggled])


def test_command_results_in_both_shapes() -> None:
    batch = protocol.parse_results(b"ID=info8487&Return=0&CMD=DATA\nID=a2&Return=-1002&CMD=DATA")
    assert [(one.command_id, one.return_code, one.is_done) for one in batch] == [
        ("info8487", "0", True), ("a2", "-1002", False),
    ]  # fmt: skip
    lines = protocol.parse_results(b"ID=32\nReturn=0\nCMD=Shell\nContent=secret\nID=33\nReturn=-1\nCMD=DATA")
    assert [(one.command_id, one.return_code, one.command) for one in lines] == [
        ("32", "0", "Shell"), ("33", "-1", "DATA"),
    ]  # fmt: skip


def test_command_result_is_a_receipt_of_its_message() -> None:
    items, _reply = ZkPush(CONFIG, lend()).receive(request("devicecmd", b"ID=abc&Return=-1002&CMD=DATA"))
    receipt = items[0].receipt
    assert receipt is not None
    assert (receipt.status, receipt.provider_id, receipt.recipient) == (ReceiptStatus.FAILED, "abc", SN)


def test_poll_picks_up_commands() -> None:
    _items, reply = ZkPush(CONFIG, lend()).receive(request("getrequest", method="GET"))
    assert reply.on_commit(Committed(0, 0)).body == b"OK"
    assert reply.pickup is not None
    payload = {"command": "update_person", "person_no": "1001", "name": "王兰", "card_no": "075BCD15"}
    out = Outbound(MESSAGE, payload, 1, NOW)
    assert reply.pickup.hand_over(out).provider_id == command_id(MESSAGE)
    expected = f"C:{command_id(MESSAGE)}:DATA UPDATE USERINFO PIN=1001\tName=王兰\tPri=0\tCard=[15CD5B07]\n"
    assert reply.pickup.render([out]).body.decode() == expected
    assert len(command_id(MESSAGE)) == 16


def test_published_card_number_is_written_little_endian() -> None:
    assert card_field(f"{123456789:08X}") == "[15CD5B07]"


@pytest.mark.parametrize(
    "payload",
    [
        {"command": "shell", "text": "reboot"},
        {"command": "update_person", "person_no": "1\nC:2:SHELL x"},
        {"command": "update_person", "person_no": "1", "name": "a\tPri=14"},
        {"command": "resend", "start": "2026-09-01 00:00:00", "end": "now"},
        {},
    ],
)
def test_command_cannot_smuggle_another(payload: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        command_line(Outbound(MESSAGE, payload, 1, NOW))


def test_malformed_serial_number_is_refused() -> None:
    items, reply = ZkPush(CONFIG, lend()).receive(RawRequest("GET", "cdata", {"SN": "x\r\ny"}, {}, b""))
    assert (list(items), reply.on_commit(Committed(0, 0)).status) == ([], 400)


def test_unknown_zone_is_a_configuration_fault() -> None:
    with pytest.raises(BadConfig):
        ZkPush({**CONFIG, "zone": "Mars/Base"}, lend())


@given(st.binary(max_size=400), st.sampled_from(["ATTLOG", "OPERLOG", "ATTPHOTO", "options", ""]))
def test_any_body_is_answered_with_ok(body: bytes, table: str) -> None:
    items, reply = upload(body, table=table)
    assert reply.startswith("OK")
    assert all(len(item.raw) <= 300 for item in items)
