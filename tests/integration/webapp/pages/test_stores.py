"""Data stores in the pages: filled once, seen with who wrote last, corrected with a reason, kept in branches."""

import re
from collections.abc import Callable

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><dataStore id="ds" name="听课名额" capacity="9" isUnlimited="false"/>
<process id="visiting_a_class" name="预约听课" isExecutable="true"><startEvent id="s"/>
<dataStoreReference id="r" name="听课名额" dataStoreRef="ds"/>
<scriptTask id="take" name="占一个名额" scriptFormat="feel"><property id="ph" name="__targetRef_placeholder"/>
<dataInputAssociation id="i"><sourceRef>r</sourceRef><targetRef>ph</targetRef></dataInputAssociation>
<dataOutputAssociation id="o"><targetRef>r</targetRef></dataOutputAssociation>
<script>{听课名额: 听课名额 - 1}</script></scriptTask><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="take"/><sequenceFlow id="f2" sourceRef="take" targetRef="e"/>
</process></definitions>"""


def test_store_is_filled_written_by_a_case_and_corrected(school: School, visit: Visit) -> None:
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"visiting_a_class.bpmn": MODEL}))
    principal, east, west = visit("east_principal"), school.branch("east"), school.branch("west")
    path = f"/stores/{east}/听课名额"
    offered = text_of(principal.get("/stores"))
    assert "听课名额 东城校区 填初值" in offered
    assert "听课名额 西城校区" not in offered
    wrong = principal.post(path, 422, version="0", kind="number", value="八", reason="开学")
    assert "应为数字" in wrong.text
    principal.post(path, version="0", kind="number", value="8", reason="开学")
    school.person("east_sales1").post("/processes/visiting_a_class/start", {"branch_id": east}, status=201)
    listed = text_of(principal.get("/stores"))
    assert re.search(r"听课名额 东城校区 7 预约听课 刚刚 预约听课", listed), listed
    late = principal.post(path, 412, version="1", kind="", value="9", reason="加一个")
    assert "数据存储刚被改动" in late.text
    principal.post(path, version="2", kind="", value="9", reason="加开一节")
    told = text_of(visit("admin").get(path))
    assert "更正记录 王校长" in told
    assert "7 → 9 加开一节" in told
    principal.get(f"/stores/{west}/听课名额", status=403)
    visit("east_sales1").get("/stores", status=403)
    assert "保存" not in text_of(visit("auditor").get(path)).partition("用到它的流程")[2]
