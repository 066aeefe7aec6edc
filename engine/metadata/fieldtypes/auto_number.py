"""Number given by the system at creation, counted per branch and year as its format says."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import CellContext, FieldError, Json
from engine.metadata.fieldtypes.text import TextType

_PLACE = re.compile(r"\{(branch|year|month|day|seq(?::0(\d{1,2}))?)\}")


class AutoNumberType(TextType):
    """Setting `format`: `{branch}{year}-{seq:05}`; the counter restarts for each text before `{seq}`."""

    key = "auto_number"
    label = Text("自动编号", "Auto number")
    setting_keys = {"format": {"type": "string", "pattern": r"\{seq"}}

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> str:
        raise FieldError(Text("编号由系统生成，不能导入", "Numbers are given by the system and cannot be imported"))

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "readOnly": True}

    def check_settings(self, field: FieldDefinition) -> Text | None:
        pattern = str(field.settings.get("format", ""))
        rest = _PLACE.sub("", pattern)
        if pattern.count("{seq") == 1 and not set("{}") & set(rest):
            return None
        return Text(
            "format 需含一个 {seq}，可用 {branch} {year} {month} {day}",
            "format needs one {seq}; {branch} {year} {month} {day} may be used",
        )


def counter_prefix(pattern: str, *, branch: str, year: int, month: int, day: int) -> tuple[str, str]:
    """Texts before and after the running number, with the other places filled in.

    >>> counter_prefix("{branch}{year}-{seq:05}", branch="EAST", year=2026, month=9, day=1)
    ('EAST2026-', '')
    """
    values = {"branch": branch, "year": f"{year:04}", "month": f"{month:02}", "day": f"{day:02}"}
    filled = _PLACE.sub(lambda match: values.get(match[1], match[0]), pattern)
    before, _, after = filled.partition("{seq")
    return before, after.partition("}")[2]


def counter_width(pattern: str) -> int:
    match = re.search(r"\{seq:0(\d{1,2})\}", pattern)
    return int(match[1]) if match else 1


TYPE = AutoNumberType()
