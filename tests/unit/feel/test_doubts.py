"""What is always null is doubted, with its place and a remedy; what may have a value is not."""

import pytest

from engine.feel import compile_expression, compile_unary_tests, doubts
from engine.feel.syntax import TypeName

ALWAYS_NULL = [
    ('substring("初中部")', 1, "substring 要 2 或 3 个参数，这里有 1 个", "takes 2 or 3 arguments, not 1"),
    ("append()", 1, "append 要至少 2 个参数", "takes at least 2 arguments, not 0"),
    ('substring(text: "初中部", start: 1)', 1, "参数名是：string, start position, length", "They are: string, start"),
    ("sum(A1:B2)", 1, "没有单元格", "no cells"),
    ("upper case(3)", 1, "upper case 的第 1 个参数不能是数字", "Argument 1 of upper case cannot be a number"),
    ('day of week("2026-03-01")', 1, "第 1 个参数不能是文字", "cannot be a text"),
    ('date("2026-02-30")', 1, "没有这一天", "There is no such day"),
    ("date(2026, 2, 30)", 1, "没有这一天", "There is no such day"),
    ('date("2026/2/3")', 1, '写成 date("2026-03-01")', 'Write date("2026-03-01")'),
    ('duration("7天")', 1, '写成 duration("P7D")', 'Write duration("P7D")'),
    ("upper case(名称).length", 15, "文字没有“length”", "no 'length' in a text"),
    ("today().Year", 8, "有的是：year, month, day, weekday", "There is: year, month, day, weekday"),
    ('matches(名称, "(班")', 1, "正则表达式有误", "regular expression is not valid"),
    ('学费 + ("1" + 1)', 11, "文字 + 数字 的结果总是空", "a text + a number is always null"),
    ("today() + 30", 9, '加减天数写 + @"P7D"', 'Add days as + @"P7D"'),
    ('到期 = null or today() > "2026-03-01"', 22, '日期写成 @"2026-03-01"', 'Write a date as @"2026-03-01"'),
    ("到期 > 2026-03-01", 13, "这是减法", "This subtracts"),
    ('到期 > @"三月"', 6, "不是日期、时间或时长", "Neither a date, a time nor a duration"),
    ("1 < 级别 < 5", 8, "不能连着比较", "Comparisons do not chain"),
    ("学费 > null", 4, "与 null 比大小", "Less or more than null"),
    ("明细[0]", 3, "位置从 1 数起", "Positions count from 1"),
    ('状态 = "新建" or "在读"', 11, "“其中之一”写 x in", "Write one of several as x in"),
]
SOUND = [
    'substring("初中部", 2)',
    "sum(1, 2, 3)",
    "concatenate([1], [2])",
    "string length([名称])",
    'count("一")',
    'matches(名称, "(班", "q")',
    'today() + @"P30D"',
    "date(2026, 3, 1)",
    "date(文本)",
    '@"2026-03-01" < @"2026-03-01T08:00:00Z"',
    "学费 = null",
    "明细[1]",
    "a - b - 1",
    "{sum: function(a) a, r: sum()}.r",
    'if 学费 > 5 then "高" else "低"',
    'some x in 明细 satisfies x.名称 = "书"',
]


@pytest.mark.parametrize(("text", "column", "zh", "en"), ALWAYS_NULL)
def test_what_is_always_null_is_doubted(text: str, column: int, zh: str, en: str) -> None:
    found = doubts(compile_expression(text))
    assert [doubt.at + 1 for doubt in found] == [column]
    assert found[0].message.zh.startswith(f"第 1 行第 {column} 列：")
    assert zh in found[0].message.zh
    assert en in found[0].message.en


@pytest.mark.parametrize("text", SOUND)
def test_what_may_have_a_value_is_not_doubted(text: str) -> None:
    assert doubts(compile_expression(text)) == ()


def test_cells_are_doubted_too() -> None:
    assert [doubt.at for doubt in doubts(compile_unary_tests('"新建" or "在读", substring("a")'))] == [5, 14]


def test_declared_types_are_known() -> None:
    expression = compile_expression('学费 > "100"', names=("学费",))
    assert doubts(expression) == ()
    assert [doubt.at for doubt in doubts(expression, {"学费": TypeName("number")})] == [3]


def test_names_that_the_expression_declares_are_its_own() -> None:
    expression = compile_expression("for 学费 in 明细 return 学费.金额", names=("学费", "明细"))
    assert doubts(expression, {"学费": TypeName("number")}) == ()
