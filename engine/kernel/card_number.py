"""Card numbers: every printed and transmitted form of one card leads to one canonical key.

Canonical keys: `007B3972` (32-bit identity, 8 upper-case hex digits), `W7B3972` (only the low 24 bits are known: the
Wiegand-26 form, which two cards may share), `04A1B2C3D4E5F6` (7-byte UID). Keys of different width never compare equal:
a Wiegand-26 reading may only be *suggested* for a full identity, see `may_be_same`.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

_WIEGAND_TEXT = re.compile(r"(\d{1,3})[,，](\d{1,5})")
_HEX = re.compile(r"[0-9A-F]+")


class CardForm(StrEnum):
    """How a number is written: 0008075634, 007B3972, 123,14706, 12314706, 6F007B3972, 14 hex digits."""

    DECIMAL_10 = "10d"
    HEX_8 = "8h"
    WIEGAND_26 = "wg26"
    DECIMAL_8 = "8d"
    HEX_10 = "10h"
    UID_7 = "uid7"


class CardNumberError(ValueError):
    """The text is not a card number, or could be two different ones."""


def canonical(text: str, form: CardForm | None = None) -> str:
    """The canonical key of a card number; full-width digits are accepted.

    Without a form, a text that can be read in two ways is refused: eight decimal digits are 8H as well as 8D.
    Ten decimal digits are the printed decimal form.

    >>> [canonical(t) for t in ("0008075634", "123,14706", "6F007B3972")]
    ['007B3972', 'W7B3972', '007B3972']

    Raises:
        CardNumberError: not a number of that form, or ambiguous.
    """
    clean = unicodedata.normalize("NFKC", text).strip().upper().replace(" ", "")
    return _readers[form or guess_form(clean)](clean)


def guess_form(clean: str) -> CardForm:
    """The one form a text can have.

    Raises:
        CardNumberError: none, or more than one.
    """
    if _WIEGAND_TEXT.fullmatch(clean):
        return CardForm.WIEGAND_26
    if len(clean) == 10 and clean.isascii() and clean.isdigit():
        return CardForm.DECIMAL_10
    if not _HEX.fullmatch(clean):
        raise CardNumberError(f"expected a card number, found {clean[:20]!r}")
    if len(clean) == 8 and clean.isdigit():
        raise CardNumberError("eight digits may be hexadecimal or facility+number: say which")
    by_length = {8: CardForm.HEX_8, 10: CardForm.HEX_10, 14: CardForm.UID_7}
    if len(clean) not in by_length:
        raise CardNumberError(f"expected 8, 10 or 14 characters, found {len(clean)}")
    return by_length[len(clean)]


def from_value(value: int) -> str:
    """Canonical key of a 32-bit identity.

    >>> from_value(8075634)
    '007B3972'
    """
    if not 0 <= value <= 0xFFFFFFFF:
        raise CardNumberError(f"expected a 32-bit number, found {value}")
    return f"{value:08X}"


def from_wiegand26(facility: int, number: int) -> str:
    """Canonical key of a reading that has only facility code and number.

    >>> from_wiegand26(123, 14706)
    'W7B3972'
    """
    if not (0 <= facility <= 0xFF and 0 <= number <= 0xFFFF):
        raise CardNumberError(f"expected facility up to 255 and number up to 65535, found {facility},{number}")
    return f"W{facility:02X}{number:04X}"


def may_be_same(one: str, other: str) -> bool:
    """Whether two canonical keys of different width can belong to one card (for a person to confirm).

    >>> may_be_same("W7B3972", "007B3972"), may_be_same("W7B3972", "007B3973")
    (True, False)
    """
    narrow, wide = sorted((one, other), key=len)
    if narrow.startswith("W") and len(wide) == 8:
        return wide.endswith(narrow[1:])
    return one == other


def printed(key: str) -> str:
    """How a canonical key is most often printed on the card: ten digits; what is known of it when that is less.

    >>> [printed(key) for key in ("007B3972", "W7B3972", "04A1B2C3D4E5F6")]
    ['0008075634', '123,14706', '04A1B2C3D4E5F6']
    """
    if key.startswith("W"):
        return _wiegand_text(int(key[1:], 16))
    return f"{int(key, 16):010d}" if len(key) == 8 else key


def _wiegand_text(low24: int) -> str:
    return f"{low24 >> 16:03d},{low24 & 0xFFFF:05d}"


def _decimal_10(clean: str) -> str:
    if not (clean.isascii() and clean.isdigit() and len(clean) <= 10):
        raise CardNumberError(f"expected up to ten decimal digits, found {clean[:20]!r}")
    return from_value(int(clean))


def _hex_8(clean: str) -> str:
    return from_value(_hex(clean, 8))


def _hex_10(clean: str) -> str:
    return from_value(_hex(clean, 10) & 0xFFFFFFFF)


def _uid_7(clean: str) -> str:
    return f"{_hex(clean, 14):014X}"


def _wiegand(clean: str) -> str:
    match = _WIEGAND_TEXT.fullmatch(clean)
    if match is None:
        raise CardNumberError(f"expected facility,number such as 123,14706, found {clean[:20]!r}")
    return from_wiegand26(int(match[1]), int(match[2]))


def _decimal_8(clean: str) -> str:
    if not (clean.isascii() and clean.isdigit() and len(clean) == 8):
        raise CardNumberError(f"expected eight decimal digits, found {clean[:20]!r}")
    return from_wiegand26(int(clean[:3]), int(clean[3:]))


def _hex(clean: str, length: int) -> int:
    if len(clean) != length or not _HEX.fullmatch(clean):
        raise CardNumberError(f"expected {length} hexadecimal digits, found {clean[:20]!r}")
    return int(clean, 16)


_readers = {
    CardForm.DECIMAL_10: _decimal_10,
    CardForm.HEX_8: _hex_8,
    CardForm.WIEGAND_26: _wiegand,
    CardForm.DECIMAL_8: _decimal_8,
    CardForm.HEX_10: _hex_10,
    CardForm.UID_7: _uid_7,
}
