"""What the schema library says of a value, as a sentence in both languages."""

import re

from engine.kernel.text import Text

_KNOWN = (
    (r"Missing data for required field\.", Text("缺少此项", "This is required")),
    (r"Unknown field\.", Text("没有此项", "There is no such field")),
    (r"Field may not be null\.", Text("不能为空", "This can't be null")),
    (r"Not a valid UUID\.", Text("应为 UUID", "Expected a UUID")),
    (r"Not a valid integer\.", Text("应为整数", "Expected a whole number")),
    (r"Not a valid boolean\.", Text("应为 true 或 false", "Expected true or false")),
    (r"Not a valid string\.", Text("应为文本", "Expected a text")),
    (
        r"Not a valid (date|datetime|aware datetime)\.",
        Text("应为 ISO 8601 日期或时间", "Expected an ISO 8601 date or time"),
    ),
    (r"Not a valid email address\.", Text("应为邮箱地址", "Expected an e-mail address")),
    (r"Not a valid (list|mapping type)\.", Text("应为列表或对象", "Expected a list or an object")),
    (r"Must be one of: (.*)\.", Text("应为其中之一：{0}", "Expected one of: {0}")),
    (r"Length must be between (\d+) and (\d+)\.", Text("长度应为 {0} 到 {1}", "Expected a length of {0} to {1}")),
    (r"Shorter than minimum length (\d+)\.", Text("长度至少 {0}", "Expected a length of at least {0}")),
    (r"Longer than maximum length (\d+)\.", Text("长度至多 {0}", "Expected a length of at most {0}")),
    (
        r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
        Text("应在 {0} 到 {1} 之间", "Expected {0} to {1}"),
    ),
    (r"Invalid input type\.", Text("应为 JSON 对象", "Expected a JSON object")),
)


def explained(sentence: str) -> Text:
    """The sentence in both languages; one that is not known stays as it is in English."""
    for pattern, text in _KNOWN:
        found = re.fullmatch(pattern, sentence)
        if found:
            return Text(text.zh.format(*found.groups()), text.en.format(*found.groups()))
    return Text("内容有误", sentence)
