"""Differences between versions in words."""

import json

from webapp.screens.studio.changes import compare

MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn"
 id="d" targetNamespace="t"><process id="p" name="请假"><startEvent id="s" name="开始"/>
 <userTask id="a" name="主管审批"><extensionElements><school:task form="p.ask" due="P2D">
 <school:assignee rule="role:principal"/></school:task></extensionElements></userTask>
 <sequenceFlow id="f" name="多于三天" sourceRef="s" targetRef="a"><conditionExpression>days &gt; 3</conditionExpression>
 </sequenceFlow></process></definitions>"""
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="限额" namespace="n">
 <decision id="limit" name="审批限额"><decisionTable id="t" hitPolicy="FIRST">
 <input id="i" label="金额"><inputExpression id="e"><text>amount</text></inputExpression></input>
 <output id="o" label="由谁审批" name="who"/>
 <rule id="r1"><inputEntry id="c1"><text>&gt;= 5000</text></inputEntry>
 <outputEntry id="o1"><text>"hq"</text></outputEntry><annotationEntry><text>大额</text></annotationEntry></rule>
 <rule id="r2"><inputEntry id="c2"><text>-</text></inputEntry>
 <outputEntry id="o2"><text>"east"</text></outputEntry></rule>
 </decisionTable></decision></definitions>"""
FORM = {
    "key": "p.ask",
    "title": {"zh": "申请", "en": "Request"},
    "schema": {
        "type": "object",
        "properties": {
            "days": {"type": "integer", "x-label": {"zh": "天数", "en": "Days"}},
            "why": {"type": "string", "x-label": {"zh": "原因", "en": "Why"}},
        },
    },
    "layout": [{"fields": ["days", "why"]}],
}


def words(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, tuple[str, ...], bool]]:
    found = compare(
        before, after, lambda setting, value: {"role:principal": "校长", "role:finance": "财务"}.get(value, value)
    )
    return [(one.kind, one.what.zh, tuple(detail.zh for detail in one.details), one.is_limit) for one in found]


def test_same_files_have_no_differences() -> None:
    assert words({"m.bpmn": MODEL, "t.dmn": TABLE}, {"m.bpmn": MODEL, "t.dmn": TABLE}) == []


def test_settings_of_a_task_are_told_before_and_after() -> None:
    after = MODEL.replace("role:principal", "role:finance").replace("P2D", "P3D")
    assert words({"m.bpmn": MODEL}, {"m.bpmn": after}) == [
        ("changed", "用户任务“主管审批”", ("期限：P2D → P3D", "处理人：校长 → 财务"), True)
    ]


def test_condition_with_a_figure_is_a_limit() -> None:
    assert words({"m.bpmn": MODEL}, {"m.bpmn": MODEL.replace("&gt; 3", "&gt; 5")}) == [
        ("changed", "连线“多于三天”（开始 → 主管审批）", ("条件：days > 3 → days > 5",), True)
    ]


def test_added_and_removed_elements_are_named() -> None:
    after = MODEL.replace(
        '<userTask id="a" name="主管审批">', '<endEvent id="e" name="结束"/><userTask id="a" name="审批">'
    )
    assert words({"m.bpmn": MODEL}, {"m.bpmn": after}) == [
        ("added", "结束事件“结束”", (), False),
        ("changed", "用户任务“审批”", ("名称：主管审批 → 审批",), False),
    ]
    assert words({"m.bpmn": after}, {"m.bpmn": MODEL})[0] == ("removed", "结束事件“结束”", (), False)


def test_flow_that_leads_elsewhere_is_told_by_where() -> None:
    both = MODEL.replace("<userTask", '<endEvent id="e" name="结束"/><userTask')
    assert words({"m.bpmn": both}, {"m.bpmn": both.replace('targetRef="a"', 'targetRef="e"')}) == [
        ("changed", "连线“多于三天”（开始 → 结束）", ("到：主管审批 → 结束",), False)
    ]


def test_moved_limit_of_a_table_is_told_by_rule_and_column() -> None:
    assert words({"t.dmn": TABLE}, {"t.dmn": TABLE.replace("5000", "8000")}) == [
        ("changed", "决策表“审批限额”规则 1（大额）", ("金额：>= 5000 → >= 8000",), True)
    ]


def test_rules_come_go_and_change_places() -> None:
    first = TABLE.index('<rule id="r1"')
    second = TABLE.index('<rule id="r2"')
    end = TABLE.index("</decisionTable>")
    turned = TABLE[:first] + TABLE[second:end] + TABLE[first:second] + TABLE[end:]
    assert words({"t.dmn": TABLE}, {"t.dmn": turned}) == [
        ("changed", "决策表“审批限额”", ("规则的先后次序变了",), True)
    ]
    fewer = TABLE[:second] + TABLE[end:]
    assert words({"t.dmn": TABLE}, {"t.dmn": fewer}) == [("removed", "决策表“审批限额”规则 2", (), True)]


def test_questions_of_a_form_are_told_by_their_labels() -> None:
    after = json.loads(json.dumps(FORM))
    after["schema"]["required"] = ["why"]
    del after["schema"]["properties"]["days"]
    after["layout"][0]["fields"] = ["why"]
    assert words({"f.json": json.dumps(FORM)}, {"f.json": json.dumps(after)}) == [
        ("removed", "表单“申请”的“天数”", (), False),
        ("changed", "表单“申请”的“原因”", ("必填：设为 ✓",), False),
    ]


def test_whole_files_and_broken_files_are_told_too() -> None:
    assert words({}, {"f.json": json.dumps(FORM)}) == [("added", "表单“申请”", (), False)]
    assert words({}, {"t.dmn": TABLE}) == [("added", "决策表“审批限额”", (), False)]
    assert words({"m.bpmn": MODEL}, {"m.bpmn": "<no"}) == [("changed", "文件 m.bpmn", (), False)]
    assert words({"f.json": json.dumps(FORM)}, {"f.json": "{"}) == [("changed", "表单 f.json", (), False)]
