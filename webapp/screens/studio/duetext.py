"""Due times as people say them: two days, four working hours. Others (expressions) stay as they are written."""

import re

from engine.kernel.text import Text
from webapp.i18n import gettext, translated

UNITS = {
    "D": Text("天", "days"),
    "WD": Text("个工作日", "working days"),
    "H": Text("小时", "hours"),
    "W": Text("个工作小时", "working hours"),
}
_SIMPLE = re.compile(r"P(?:(?P<days>\d{1,4})(?P<day>D|WD)|T(?P<hours>\d{1,4})(?P<hour>H|W))")


def due_parts(text: str) -> tuple[str, str]:
    """Amount and unit (a key of ``UNITS``) of a simple due time; both empty for any other.

    >>> due_parts("P2WD"), due_parts("PT4H"), due_parts("=x")
    (('2', 'WD'), ('4', 'H'), ('', ''))
    """
    found = _SIMPLE.fullmatch(text)
    if found is None:
        return "", ""
    return found["days"] or found["hours"], found["day"] or found["hour"]


def due_text(amount: str, unit: str) -> str:
    """The due time as the engine reads it.

    >>> due_text("2", "WD"), due_text("4", "H")
    ('P2WD', 'PT4H')
    """
    return f"P{amount}{unit}" if unit in ("D", "WD") else f"PT{amount}{unit}"


def due_words(text: str) -> str:
    """In words; ``不限`` without a due time."""
    amount, unit = due_parts(text)
    if not unit:
        return text or gettext("不限")
    many = UNITS[unit]
    one = Text(many.zh, many.en.removesuffix("s"))
    return f"{amount} {translated(one if amount == '1' else many)}"
