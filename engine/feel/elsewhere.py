"""Functions and words of spreadsheets, SQL and other engines, and of Chinese, and what to write here instead."""

import unicodedata

from engine.kernel.text import Text

SAME: dict[str, str] = {
    **dict.fromkeys(("len", "length", "strlen"), "string length"),
    **dict.fromkeys(("left", "right", "mid", "substr"), "substring"),
    **dict.fromkeys(("avg", "average"), "mean"),
    **dict.fromkeys(("coalesce", "ifnull", "nvl", "iferror"), "get or else"),
    **dict.fromkeys(("int", "trunc", "fix"), "round down"),
    **{"round": "round half up", "size": "count", "find": "contains", "mod": "modulo", "pow": "**", "power": "**"},
    **{
        "textjoin": "string join",
        "toupper": "upper case",
        "tolower": "lower case",
        "tostring": "string",
        "tonumber": "number",
        "weekday": "day of week",
        "put": "context put",
        "put all": "context merge",
        "substitute": "replace",
        "ceil": "ceiling",
        "eomonth": "last day of month",
        "stdev": "stddev",
    },
}
"""Names of functions that do the same."""
_ANEW = Text(
    "同样的输入要得到同样的结果：这个值由服务任务或表单给出",
    "Equal inputs have equal results: let a service task or a form supply this value",
)
_OUTSIDE = Text("改变写法的事交给服务任务", "Leave the encoding of values to a service task")
_CHOICE = Text("写 if 条件 then 值 else 值", "Write if condition then value else value")
_EMPTY = Text(
    "判断为空写 = null，文字用 is blank(文字)；给默认值写 get or else(值, 默认值)",
    "Write = null to ask whether it is empty, is blank(text) for a text, get or else(value, default) for a default",
)
_NOT_EMPTY = Text("判断不为空写 != null", "Write != null to ask whether it is not empty")
_LOOKUP = Text("写 列表[编号 = 值].字段", "Write list[key = value].field")
_JOINED = Text(
    "文字相连写 a + b，列表写 string join(列表)", "Write a + b to join texts, string join(list) for those of a list"
)
WRITTEN: dict[str, Text] = {
    **dict.fromkeys(("uuid", "random number", "rand", "random"), _ANEW),
    **dict.fromkeys(("to base64", "to json"), _OUTSIDE),
    **dict.fromkeys(
        ("current date", "current time", "now date"), Text("写 today() 或 now()", "Write today() or now()")
    ),
    "from json": Text("变量里已经是数据，直接写它的名字", "Variables hold data already; write the name alone"),
    "fromai": Text("这里没有智能体，写常量或变量", "No agent answers here; write a constant or a variable"),
    "assert": Text(
        "写 if 条件 then 值 else null；要让流程停下，用网关或错误事件",
        "Write if condition then value else null; to stop the process use a gateway or an error event",
    ),
    "extract": Text(
        '取第一处写 replace(文字, "^.*?(模式).*$", "$1", "s")',
        'Write replace(text, "^.*?(pattern).*$", "$1", "s") for the first match',
    ),
    "duplicate values": Text(
        "写 distinct values(列表[count(index of(列表, item)) > 1])",
        "Write distinct values(list[count(index of(list, item)) > 1])",
    ),
    "is empty": Text("写 count(列表) = 0", "Write count(list) = 0"),
    "map": Text("写 for x in 列表 return …", "Write for x in list return …"),
    "filter": Text("写 列表[条件]，每一项是 item", "Write list[condition], where item is each of them"),
    "first": Text("第一个写 列表[1]", "Write list[1] for the first"),
    "last": Text("最后一个写 列表[-1]", "Write list[-1] for the last"),
    **dict.fromkeys(("sumif", "sumifs"), Text("写 sum(列表[条件].字段)", "Write sum(list[condition].field)")),
    **dict.fromkeys(("countif", "countifs"), Text("写 count(列表[条件])", "Write count(list[condition])")),
    **dict.fromkeys(("datediff", "datedif", "days"), Text("写 (日期 - 日期).days", "Write (date - date).days")),
    **dict.fromkeys(("dateadd", "adddays"), Text('写 日期 + @"P30D"', 'Write date + @"P30D"')),
    **dict.fromkeys(("edate", "addmonths"), Text('写 日期 + duration("P1M")', 'Write date + duration("P1M")')),
    **dict.fromkeys(
        ("age", "年龄", "周岁"),
        Text(
            "由生日计算写 years and months duration(生日, today()).years",
            "Write years and months duration(birthday, today()).years to calculate it from a birthday",
        ),
    ),
    **dict.fromkeys(("if", "iif", "ifs", "如果", "假如", "若"), _CHOICE),
    **dict.fromkeys(("isnull", "isblank", "isempty", "为空", "是空"), _EMPTY),
    **dict.fromkeys(("不为空", "非空"), _NOT_EMPTY),
    **dict.fromkeys(("vlookup", "hlookup", "xlookup"), _LOOKUP),
    **dict.fromkeys(("concat", "concatenate", "连接"), _JOINED),
    "isnumber": Text("写 值 instance of number", "Write value instance of number"),
}
"""What functions become where no one function stands for them."""
_SHEETS: dict[str, Text] = {
    **dict.fromkeys(("LOOKUP", "INDEX", "MATCH"), _LOOKUP),
    **dict.fromkeys(("SWITCH", "CASE"), _CHOICE),
    "TEXT": Text("写 string(值)", "Write string(value)"),
    "VALUE": Text("写 number(文字)", "Write number(text)"),
}
_CHINESE = {
    **dict.fromkeys(("求和", "总和", "合计"), "sum(…)"),
    **dict.fromkeys(("平均", "平均值", "平均数", "均值"), "mean(…)"),
    **dict.fromkeys(("最大", "最大值"), "max(…)"),
    **dict.fromkeys(("最小", "最小值"), "min(…)"),
    **dict.fromkeys(("计数", "个数"), "count(…)"),
    **dict.fromkeys(("四舍五入", "舍入"), "round half up(…, 2)"),
    **dict.fromkeys(("取整", "向下取整"), "floor(…)"),
    **dict.fromkeys(("余数", "取余", "求余"), "modulo(a, b)"),
    **dict.fromkeys(("字数", "长度"), "string length(…)"),
    **dict.fromkeys(("今天", "今日", "当天"), "today()"),
    **dict.fromkeys(("现在", "当前时间", "此刻"), "now()"),
    **dict.fromkeys(("空", "空值", "无", "没有"), "null"),
    **dict.fromkeys(("真", "是", "对"), "true"),
    **dict.fromkeys(("假", "否", "错"), "false"),
    **dict.fromkeys(("非", "不", "不是", "并非"), "not(…)"),
    **{
        "绝对值": "abs(…)",
        "包含": "contains(…)",
        "替换": "replace(…)",
        "排序": "sort(…)",
        "去重": "distinct values(…)",
    },
}
OPERATORS = {
    **dict.fromkeys(("和", "且", "并且", "而且", "与"), "and"),
    **dict.fromkeys(("或", "或者"), "or"),
    **{"大于等于": ">=", "小于等于": "<=", "不小于": ">=", "不大于": "<=", "大于": ">", "小于": "<", "不等于": "!="},
    **{"等于": "=", "加": "+", "减": "-", "乘": "*", "除以": "/", "那么": "then", "否则": "else"},
}
"""Chinese words for operators."""
UNITS = frozenset(
    ("元", "块", "万", "万元", "千", "天", "日", "周", "月", "个月", "年", "小时", "课时", "节", "人", "个", "岁")
)


def chinese(name: str) -> Text | None:
    """What a Chinese word is written as; one for a function may be meant as a variable."""
    word = _CHINESE.get(name)
    if word is None:
        return None
    return Text(f"作函数用时写 {word}", f"As a function write {word}") if "…" in word else write(word)


def of_sheets(name: str) -> Text | None:
    """What a function of a spreadsheet, in capitals as it stands there, is here; small, it may well be a variable."""
    return _SHEETS.get(name)


def write(word: str) -> Text:
    """``Write sum(…)``"""
    return Text(f"写 {word}", f"Write {word}")


def narrow(name: str) -> Text | None:
    """The half-width form of a name of full-width digits or letters."""
    plain = unicodedata.normalize("NFKC", name)
    if plain[:1] in ("$", "¥", "£"):
        return CURRENCY
    if plain == name or not plain.isascii():
        return None
    return Text(f"请用半角的 {plain}", f"Write the half-width {plain}")


CURRENCY = Text("金额只写数字，不写货币符号", "Write an amount as a plain number, without a currency")
