"""Count, sum, minimum, maximum or latest value over the records of another object that link here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_FUNCTIONS = ("count", "sum", "min", "max", "latest")


class RollupType(FieldType):
    """Settings: `function`, `via` (link field of `target` that points here), `of` (field), `where` (FEEL).

    Computed when read, over the rows the reader may see: a roll-up never tells more than a list would.
    """

    key = "rollup"
    label = Text("汇总", "Roll-up")
    sql = "numeric"
    feel = "number"
    operators = ORDERED
    stored = False
    setting_keys = {
        "function": {"enum": list(_FUNCTIONS)},
        "via": {"type": "string"},
        "of": {"type": "string"},
        "where": {"type": "string"},
        "result": {"enum": ["number", "money", "date", "datetime", "text"]},
    }

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return sa.types.NullType()

    def result_sql(self, field: FieldDefinition) -> str:
        kinds = {"date": "date", "datetime": "timestamptz", "text": "text"}
        return kinds.get(str(field.settings.get("result", "number")), "numeric")

    def from_json(self, field: FieldDefinition, raw: Json) -> Any:
        raise FieldError(Text("汇总由系统计算，不能填写", "Roll-ups are computed and cannot be written"))

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Any:
        return self.from_json(field, cell)

    def to_json(self, field: FieldDefinition, value: Any) -> Json:
        if isinstance(value, (Decimal, int)):
            return f"{Decimal(value).normalize():f}"
        return value.isoformat() if hasattr(value, "isoformat") else value

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "string", "readOnly": True}

    def check_settings(self, field: FieldDefinition) -> Text | None:
        function = field.settings.get("function")
        has_all = field.target and field.settings.get("via") and (function == "count" or field.settings.get("of"))
        if function in _FUNCTIONS and has_all:
            return None
        return Text("汇总需要 target、via、function 和 of", "A roll-up needs target, via, function and of")


TYPE = RollupType()
