"""Cases with many open tasks, a long story or a long way: one card, pages, a replay that says where it ends."""

import importlib
import re
from collections.abc import Callable

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import case_of, text_of
from tests.integration.webapp.pages.visitor import Visitor
from webapp.screens.work import instancepage

Visit = Callable[[str], Visitor]
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><process id="receipts_of_many" name="多份回执" isExecutable="true"><startEvent id="s"/>
<userTask id="sign" name="签回执"><extensionElements><school:task operations="transfer">
<school:assignee rule="role:principal"/></school:task></extensionElements>
<multiInstanceLoopCharacteristics><loopCardinality>60</loopCardinality></multiInstanceLoopCharacteristics></userTask>
<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="sign"/>
<sequenceFlow id="f2" sourceRef="sign" targetRef="e"/></process></definitions>"""


def test_many_tasks_of_a_step_stand_on_one_card(school: School, visit: Visit) -> None:
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"receipts_of_many.bpmn": MODEL}))
    school.person("admin").post("/processes/receipts_of_many/start", {"branch_id": school.branch("east")}, status=201)
    case, _ = case_of(school, "receipts_of_many", "sign")
    page = visit("admin").get(f"/instances/{case}")
    assert "签回执 60 个待办 王校长 60 个 · 已等 不到 1 分钟 逐个查看 （前 50 个）" in text_of(page)
    assert "接下来 流程结束" in text_of(page)
    assert len(re.findall('class="line-item" href="/inbox/', page)) == 50


def test_long_story_and_replay_say_where_they_end(
    school: School, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _ = case_of(school, "contract_approval", "collect_payment")
    manager = visit("hq_manager")
    whole = manager.client.get(f"/instances/{case}/diagram").get_json()
    assert whole["is_whole"] is True
    monkeypatch.setattr(importlib.import_module("engine.workflow.instances.diagram"), "_MARKS", 3)
    cut = manager.client.get(f"/instances/{case}/diagram").get_json()
    assert (cut["is_whole"], [len(step["marks"]) for step in cut["steps"]]) == (False, [3])
    assert cut["states"] == whole["states"]
    monkeypatch.setattr(instancepage, "_TRAIL", 2)
    first = manager.get(f"/instances/{case}")
    rest = re.search(r'href="(/instances/[^"]+)#story" rel="next"', first)
    assert rest is not None
    assert "发起了流程" in text_of(first)
    assert "发起了流程" not in text_of(manager.get(rest[1]))
