"""Yuan to the fen. Money is a Decimal with two places everywhere."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")


def fen(amount: Decimal | int | str) -> Decimal:
    """The amount rounded half-up to the fen.

    >>> fen("1363.636363")
    Decimal('1363.64')
    """
    return Decimal(amount).quantize(FEN, rounding=ROUND_HALF_UP)


def split_by_largest_remainder(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Shares of ``total`` in proportion to ``weights``, in fen, that add up to it exactly.

    The fen left over go to the largest remainders; of equal ones, to the later place.

    Raises: ValueError when the weights sum to nothing or one is negative.

    >>> split_by_largest_remainder(Decimal("100.00"), [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")])
    [Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
    """
    if any(weight < 0 for weight in weights) or not sum(weights):
        raise ValueError("expected weights of zero or more with a positive sum")
    sign = -1 if total < 0 else 1
    units = int(abs(fen(total)) / FEN)
    whole = sum(weights, Decimal(0))
    exact = [Decimal(units) * weight / whole for weight in weights]
    shares = [int(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (exact[i] - shares[i], i), reverse=True)
    for index in by_remainder[: units - sum(shares)]:
        shares[index] += 1
    return [sign * share * FEN for share in shares]
