"""What a form accepts."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from engine.kernel.errors import UserError
from forms.access import Access, FormAccess, form_access, full_access
from forms.definition import Form
from forms.environment import FormEnv
from forms.loader import load_form
from forms.validation import validate
from tests.unit.forms.conftest import definition, field

STUDENT = "0192f000-0000-7000-8000-000000000001"


def test_validate_gives_typed_values(refund: Form, env: FormEnv) -> None:
    submitted = {"amount": "100.5", "way": "cash", "reason": " 搬家 ", "lines": [{"hours": "1.5", "paid": True}]}
    values, errors = validate(refund, submitted, full_access(refund), env)
    assert errors == {}
    assert values == {
        "amount": Decimal("100.50"),
        "way": "cash",
        "reason": "搬家",
        "lines": [{"hours": Decimal("1.50"), "paid": True}],
    }


def test_validate_refuses_what_the_actor_may_not_write(refund: Form, env: FormEnv) -> None:
    access = form_access(refund, {"reason": Access.HIDDEN}, {"contract.net_amount": Access.READ})
    values, errors = validate(refund, {"amount": "1", "reason": "x", "nothing": 1, "way": "cash"}, access, env)
    assert values == {"way": "cash"}
    assert errors["amount"].en == "You may not fill this in"
    assert errors["reason"] == errors["nothing"]
    assert errors["nothing"].zh == "表单没有此字段"


def test_validate_names_missing_fields(refund: Form, env: FormEnv) -> None:
    _, errors = validate(refund, {"way": "bank", "amount": "2000"}, full_access(refund), env)
    assert {path: text.zh for path, text in errors.items()} == {"account": "请填写此项", "reason": "请填写此项"}


def test_validate_drops_fields_hidden_by_a_rule(refund: Form, env: FormEnv) -> None:
    values, errors = validate(
        refund, {"way": "cash", "amount": "1", "account": "much too long"}, full_access(refund), env
    )
    assert errors == {}
    assert "account" not in values


def test_validate_refuses_a_field_a_rule_froze(refund: Form, env: FormEnv) -> None:
    locked = FormEnv(env.feel, {**env.context, "locked": True})
    _, errors = validate(refund, {"way": "cash", "amount": "1", "reason": "x"}, full_access(refund), locked)
    assert errors["reason"].zh == "您无权填写此项"


def test_validate_runs_checks_with_their_message(refund: Form, env: FormEnv) -> None:
    _, errors = validate(refund, {"way": "cash", "amount": "4516.37", "reason": "x"}, full_access(refund), env)
    assert errors["amount"].zh == "不能超过可退金额"


def test_validate_reports_limits_inside_tables(refund: Form, env: FormEnv) -> None:
    submitted = {"way": "cash", "amount": "1", "lines": [{"hours": "0.25"}, {"paid": False}, {"hours": "x"}]}
    _, errors = validate(refund, submitted, full_access(refund), env)
    assert errors["lines.2.hours"].zh == "请输入课时数，最多两位小数"
    _, errors = validate(refund, {**submitted, "lines": submitted["lines"][:2]}, full_access(refund), env)
    assert errors["lines.0.hours"].zh == "不能小于 0.5"
    assert errors["lines.1.hours"].zh == "请填写此项"
    three = [{"hours": "1"}] * 3
    _, errors = validate(refund, {**submitted, "lines": three}, full_access(refund), env)
    assert errors["lines"].zh == "最多 2 项"


def test_validate_draft_asks_for_nothing(refund: Form, env: FormEnv) -> None:
    values, errors = validate(refund, {"reason": "later"}, full_access(refund), env, draft=True)
    assert (values, errors) == ({"reason": "later"}, {})


@pytest.mark.parametrize(
    ("schema", "submitted", "expected"),
    [
        (field(format="date"), "2026-09-01", date(2026, 9, 1)),
        (field(format="time"), "18:30", time(18, 30)),
        (field(format="date-time"), "2026-09-01T18:30", datetime(2026, 9, 1, 10, 30, tzinfo=UTC)),
        (field(format="decimal"), "0.125", Decimal("0.125")),
        (field("integer"), "3", 3),
        (field("boolean"), "true", True),
        (field(format="email"), "li@example.com", "li@example.com"),
        (field(format="phone"), "13812345678", "13812345678"),
        (field(format="record", **{"x-object": "student"}), STUDENT, STUDENT),
        (field(), "", None),
    ],
)
def test_validate_reads_each_kind(schema: dict[str, Any], submitted: Any, expected: object, env: FormEnv) -> None:
    form = load_form(definition({"value": schema}))
    values, errors = validate(form, {"value": submitted}, full_access(form), env)
    assert errors == {}
    assert values["value"] == expected


@pytest.mark.parametrize(
    ("schema", "submitted", "message"),
    [
        (field(format="money"), "1.005", "请输入金额，最多两位小数"),
        (field(format="money"), "NaN", "请输入金额，最多两位小数"),
        (field(format="decimal"), "1e400", "请输入数字"),
        (field("integer"), "1.5", "请输入整数"),
        (field(format="date"), "2026-02-30", "请输入日期，如 2026-09-01"),
        (field(format="time"), "25:00", "请输入时间，如 18:30"),
        (field(format="date-time"), "tomorrow", "请输入日期和时间"),
        (field(format="email"), "li@", "请输入有效的邮箱地址"),
        (field(format="phone"), "12", "请输入有效的电话号码"),
        (field(format="record", **{"x-object": "student"}), "1 or 1=1", "请从列表中选择"),
        (field(), 5, "请输入文字"),
        (field("boolean"), "perhaps", "请选择是或否"),
        (field(maxLength=3), "abcd", "最多 3 个字"),
        (field(minLength=3), "ab", "至少 3 个字"),
        (field(pattern="^[0-9]+$"), "1a", "格式不正确"),
        (field(**{"x-options": [{"value": "a", "zh": "甲", "en": "A"}]}), "b", "不在可选范围内"),
        (field("array", **{"x-options": [{"value": "a", "zh": "甲", "en": "A"}]}), ["b"], "不在可选范围内"),
        (field("integer", maximum=12), "13", "不能大于 12"),
        (field(format="hours", **{"x-maximum": "10"}), "10.5", "不能大于 10"),
        (field("array", items={"type": "object", "properties": {"a": field()}}), "no list", "请选择一项或多项"),
    ],
)
def test_validate_explains_what_it_expected(schema: dict[str, Any], submitted: Any, message: str, env: FormEnv) -> None:
    form = load_form(definition({"value": schema}))
    values, errors = validate(form, {"value": submitted}, full_access(form), env)
    assert values == {}
    assert [text.zh for text in errors.values()] == [message]


def test_validate_ticks_must_be_ticked_when_required(env: FormEnv) -> None:
    form = load_form(definition({"agreed": field("boolean")}, required=("agreed",)))
    assert validate(form, {"agreed": False}, full_access(form), env).errors["agreed"].en == "Please fill this in"


def test_access_makes_a_field_required(env: FormEnv) -> None:
    form = load_form(definition({"note": field()}))
    access = FormAccess({"note": Access.REQUIRED})
    assert validate(form, {}, access, env).errors["note"].zh == "请填写此项"


def test_accepted_raises_with_the_fields(refund: Form, env: FormEnv) -> None:
    with pytest.raises(UserError) as caught:
        validate(refund, {}, full_access(refund), env).accepted()
    assert sorted(caught.value.fields) == ["amount", "way"]
    assert caught.value.code == "form_invalid"
