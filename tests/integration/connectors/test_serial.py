"""The card reader and the modem over pseudo-terminals, against their simulators as processes of their own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.card_reader.connector import CardReader
from connectors.gsm_modem.connector import GsmModem
from connectors.ports import open_serial
from connectors.simulators import control
from engine.kernel.clock import SystemClock
from engine.kernel.connector import (
    HealthState,
    Inbound,
    Outbound,
    Polled,
    ReceiptStatus,
    SendStatus,
    Unavailable,
)
from tests.integration.connectors.peers import real_context, wait_until

Start = Callable[..., Path]
PHONE = "+8613800138000"


def collect(poll: Callable[[], Polled], enough: Callable[[list[Inbound]], bool], rounds: int = 30) -> list[Inbound]:
    items: list[Inbound] = []
    for _round in range(rounds):
        polled = poll()
        items.extend(polled.items)
        if polled.acknowledge is not None:
            polled.acknowledge()
        if enough(items):
            return items
    raise AssertionError(f"only {items}")


@pytest.fixture
def reader(run_simulator: Start, tmp_path: Path) -> Iterator[tuple[CardReader, Path]]:
    socket = run_simulator("card_reader", "--link", str(tmp_path / "reader"))
    connector = CardReader({"port": str(tmp_path / "reader"), "device": "前台"}, real_context())
    connector.poll(None, 10)
    yield connector, socket
    connector.close()


def test_swipe_of_the_simulated_reader_is_one_event(reader: tuple[CardReader, Path]) -> None:
    connector, socket = reader
    assert control.tell(socket, "swipe", "0008075634") == "ok 007B3972"
    items = collect(lambda: connector.poll(None, 10), bool)
    assert [(item.payload["card_no"], item.payload["device"], item.payload["duplicate"]) for item in items] == [
        ("007B3972", "前台", False)
    ]
    assert connector.poll(None, 10).items == []
    control.tell(socket, "swipe", "0008075635")
    assert collect(lambda: connector.poll(None, 10), bool)[0].payload["card_no"] == "007B3973"


def test_partial_frames_noise_and_wrong_checksums(reader: tuple[CardReader, Path]) -> None:
    connector, socket = reader
    for piece in ("ff00", "02364630", "30374233", "39373235"):
        control.tell(socket, "noise", piece)
        assert connector.poll(None, 10).items == []
    control.tell(socket, "noise", "4603")
    assert collect(lambda: connector.poll(None, 10), bool)[0].payload["card_no"] == "007B3972"
    control.tell(socket, "damage")
    assert collect(lambda: connector.poll(None, 10), bool)[0].quarantine == "bad_frame:checksum"


def test_reader_is_unplugged_and_plugged_in_again(reader: tuple[CardReader, Path]) -> None:
    connector, socket = reader
    control.tell(socket, "unplug")
    with pytest.raises(Unavailable):
        collect(lambda: connector.poll(None, 10), bool)
    with pytest.raises(Unavailable):
        connector.poll(None, 10)
    assert connector.check().state is HealthState.DOWN
    control.tell(socket, "plug")
    connector.poll(None, 10)
    control.tell(socket, "swipe", "123,14706")
    assert len(collect(lambda: connector.poll(None, 10), bool)) == 1


def test_port_has_one_owner(reader: tuple[CardReader, Path], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="lock"):
        open_serial(str(tmp_path / "reader"), baudrate=9600, timeout=0.1)


@pytest.fixture
def modem(run_simulator: Start, tmp_path: Path) -> Iterator[tuple[GsmModem, Path, Path]]:
    sent = tmp_path / "sent.jsonl"
    socket = run_simulator("gsm_modem", "--link", str(tmp_path / "modem"), "--sent", str(sent))
    config = {"port": str(tmp_path / "modem"), "send_timeout_s": 4, "signature": "启明教育"}
    connector = GsmModem(config, real_context())
    yield connector, socket, sent
    connector.close()


def message(text: str) -> Outbound:
    return Outbound(uuid4(), {"to": PHONE, "text": text}, 1, SystemClock().now())


def test_long_chinese_message_is_sent_and_each_part_confirmed(modem: tuple[GsmModem, Path, Path]) -> None:
    connector, _socket, sent = modem
    text = "您的孩子已到校，剩余课时 12.5。" * 6 + "😀"
    result = connector.send(message(text))
    assert (result.status, len(result.provider_ids)) == (SendStatus.SENT, 2)
    entry = json.loads(sent.read_text(encoding="utf-8"))
    assert (entry["to"], entry["text"], entry["parts"]) == (PHONE, "【启明教育】" + text, 2)
    items = collect(lambda: connector.poll(None, 10), lambda found: len(found) == 2)
    receipts = [item.receipt for item in items if item.receipt]
    assert {one.provider_id for one in receipts} == set(result.provider_ids)
    assert {(one.status, one.recipient) for one in receipts} == {(ReceiptStatus.DELIVERED, PHONE)}


def test_reply_stays_in_the_modem_until_it_is_acknowledged(modem: tuple[GsmModem, Path, Path]) -> None:
    connector, socket, _sent = modem
    connector.poll(None, 10)
    text = "好的，谢谢老师！" * 12
    control.tell(socket, "receive", PHONE, text)
    first = next(polled for polled in iter(lambda: connector.poll(None, 10), None) if polled.items)
    assert [(item.payload["text"], item.correlation["phone"]) for item in first.items] == [(text, PHONE)]
    connector.close()
    again = next(polled for polled in iter(lambda: connector.poll(None, 10), None) if polled.items)
    assert [item.dedupe_key for item in again.items] == [item.dedupe_key for item in first.items]
    assert again.acknowledge is not None
    again.acknowledge()
    connector.close()
    assert connector.poll(None, 10).items == []


def test_call_shows_the_number(modem: tuple[GsmModem, Path, Path]) -> None:
    connector, socket, _sent = modem
    connector.poll(None, 10)
    control.tell(socket, "ring", "13800138000")
    items = collect(lambda: connector.poll(None, 10), bool)
    assert [(item.name, item.payload["phone"]) for item in items] == [("call.incoming", PHONE)]


@pytest.mark.parametrize(
    ("command", "status"),
    [(("next", "42"), SendStatus.RETRY), (("next", "1"), SendStatus.PERMANENT), (("silent",), SendStatus.UNKNOWN)],
)
def test_modem_trouble_is_classified(
    modem: tuple[GsmModem, Path, Path], command: tuple[str, ...], status: SendStatus
) -> None:
    connector, socket, _sent = modem
    control.tell(socket, *command)
    assert connector.send(message("x")).status is status
    assert connector.send(message("y")).status is SendStatus.SENT


def test_modem_is_unplugged_and_plugged_in_again(modem: tuple[GsmModem, Path, Path]) -> None:
    connector, socket, _sent = modem
    assert connector.send(message("x")).status is SendStatus.SENT
    control.tell(socket, "unplug")
    with pytest.raises(Unavailable):
        collect(lambda: connector.poll(None, 10), lambda _found: False)
    with pytest.raises(Unavailable):
        connector.send(message("x"))
    control.tell(socket, "plug")
    wait_until(lambda: connector.send(message("y")).status is SendStatus.SENT)
    assert connector.check(deep=True).facts == {"signal": "23", "registration": "1"}
