"""Trying out a decision with example inputs."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.kernel.errors import UserError
from webapp.screens.studio import trial

NOW, ZONE = datetime(2026, 9, 1, 4, tzinfo=UTC), ZoneInfo("Asia/Shanghai")
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="额度" namespace="n">
  <inputData id="a" name="amount"/><inputData id="k" name="kind"/><inputData id="w" name="when"/>
  <decision id="route" name="路线"><variable name="route"/>
    <informationRequirement><requiredInput href="#a"/></informationRequirement>
    <informationRequirement><requiredInput href="#k"/></informationRequirement>
    <informationRequirement><requiredInput href="#w"/></informationRequirement>
    <decisionTable id="t" hitPolicy="FIRST">
      <input id="i1" label="金额"><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
      <input id="i2" label="种类"><inputExpression typeRef="string"><text>kind</text></inputExpression></input>
      <input id="i3" label="日期"><inputExpression typeRef="date"><text>when</text></inputExpression></input>
      <output id="o1" name="who"/><output id="o2" name="days"/>
      <rule id="r1"><inputEntry><text>&gt;= 5000</text></inputEntry><inputEntry><text>"退费"</text></inputEntry>
        <inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"校长"</text></outputEntry><outputEntry><text>2</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <inputEntry><text>&lt; date("2026-10-01")</text></inputEntry>
        <outputEntry><text>"主管"</text></outputEntry><outputEntry><text>1.5</text></outputEntry></rule>
    </decisionTable></decision></definitions>"""
FILES = {"limits.dmn": TABLE}


def outcome(**given: str) -> dict[str, Any]:
    return trial.outcome(FILES, "limits.dmn", "route", given, now=NOW, zone=ZONE)


def test_inputs_are_asked_for_with_label_and_type_of_their_column() -> None:
    (asked,) = trial.asked(FILES, "limits.dmn")
    assert (asked["id"], asked["name"]) == ("route", "路线")
    assert asked["inputs"] == [
        {"name": "amount", "label": "金额", "type": "number"},
        {"name": "kind", "label": "种类", "type": "string"},
        {"name": "when", "label": "日期", "type": "date"},
    ]


def test_rules_that_hold_are_told_with_the_result() -> None:
    found = outcome(amount="8000", kind="退费", when="2026-09-15")
    assert found == {"value": {"who": "校长", "days": "2"}, "rules": ["r1", "r2"], "problems": []}


def test_unknown_input_is_null_and_meets_open_cells_only() -> None:
    assert outcome(amount="", kind="", when="2026-09-15")["rules"] == ["r2"]
    assert outcome(amount="8000", kind="转班", when="2026-10-15") == {"value": None, "rules": [], "problems": []}


@pytest.mark.parametrize(("name", "text"), [("amount", "很多"), ("amount", "1 +"), ("when", "明天")])
def test_input_that_is_not_of_its_type_is_named(name: str, text: str) -> None:
    with pytest.raises(UserError) as refused:
        outcome(**{name: text})
    assert refused.value.message.zh == f"“{ {'amount': '金额', 'when': '日期'}[name] }”不是有效的值：{text}"


def test_broken_table_is_told_and_not_raised() -> None:
    told = trial.answer(({"x.dmn": "<a/>"}, "x.dmn", "route", None), NOW, ZONE, "zh")
    assert told == {"error": "这不是 DMN 文件"}
