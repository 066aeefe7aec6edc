"""A join that waits for ever: told in the preview of a move, on the case's page and by the API, and passed by both."""

from collections.abc import Callable

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
_TASK = '<userTask id="{0}" name="{1}"><extensionElements><school:task><school:assignee rule="starter"/></school:task>'
_STEPS = (("plan", "排演计划"), ("hall", "订礼堂"), ("music", "备音乐"), ("show", "演出"))
_TASKS = "".join(f"{_TASK.format(*step)}</extensionElements></userTask>" for step in _STEPS)
_WAYS = (
    *(("s", "plan"), ("plan", "both"), ("both", "hall"), ("both", "music")),
    *(("hall", "ready"), ("music", "ready"), ("ready", "show")),
)
_FLOWS = "".join(
    f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
    for number, (source, target) in enumerate(_WAYS)
)
MODEL = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><process id="stranded_concert" name="汇报演出" isExecutable="true"><startEvent id="s"/>{_TASKS}
<parallelGateway id="both" name="分头准备"/><parallelGateway id="ready" name="都备好"/>{_FLOWS}
</process></definitions>"""


@pytest.fixture(scope="module", autouse=True)
def model(school: School) -> None:
    """The process of both tests."""
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"stranded_concert.bpmn": MODEL}))


def begun(school: School) -> str:
    """A case at its first step."""
    start = {"variables": {}, "branch_id": school.branch("east")}
    return str(school.person("admin").post("/processes/stranded_concert/start", start, status=201)["id"])


def test_page_warns_before_tells_after_and_lets_it_go_on(school: School, visit: Visit) -> None:
    case, admin = begun(school), visit("admin")
    place = school.person("admin").get(f"/instances/{case}")["tokens"][0]["activation"]
    chosen = {"place": str(place), "target": "hall"}
    preview = text_of(admin.post(f"/instances/{case}/move", 200, step="preview", **chosen).text)
    assert "会一直等下去，走不过去 都备好" in preview
    admin.post(f"/instances/{case}/move", reason="先订礼堂", **chosen)
    told = text_of(admin.get(f"/instances/{case}"))
    assert (
        "都备好 刚刚 “都备好”要等“备音乐”那边的令牌，但那边已没有进行中的环节，会一直等下去 不再等，继续 移动" in told
    )
    assert "还没有令牌到这里" in text_of(admin.get(f"/instances/{case}/pass_join"))
    admin.post(f"/instances/{case}/move", reason="也要音乐", target="music")
    assert "会一直等下去" not in text_of(admin.get(f"/instances/{case}"))


def test_api_lists_it_previews_passing_it_and_passes_it(school: School, visit: Visit) -> None:
    case, admin = begun(school), school.person("admin")
    place = admin.get(f"/instances/{case}")["tokens"][0]["activation"]
    body = {"cancel": [place], "target": "music", "reason": "music first"}
    assert admin.post(f"/instances/{case}/move", body, dry_run=True)["result"]["strands"] == ["都备好"]
    admin.post(f"/instances/{case}/move", body)
    admin.complete("music")
    found = [one for one in admin.get("/incidents")["items"] if one["instance_id"] == case]
    assert [(one["kind"], one["node_id"], one["activation"]) for one in found] == [("stranded", "ready", None)]
    asked = text_of(visit("admin").get(f"/instances/{case}/pass_join"))
    assert "谁会收到 您：收到任务“演出”" in asked
    passing = {"node": "ready", "reason": "no hall this time"}
    asked_by_api = admin.post(f"/instances/{case}/pass-join", passing, dry_run=True)["result"]
    assert [one["task"] for one in asked_by_api["told"]] == ["演出"]
    admin.post(f"/instances/{case}/pass-join", passing)
    view = admin.get(f"/instances/{case}")
    assert [one["node_id"] for one in view["tokens"]] == ["show"]
    assert "让流程不再等“都备好”" in text_of(visit("admin").get(f"/instances/{case}"))
