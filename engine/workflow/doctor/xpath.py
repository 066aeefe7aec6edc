"""XPath, the language of a model that names none: how it reads data, and its functions (BPMN 2.0.2 10.4.3)."""

from __future__ import annotations

import re

_READS = re.compile(
    r"(?:\w+:)?get(?:DataObject|DataInput|DataOutput|ProcessProperty)\(\s*(['\"])(?P<name>[^\W\d]\w*)\1\s*\)"
    r"(?P<path>(?:/[^\W\d]\w*)*)"
)
_COUNTER = re.compile(r"(?:\w+:)?getLoopCounter\(\s*(?:(['\"])[^'\"]*\1)?\s*\)")
_FUNCTIONS = re.compile(
    r"\b(string-length|starts-with|ends-with|substring-before|substring-after|upper-case|lower-case)(?=\s*\()"
)


def reads_data(text: str) -> bool:
    """It reads data by the functions BPMN adds to XPath."""
    return _READS.search(text) is not None or _COUNTER.search(text) is not None


def named_plainly(text: str) -> str:
    """`getDataObject('order')/total` is `order.total`, `getLoopCounter('task')` is `loopCounter`."""
    return _COUNTER.sub("loopCounter", _READS.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    return found["name"] + found["path"].replace("/", ".")


def functions_in_feel(text: str) -> str:
    """`string-length(x)` is `string length(x)`: the same functions, spelled with spaces."""
    return _FUNCTIONS.sub(lambda found: found[1].replace("-", " "), text)
