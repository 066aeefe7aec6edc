"""An error says what to write instead, in both languages; so does a name that nothing declares."""

from datetime import UTC, date, datetime

import pytest

from engine.feel import FeelEnv, FeelError, compile_expression, compile_unary_tests, from_python, name_advice

ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC)

SLIPS = [
    ("学费 > 5，000", 7, "千分位", "without commas"),
    ("[学费，5]", 4, "请用半角的 ,", "Write the half-width ,"),
    ("sum（明细）", 4, "请用半角的 (", "Write the half-width ("),
    ("状态 = “新建”", 6, "英文双引号", "straight double quotes"),
    ("状态 = '新建'", 6, "英文双引号", "straight double quotes"),
    ("学费 ＞ 5", 4, "请用半角的 >", "Write the half-width >"),
    ("学费 ≥ 5", 4, "请用半角的 >=", "Write the half-width >="),
    ("学费 × 2", 4, "请用半角的 *", "Write the half-width *"),
    ('状态 == "新建"', 5, "只写一个 =", "single ="),
    ('状态 <> "新建"', 5, "写 !=", "Write !="),
    ("学费 => 5", 5, "写 >=", "Write >="),
    ("学费 =< 5", 5, "写 <=", "Write <="),
    ("学费 > 5 && 已付", 8, "写 and", "Write 'and'"),
    ("学费 > 5 || 已付", 8, "写 or", "Write 'or'"),
    ("!已付", 1, "写 not(…)", "Write not(…)"),
    ("学费 * 90%", 8, "写成小数", "Write 50% as 0.5"),
    ("学费 ^ 2", 4, "写 **", "Write **"),
    ("到期 > @2026-03-01", 6, '@"2026-03-01"', '@"2026-03-01"'),
    ("已付 ? 1 : 2", 4, "if … then … else …", "if … then … else …"),
    ("学费 > ¥100", 6, "不写货币符号", "without a currency"),
    ("学费 > 10,000", 8, "千分位", "without commas"),
    ('状态 in "新建", "在读"', 11, "写 in (…)", "as in (…)"),
    ("学费 > 5;", 7, "去掉分号", "remove the semicolon"),
    ("备注 is null", 7, "写 = null", "Write = null"),
    ("备注 is not null", 11, "写 != null", "Write != null"),
    ('姓名 like "李%"', 9, "contains(", "contains("),
    ('"a" 和 "b"', 5, "写 and", "Write and"),
    ("IF 已付 THEN 1", 12, "关键字用小写：if", "small letters: if"),
    ("if 已付 then 1", 13, "else null", "else null"),
    ("for x in 明细", 12, "return …", "return …"),
    ("some x in 明细", 13, "satisfies …", "satisfies …"),
    ("every x satisfies x", 9, "要逐个取的列表", "which list"),
    ("3学费", 2, "少了运算符", "operator"),
    ("学费 +", 5, "还没有写完", "not finished"),
    ("", 1, "请写一个表达式", "Write an expression"),
    ("= 学费", 1, "前面不写 =", "Leave out the ="),
    ('"学费" & 状态', 6, "文字相连写 +", "Write + to join texts"),
    ("sum(1；2)", 6, "写逗号 ,", "Write commas"),
    ("学费 in 1..5", 8, "区间写成 [1..5]", "a range as [1..5]"),
    ("学费 between (1, 5)", 14, "between 1 and 100", "between 1 and 100"),
    ("sum(学费, A1:B2)", 11, "没有单元格", "no cells"),
    ("学费 := 5", 4, "不能赋值", "nothing is assigned"),
    ("${学费 > 5}", 1, "不加 ${ }", "without ${ }"),
    ("#{学费}", 1, "不加 ${ }", "without ${ }"),
    ("学费 > 5)", 7, "与它配对的括号", "No bracket before it matches"),
    ("学费 > 5。", 7, "末尾不写句号", "full stop"),
    ("1,5 + 学费", 2, "小数点写 .", "decimal point as ."),
    ("学费 mod 2", 8, "modulo(a, b)", "modulo(a, b)"),
    ('姓名 contains "李"', 13, "contains(文字", "contains(text"),
    ('姓名 starts with "李"', 16, "starts with(文字", "starts with(text"),
    ('contains(姓名 "李")', 13, "少了逗号", "A comma"),
    ("学费 大于 5", 7, "写 >", "Write >"),
    ("100元", 4, "不写单位", "without a unit"),
    ("如果 学费 > 5 那么 1 否则 2", 11, "if 条件 then", "if condition then"),
    ("if(已付, 1, 2)", 6, "if 条件 then", "if condition then"),
    ("and(已付, 学费)", 1, "条件 and 条件", "condition and condition"),
]
NAMES = [
    ("学费合记", "是不是“学费合计”？", "Did you mean '学费合计'?"),
    ("amuont", "是不是“amount”？", "Did you mean 'amount'?"),
    ("lenght", "是不是“string length”？", "Did you mean 'string length'?"),
    ("round", "是不是“round half up”？", "Did you mean 'round half up'?"),
    ("average", "是不是“mean”？", "Did you mean 'mean'?"),
    ("year", "日期.year", "date.year"),
    ("TRUE", "关键字用小写：true", "small letters: true"),
    ("amount AND paid", "关键字用小写：and", "small letters: and"),
    ("not paid", "写成 not(…)", "Write not(…)"),
    ("put all", "是不是“context merge”？", "Did you mean 'context merge'?"),
    ("uuid", "服务任务或表单", "a service task or a form"),
    ("to base64", "服务任务", "a service task"),
    ("from json", "直接写它的名字", "write the name alone"),
    ("fromAi", "没有智能体", "No agent"),
    ("assert", "if 条件 then 值 else null", "if condition then value else null"),
    ("extract", "replace(文字", "replace(text"),
    ("duplicate values", "distinct values(列表[", "distinct values(list["),
    ("is empty", "count(列表) = 0", "count(list) = 0"),
    ("first", "列表[1]", "list[1]"),
    ("map", "for x in 列表 return …", "for x in list return …"),
    ("SUMIF", "sum(列表[条件].字段)", "sum(list[condition].field)"),
    ("SUM", "函数名用小写：sum", "small letters: sum"),
    ("IF", "if 条件 then", "if condition then"),
    ("AND", "条件 and 条件", "condition and condition"),
    ("ISBLANK", "is blank(文字)", "is blank(text)"),
    ("TRIM", "函数名用小写：trim", "small letters: trim"),
    ("VLOOKUP", "列表[编号 = 值].字段", "list[key = value].field"),
    ("CONCATENATE", "a + b", "a + b"),
    ("age", "years and months duration(生日", "years and months duration(birthday"),
    ("AB12", "没有单元格", "no cells"),
    ("５０００", "请用半角的 5000", "half-width 5000"),
    ("￥100", "不写货币符号", "without a currency"),
    ("求和", "作函数用时写 sum(…)", "As a function write sum(…)"),
    ("TEXT", "写 string(值)", "Write string(value)"),
    ("今天", "写 today()", "Write today()"),
    ("空", "写 null", "Write null"),
    ("如果", "if 条件 then", "if condition then"),
    ("amount大于5", "写 >", "Write >"),
    ("fales", "是不是“false”？", "Did you mean 'false'?"),
    ("amount paid", "“amount”和“paid”之间少了运算符", "missing between 'amount' and 'paid'"),
]


@pytest.mark.parametrize(("text", "column", "zh", "en"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_error_says_what_to_write(text: str, column: int, zh: str, en: str) -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert zh in caught.value.message.zh
    assert en in caught.value.message.en


def test_cell_error_says_what_to_write() -> None:
    with pytest.raises(FeelError, match="Write the half-width ,"):
        compile_unary_tests('"新建"、"在读"')


def test_operators_before_ranges_may_stand_apart() -> None:
    assert compile_expression("a = <= 5").text == "a = <= 5"


@pytest.mark.parametrize(("name", "zh", "en"), NAMES)
def test_unknown_name_gets_advice(name: str, zh: str, en: str) -> None:
    advice = name_advice(name, ("amount", "paid", "学费合计"))
    assert advice is not None
    assert zh in advice.zh
    assert en in advice.en


def test_similar_variable_comes_before_a_function_of_other_tools() -> None:
    advice = name_advice("last", ("lasts",))
    assert advice is not None
    assert advice.en == "Did you mean 'lasts'?"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('replace("no. 1234, 1256", "^.*?(12[0-9]*).*$", "$1", "s")', "1234"),
        ("distinct values(list[count(index of(list, item)) > 1])", [1, 3]),
        ("list[1]", 1),
        ("list[-1]", 3),
        ("count(list[item > 1])", 3),
        ('years and months duration(@"2015-03-01", @"2026-02-28").years', 10),
        ('date("2026-01-31") + duration("P1M")', date(2026, 2, 28)),
    ],
)
def test_what_is_advised_works(text: str, value: object) -> None:
    assert compile_expression(text).evaluate({"list": from_python([1, 1, 2, 3, 3])}, ENV) == value


@pytest.mark.parametrize("name", ["qqqq", "amount" * 10_000, "lookup"])
def test_strange_name_gets_no_advice(name: str) -> None:
    assert name_advice(name, ("amount",)) is None


def test_strict_error_names_the_similar_one() -> None:
    with pytest.raises(FeelError) as caught:
        compile_expression("ammount > 5", names=("amount",), strict=True)
    assert caught.value.message.en == "Line 1, column 1: There is no variable 'ammount'. Did you mean 'amount'?"
