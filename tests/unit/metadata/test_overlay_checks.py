"""Expressions of an object are read when it is saved, and what is always null is refused."""

import pytest

from engine.kernel.errors import UserError
from engine.metadata.loader import parse_object
from engine.metadata.overlay_checks import check_expressions


def item(expression: str):
    field = {"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "visible_when": expression}
    born = {"key": "born", "type": "date", "label": {"zh": "生日", "en": "Birthday"}}
    label = {"zh": "物品", "en": "Item"}
    return parse_object(
        {"key": "item", "label": label, "name_field": "name", "fields": [field, born]}, where="item.yaml"
    )


def test_sound_expression_is_accepted():
    check_expressions(item('starts with(name, "A") and today() > @"2026-03-01" and born.year > 2015'))


@pytest.mark.parametrize(
    ("expression", "code", "said"),
    [
        ("name ＝ 1", "feel_invalid", "请用半角的 ="),
        ("round(name) = 1", "unknown_name", "是不是“round half up”？"),
        ("nmae = 1", "unknown_name", "没有名称“nmae”"),
        ("starts with(name)", "expression_always_null", "starts with 要 2 个参数，这里有 1 个"),
        ('today() = "2026-03-01"', "expression_always_null", "日期写成 @"),
        ('born > "2015-01-01"', "expression_always_null", "日期写成 @"),
        ("born + 30 > today()", "expression_always_null", "加减天数写 + @"),
        ("name.length > 3", "expression_always_null", "string length(文字)"),
        ("name > 3", "expression_always_null", "统一类型"),
    ],
)
def test_slip_is_refused_with_its_remedy(expression, code, said):
    with pytest.raises(UserError) as caught:
        check_expressions(item(expression))
    assert caught.value.code == code
    assert said in caught.value.message.zh


def test_fields_are_not_offered_to_who_may_not_know_them():
    with pytest.raises(UserError) as caught:
        check_expressions(item("nmae = 1"))
    assert caught.value.message.en == 'There is no name "nmae" in "nmae = 1"'
