"""One form with every feature the tests need, and a fixed moment."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import FeelEnv
from forms.definition import Form
from forms.environment import FormEnv
from forms.loader import load_form

LABEL = {"zh": "名称", "en": "Label"}


def field(type_: str = "string", **schema: Any) -> dict[str, Any]:
    """A property with a label."""
    return {"type": type_, "x-label": LABEL, **schema}


def definition(
    properties: dict[str, Any], *, required: tuple[str, ...] = (), rules: tuple[Any, ...] = ()
) -> dict[str, Any]:
    """A form with one section that shows every property."""
    return {
        "key": "refund.request",
        "title": {"zh": "退费申请", "en": "Refund request"},
        "schema": {"type": "object", "required": list(required), "properties": properties},
        "layout": [{"columns": 2, "fields": list(properties)}],
        "rules": list(rules),
    }


@pytest.fixture
def refund() -> Form:
    properties = {
        "amount": field(format="money", **{"x-minimum": "0.01", "x-field": "contract.net_amount"}),
        "way": field(
            **{
                "x-options": [
                    {"value": "cash", "zh": "现金", "en": "Cash"},
                    {"value": "bank", "zh": "转账", "en": "Bank"},
                ]
            }
        ),
        "account": field(maxLength=5),
        "reason": field(**{"x-widget": "textarea"}),
        "lines": field(
            "array",
            maxItems=2,
            items={
                "type": "object",
                "required": ["hours"],
                "properties": {"hours": field(format="hours", **{"x-minimum": "0.5"}), "paid": field("boolean")},
            },
        ),
    }
    rules = (
        {"field": "account", "visible": 'way = "bank"'},
        {"field": "account", "required": 'way = "bank"'},
        {"field": "reason", "required": "amount > 1000"},
        {"field": "reason", "read_only": "locked = true"},
        {"field": "amount", "check": "amount <= refundable", "message": {"zh": "不能超过可退金额", "en": "Not above"}},
    )
    return load_form(definition(properties, required=("amount", "way"), rules=rules))


@pytest.fixture
def env() -> FormEnv:
    from decimal import Decimal

    now = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
    return FormEnv(FeelEnv(now=now, zone=ZoneInfo("Asia/Shanghai")), {"refundable": Decimal("4516.36")})
