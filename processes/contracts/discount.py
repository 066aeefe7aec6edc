"""The discount of a contract, split over its lines so that the lines add up to the fen."""

from collections.abc import Sequence
from decimal import Decimal

from engine.kernel.errors import UserError
from engine.kernel.money import split_by_largest_remainder
from engine.kernel.text import Text

ZERO = Decimal("0.00")


def split_discount(discount: Decimal, list_amounts: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Shares of the discount in the order of the lines, in proportion to their list amounts.

    >>> split_discount(Decimal(100), [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")])
    (Decimal('33.33'), Decimal('33.33'), Decimal('33.34'))
    """
    total = sum(list_amounts, ZERO)
    if not ZERO <= discount <= total:
        raise UserError(
            "contract.discount_out_of_range",
            Text(f"优惠 {discount} 元必须在 0 与 {total} 元之间", f"The discount {discount} must be from 0 to {total}"),
            hint=Text("修改优惠金额", "Change the discount"),
            fields={"discount_amount": Text(f"0 ~ {total}", f"0 to {total}")},
        )
    if discount == 0:
        return tuple(ZERO for _ in list_amounts)
    return tuple(split_by_largest_remainder(discount, list_amounts))


def discount_rate(discount: Decimal, list_amount: Decimal) -> Decimal:
    """Discount as a share of the list amount, from 0 to 1 with four places; what the approval table decides on.

    >>> discount_rate(Decimal(500), Decimal(6000))
    Decimal('0.0833')
    """
    if list_amount == 0:
        return Decimal("0.0000")
    return (discount / list_amount).quantize(Decimal("0.0001"))
