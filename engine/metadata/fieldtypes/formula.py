"""Value computed by FEEL from other fields of the record: stored at every save, or live when read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition
from engine.metadata.fieldtypes.base import ORDERED, CellContext, FieldError, FieldType, Json

_RESULTS: dict[str, tuple[str, TypeEngine[Any]]] = {
    "text": ("text", sa.Text()),
    "number": ("numeric", sa.Numeric(18, 4)),
    "money": ("numeric", sa.Numeric(14, 2)),
    "bool": ("boolean", sa.Boolean()),
    "date": ("date", sa.Date()),
    "datetime": ("timestamptz", sa.DateTime(timezone=True)),
}


class FormulaType(FieldType):
    """Settings: `expression` (FEEL), `result` (text, number, money, bool, date, datetime), `stored` (default true)."""

    key = "formula"
    label = Text("公式", "Formula")
    sql = "text"
    operators = ORDERED
    setting_keys = {
        "expression": {"type": "string", "minLength": 1},
        "result": {"enum": sorted(_RESULTS)},
        "stored": {"type": "boolean"},
    }

    def column(self, field: FieldDefinition) -> TypeEngine[Any]:
        return _RESULTS[self.result(field)][1]

    def result(self, field: FieldDefinition) -> str:
        return str(field.settings.get("result", "text"))

    def is_stored(self, field: FieldDefinition) -> bool:
        return bool(field.settings.get("stored", True))

    def result_sql(self, field: FieldDefinition) -> str:
        return _RESULTS[self.result(field)][0]

    def from_json(self, field: FieldDefinition, raw: Json) -> Any:
        """A value read back from JSONB; people cannot write formulas."""
        result = self.result(field)
        try:
            if result in ("number", "money"):
                return Decimal(str(raw))
            if result in ("date", "datetime"):
                return (date if result == "date" else datetime).fromisoformat(str(raw))
        except (ArithmeticError, ValueError):
            raise FieldError(Text("不是公式的结果", "Not a result of the formula")) from None
        return raw

    def from_cell(self, field: FieldDefinition, cell: object, context: CellContext) -> Any:
        raise FieldError(Text("公式由系统计算，不能导入", "Formulas are computed and cannot be imported"))

    def to_json(self, field: FieldDefinition, value: Any) -> Json:
        if isinstance(value, Decimal):
            return f"{value:f}"
        return value.isoformat() if isinstance(value, (date, datetime)) else value

    def schema(self, field: FieldDefinition) -> dict[str, Json]:
        return {"type": "boolean" if self.result(field) == "bool" else "string", "readOnly": True}

    def coerce(self, field: FieldDefinition, value: Any) -> Any:
        """The FEEL result as the field's value; None when it is of another kind (FEEL's null)."""
        result = self.result(field)
        if isinstance(value, Decimal) and result in ("number", "money"):
            return value.quantize(Decimal("0.01" if result == "money" else "0.0001"), ROUND_HALF_UP)
        expected = {"text": str, "bool": bool, "date": date, "datetime": datetime}.get(result, timedelta)
        is_right = isinstance(value, expected) and (result != "date" or not isinstance(value, datetime))
        return value if is_right else None

    def check_settings(self, field: FieldDefinition) -> Text | None:
        if field.settings.get("expression") and field.settings.get("result"):
            return None
        return Text("公式需要 expression 和 result", "A formula needs expression and result")


TYPE = FormulaType()
