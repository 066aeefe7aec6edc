"""Card numbers, frames and debouncing of serial readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.card_reader.decoding import (
    ByteOrder,
    Coding,
    Decoder,
    em4100_frame,
    em4100_identity,
    key_of_uid,
    wiegand26_bits,
    wiegand_key,
)
from connectors.card_reader.framing import Fixed, Frame, Framer, Gap, Line, StxEtx
from connectors.card_reader.presence import Presence, Reading
from engine.kernel.card_number import CardForm, CardNumberError, canonical, may_be_same, printed
from engine.kernel.connector import BadInput

GOOD = b"6F007B39725F"  # 6F ^ 00 ^ 7B ^ 39 ^ 72 = 5F


@pytest.mark.parametrize(
    ("text", "form", "key"),
    [
        ("0008075634", None, "007B3972"),
        ("007B3972", None, "007B3972"),
        ("007b3972", None, "007B3972"),
        ("6F007B3972", None, "007B3972"),
        ("123,14706", None, "W7B3972"),
        ("１２３，１４７０６", None, "W7B3972"),
        ("12314706", CardForm.DECIMAL_8, "W7B3972"),
        ("12314706", CardForm.HEX_8, "12314706"),
        ("8075634", CardForm.DECIMAL_10, "007B3972"),
        ("04A1B2C3D4E5F6", None, "04A1B2C3D4E5F6"),
    ],
)
def test_every_printed_form_leads_to_one_key(text: str, form: CardForm | None, key: str) -> None:
    assert canonical(text, form) == key


@pytest.mark.parametrize("text", ["12314706", "", "4294967296", "300,1", "007B397", "G07B3972", "1,2,3", "٠٠٠٨٠٧٥٦٣٤"])
def test_ambiguous_and_impossible_numbers_are_refused(text: str) -> None:
    with pytest.raises(CardNumberError):
        canonical(text)


def test_wiegand26_reading_is_only_suggested_for_a_full_identity() -> None:
    assert canonical("123,14706") != canonical("0008075634")
    assert may_be_same("W7B3972", "007B3972")
    assert may_be_same("W7B3972", "127B3972")
    assert not may_be_same("127B3972", "007B3972")


def test_key_is_printed_as_on_the_card() -> None:
    assert printed("007B3972") == "0008075634"
    assert printed("W7B3972") == "123,14706"
    assert canonical(printed("08075634")) == "08075634"


def test_em4100_frame_and_identity() -> None:
    assert em4100_frame(0x6F, 8075634) == b"\x02" + GOOD + b"\x03"
    assert em4100_identity(GOOD) == 8075634


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"6F007B39725E", "checksum"), (b"6F007B3972", "length"), (b"6F007B39725G", "hex"), (b"\xff" * 12, "hex")],
)
def test_damaged_em4100_body_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        Decoder().card_key(body)
    assert caught.value.code == code


def test_wiegand_bits_of_the_published_card() -> None:
    assert wiegand26_bits(123, 14706) == "0" + "011110110011" + "100101110010" + "1"
    assert wiegand_key("00111101100111001011100101") == "W7B3972"
    assert wiegand_key("0" + f"{0x007B3972:032b}" + "1") == "007B3972"


def test_wiegand_parity_is_checked() -> None:
    with pytest.raises(BadInput):
        wiegand_key("10111101100111001011100101")


def test_mifare_identity_in_either_byte_order() -> None:
    assert key_of_uid(bytes.fromhex("15CD5B07"), ByteOrder.LITTLE) == "075BCD15"  # card 123456789
    assert Decoder(Coding.TEXT, None, ByteOrder.LITTLE).card_key(b"15CD5B07") == "075BCD15"
    assert Decoder(Coding.BINARY).card_key(bytes.fromhex("075BCD15")) == "075BCD15"


def test_frames_survive_rubbish_truncation_and_any_cut() -> None:
    stream = b"noise\x02" + GOOD[:5] + b"\x02" + GOOD + b"\x03\x03\r\n\x02" + GOOD + b"\x03"
    for step in range(1, len(stream) + 1):
        framer = StxEtx()
        frames = [frame for at in range(0, len(stream), step) for frame in framer.feed(stream[at : at + step], 0.0)]
        assert frames == [Frame(GOOD[:5], "truncated"), Frame(GOOD), Frame(GOOD)]


def test_endless_frame_is_cut_off() -> None:
    framer = StxEtx()
    assert [frame.damaged for frame in framer.feed(b"\x02" + b"A" * 1000, 0.0)] == ["too_long"]
    assert framer.feed(b"\x02" + GOOD + b"\x03", 0.0) == [Frame(GOOD)]


def test_line_framing_takes_either_line_end() -> None:
    assert Line().feed(b"123,14706\r\n\r0008075634\n12", 0.0) == [Frame(b"123,14706"), Frame(b"0008075634")]


def test_fixed_framing_drops_a_block_cut_by_silence() -> None:
    framer = Fixed(4, gap_s=0.2)
    assert framer.feed(b"\x01\x02", 0.0) == []
    assert framer.feed(b"\x15\xcd\x5b\x07\x15", 1.0) == [Frame(b"\x01\x02", "truncated"), Frame(b"\x15\xcd\x5b\x07")]
    assert framer.feed(b"\xcd\x5b\x07", 1.1) == [Frame(b"\x15\xcd\x5b\x07")]


def test_gap_framing_ends_a_frame_by_silence() -> None:
    framer = Gap(0.1)
    assert framer.feed(b"12", 0.0) == []
    assert framer.feed(b"3,14706", 0.05) == []
    assert framer.feed(b"", 0.2) == [Frame(b"123,14706")]


@given(st.binary(max_size=300), st.sampled_from([StxEtx, Line, Gap, lambda: Fixed(4)]))
def test_framers_and_decoders_only_raise_bad_input(data: bytes, make: type[StxEtx]) -> None:
    framer: Framer = make()
    frames = [*framer.feed(data, 0.0), *framer.feed(b"", 5.0)]
    for frame in frames:
        for coding in Coding:
            try:
                assert Decoder(coding).card_key(frame.body)
            except BadInput:
                continue


def test_card_in_the_field_is_one_swipe() -> None:
    presence = Presence(60)
    readings = [presence.read("A", number * 0.06) for number in range(50)]
    assert readings == [Reading.FRESH] + [Reading.REPEAT] * 49


def test_second_swipe_within_the_window_is_a_duplicate() -> None:
    presence = Presence(60)
    times = (0.0, 10.0, 59.0, 61.5, 70.0)
    assert [presence.read("A", at) for at in times] == [
        Reading.FRESH, Reading.DUPLICATE, Reading.DUPLICATE, Reading.FRESH, Reading.DUPLICATE,
    ]  # fmt: skip
    assert presence.read("B", 70.1) is Reading.FRESH
