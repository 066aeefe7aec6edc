"""Names are looked up by the words of an expression, and found however they are written."""

import pytest

from engine.workflow.gate.known import Known

KNOWN = Known(["amount", "in", "order total", "a-b", "应收/实收", "2 fold", "other"])


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("amount > 5", []),
        ("= order  total > amount", []),
        ("a - b > 0", []),
        ("应收 / 实收 = 1", []),
        ("order > 5 and missing", ["missing", "order"]),
        ("amount >", []),
        ("for x in other return x", []),
    ],
)
def test_names_are_known_whatever_their_shape(text: str, unknown: list[str]) -> None:
    assert KNOWN.unknown(text) == unknown


def test_only_names_that_may_be_meant_are_looked_at() -> None:
    assert KNOWN.within("amount > order") == ("amount", "order total")
