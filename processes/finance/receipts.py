"""Receipt numbers: per branch and year, without gaps (a void receipt keeps its number)."""

from collections.abc import Iterable
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")


def receipt_number(branch_code: str, year: int, sequence: int) -> str:
    """The printed number.

    >>> receipt_number("EAST", 2026, 42)
    'EAST-2026-000042'
    """
    return f"{branch_code}-{year}-{sequence:06d}"


def gaps(sequences: Iterable[int]) -> tuple[int, ...]:
    """Numbers missing between 1 and the highest: what the nightly check must find empty."""
    used = set(sequences)
    return tuple(number for number in range(1, max(used, default=0)) if number not in used)


def amount_in_words(amount: Decimal) -> str:
    """The amount in financial Chinese capitals, as printed on receipts.

    Source: 支付结算办法 附件一 (正确填写票据和结算凭证的基本规定).

    >>> amount_in_words(Decimal("1409.50")), amount_in_words(Decimal("6007.14")), amount_in_words(Decimal(0))
    ('人民币壹仟肆佰零玖元伍角整', '人民币陆仟零柒元壹角肆分', '人民币零元整')
    """
    fen_total = int((abs(amount) * 100).to_integral_value())
    yuan, rest = divmod(fen_total, 100)
    jiao, fen = divmod(rest, 10)
    words = f"{_integer(yuan)}元" if yuan else ""
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif yuan and fen:
        words += "零"
    words += f"{DIGITS[fen]}分" if fen else "整"
    return f"人民币{'负' if amount < 0 else ''}{words if fen_total else '零元整'}"


def _integer(value: int) -> str:
    groups = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group:
            needs_zero = bool(words) and (group < 1_000 or groups[index + 1] % 10 == 0)
            words += ("零" if needs_zero else "") + _group(group) + GROUPS[index]
    return words


def _group(value: int) -> str:
    words, pending_zero = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            words += ("零" if pending_zero and words else "") + DIGITS[digit] + PLACES[place]
            pending_zero = False
        else:
            pending_zero = True
    return words
