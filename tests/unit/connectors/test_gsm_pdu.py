"""SMS protocol data units: published ones, and texts that break naive codecs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gsm_modem.alphabet import Alphabet
from connectors.gsm_modem.connector import status_of
from connectors.gsm_modem.network_pdu import encode_deliver, encode_status
from connectors.gsm_modem.pdu import decode_deliver, decode_status, decode_submit, encode_submit
from connectors.gsm_modem.segments import Concat, Part, join, split, text_of
from connectors.sms_text import billed_parts, is_opt_out, with_signature
from engine.kernel.connector import BadInput, ReceiptStatus, SendStatus
from engine.kernel.phone import e164

PHONE = "+8613800138000"
AT = datetime(2026, 9, 1, 1, 2, 3, tzinfo=UTC)
PATIENCE = timedelta(hours=12)


def test_published_deliver_is_read() -> None:
    found = decode_deliver("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    assert found.sender == "27838890001"
    assert found.at == datetime(1999, 3, 29, 13, 16, 59, tzinfo=UTC)  # 15:16:59 at +2 h
    assert text_of(found.alphabet, found.units) == "hellohello"


def test_published_submit_is_read_and_ours_differs_in_receipt_and_validity_only() -> None:
    published = decode_submit("0011000B916407281553F80000AA0AE8329BFD4697D9EC37")
    assert (published.recipient, text_of(published.alphabet, published.units)) == ("+46708251358", "hellohello")
    ours = encode_submit("+46708251358", "hellohello")
    assert [part.pdu for part in ours] == ["0021000B916407281553F800000AE8329BFD4697D9EC37"]
    assert ours[0].octets == 22


def test_chinese_text_is_ucs2() -> None:
    part = encode_submit(PHONE, "已到校")[0]
    assert part.pdu == "0021000D91683108108300F00008065DF252306821"


@pytest.mark.parametrize(
    ("length", "is_wide", "sizes"),
    [(70, False, [70]), (71, False, [67, 4]), (134, False, [67, 67]), (135, False, [67, 67, 1]), (71, True, [66, 5])],
)
def test_chinese_text_is_split_at_the_standard_sizes(length: int, is_wide: bool, sizes: list[int]) -> None:
    assert [len(part) for part in split("字" * length, is_wide=is_wide)[1]] == sizes


def test_seven_bit_text_is_split_at_the_standard_sizes() -> None:
    assert [len(part) for part in split("a" * 160)[1]] == [160]
    assert [len(part) for part in split("a" * 161)[1]] == [153, 8]
    assert [len(part) for part in split("a" * 152 + "€" + "a" * 20)[1]] == [152, 22]


def test_emoji_is_never_cut_in_two() -> None:
    parts = encode_submit(PHONE, "学" * 66 + "😀" + "好" * 10, reference=7)
    texts = [text_of(one.alphabet, one.units) for one in (decode_submit(part.pdu) for part in parts)]
    assert texts == ["学" * 66, "😀" + "好" * 10]


def test_lone_surrogate_becomes_a_question_mark() -> None:
    submit = decode_submit(encode_submit(PHONE, "字\ud83d")[0].pdu)
    assert text_of(submit.alphabet, submit.units) == "字?"


def test_long_message_carries_its_header() -> None:
    narrow = encode_submit(PHONE, "字" * 71, reference=0x1234)
    wide = encode_submit(PHONE, "字" * 71, reference=0x1234, is_wide=True)
    assert "050003340201" in narrow[0].pdu
    assert "06080412340202" in wide[1].pdu
    assert narrow[0].pdu.startswith("0061")
    assert decode_submit(wide[1].pdu).concat == Concat(0x1234, 2, 2, True)


@given(st.text(max_size=400), st.booleans())
def test_any_text_survives_the_way_there(text: str, is_wide: bool) -> None:
    units: list[int] = []
    alphabet = Alphabet.GSM7
    for part in encode_submit(PHONE, text, reference=9, is_wide=is_wide):
        submit = decode_submit(part.pdu)
        assert len(part.pdu) // 2 - 1 == part.octets <= 164
        alphabet = submit.alphabet
        units.extend(submit.units)
    expected = text.encode("utf-16-be", "replace").decode("utf-16-be")
    assert text_of(alphabet, units) == expected


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    for decode in (decode_deliver, decode_status):
        try:
            decode(data.hex())
        except BadInput:
            continue


@pytest.mark.parametrize("to", ["", "+86138\r\nATD110", "138;00", "１３８", '13800138000"'])
def test_number_cannot_carry_a_command(to: str) -> None:
    with pytest.raises(BadInput):
        encode_submit(to, "x")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0x00, ReceiptStatus.DELIVERED), (0x20, ReceiptStatus.PENDING), (0x46, ReceiptStatus.EXPIRED),
        (0x41, ReceiptStatus.FAILED), (0x60, ReceiptStatus.FAILED),
    ],
)  # fmt: skip
def test_status_report_says_what_became_of_it(code: int, status: ReceiptStatus) -> None:
    report = decode_status(encode_status(200, PHONE, AT, code))
    assert (report.reference, report.recipient, report.done_at, report.status) == (200, PHONE, AT, status)


def stored(text: str, first_index: int, reference: int = 1) -> list[Part]:
    parts = []
    for index, pdu in enumerate(encode_deliver(PHONE, text, AT, reference=reference), start=first_index):
        found = decode_deliver(pdu)
        parts.append(Part(index, found.sender, found.at, found.alphabet, found.units, found.concat))
    return parts


def test_parts_are_joined_in_any_order_and_counted_once() -> None:
    text = "家长您好" * 20 + "😀"
    first, second = stored(text, 1)
    doubled = Part(9, second.sender, second.at, second.alphabet, second.units, second.concat)
    whole = join([second, doubled, first], AT, PATIENCE)
    assert [(one.text, one.indexes, one.is_partial) for one in whole] == [(text, (1, 2, 9), False)]


def test_incomplete_message_waits_then_comes_as_partial() -> None:
    first, _second = stored("字" * 100, 1)
    assert join([first], AT + timedelta(hours=11), PATIENCE) == []
    late = join([first], AT + timedelta(hours=12), PATIENCE)
    assert [(one.text, one.is_partial) for one in late] == [("字" * 67, True)]


def test_messages_with_other_references_are_kept_apart() -> None:
    parts = [*stored("甲" * 100, 1, reference=1), *stored("乙" * 100, 3, reference=2)]
    assert sorted(one.text[0] for one in join(parts, AT, PATIENCE)) == ["乙", "甲"]


@pytest.mark.parametrize(
    ("code", "status"),
    [("1", SendStatus.PERMANENT), ("42", SendStatus.RETRY), ("500", SendStatus.UNKNOWN), ("", SendStatus.UNKNOWN)],
)
def test_modem_error_decides_about_sending_again(code: str, status: SendStatus) -> None:
    assert status_of(code) is status


@pytest.mark.parametrize(("text", "parts"), [("字" * 134, 2), ("字" * 135, 3), ("字" * 150, 3), ("😀" * 35, 1)])
def test_provider_bills_by_seventy_and_sixty_seven(text: str, parts: int) -> None:
    assert billed_parts(text) == parts


@pytest.mark.parametrize("text", ["T", "td", " 退订 ", "Ｎ", "r"])
def test_opt_out_is_the_whole_reply(text: str) -> None:
    assert is_opt_out(text)
    assert not is_opt_out(text + "吗")


def test_signature_is_put_once() -> None:
    assert with_signature(with_signature("到校", "启明"), "启明") == "【启明】到校"


@pytest.mark.parametrize("written", ["13800138000", "+86 138-0013-8000", "008613800138000", "１３８００１３８０００"])
def test_mobile_number_has_one_form(written: str) -> None:
    assert e164(written) == PHONE
