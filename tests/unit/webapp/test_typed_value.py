"""New values of variables as operators type them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.kernel.errors import UserError
from webapp.screens.work.typedvalue import typed


@pytest.mark.parametrize(
    ("text", "declared", "before", "value"),
    [
        ("1,200.50", "money", None, Decimal("1200.50")),
        ("3", "", Decimal(2), Decimal(3)),
        ("否", "boolean", True, False),
        ("2026-09-01", "date", None, date(2026, 9, 1)),
        ("2026-09-01T00:00:00+00:00", "dateTime", None, datetime(2026, 9, 1, tzinfo=UTC)),
        ('["a"]', "list", None, ["a"]),
        ('{"n": 1.5}', "context", None, {"n": Decimal("1.5")}),
        ("EAST2026-00009", "text", None, "EAST2026-00009"),
        ("", "money", Decimal(1), None),
    ],
)
def test_value_gets_the_type_of_the_variable(text: str, declared: str, before: Any, value: Any) -> None:
    assert typed(text, declared, before) == value


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("abc", "money"),
        ("NaN", "number"),
        ("vielleicht", "boolean"),
        ("1.9.2026", "date"),
        ("[1", "list"),
        ("[]", "context"),
    ],
)
def test_value_of_another_type_is_refused(text: str, declared: str) -> None:
    with pytest.raises(UserError) as refused:
        typed(text, declared, None)
    assert set(refused.value.fields) == {"value"}
