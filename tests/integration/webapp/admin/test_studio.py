"""What the process studio asks of the server, without a browser."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.kernel.actor import SYSTEM
from engine.metadata import catalog
from forms.loader import load_form
from tests.integration.webapp.admin.conftest import Office
from tests.integration.webapp.conftest import token_of
from webapp.screens.studio import blank_process, form_fields

KEY = "borrow_hall"
SOURCE = blank_process.source("借礼堂", KEY)
FORM = {
    "key": "borrow_hall.ask",
    "title": {"zh": "借用申请", "en": "Request"},
    "schema": {
        "type": "object",
        "required": ["people"],
        "properties": {
            "people": {"type": "integer", "x-label": {"zh": "人数", "en": "People"}},
            "why": {"type": "string", "x-label": {"zh": "用途", "en": "Purpose"}},
        },
    },
    "layout": [{"columns": 2, "fields": ["people", "why"]}],
}
SPLIT = SOURCE.replace(
    '<bpmn:endEvent id="ended"',
    '<bpmn:exclusiveGateway id="way" name="怎么办"/>'
    '<bpmn:sequenceFlow id="a" name="好" sourceRef="way" targetRef="ended"/>'
    '<bpmn:sequenceFlow id="b" name="不好" sourceRef="way" targetRef="ended"/><bpmn:endEvent id="ended"',
).replace('sourceRef="handle" targetRef="ended"', 'sourceRef="handle" targetRef="way"')


def ask(client: FlaskClient, path: str, body: dict[str, Any]) -> TestResponse:
    """Sends JSON as the editor does."""
    headers = {"X-CSRF-Token": token_of(client, "/account"), "Accept": "application/json"}
    return client.post(path, json=body, headers=headers)


@pytest.fixture
def hall(office: Office, admin: FlaskClient) -> FlaskClient:
    """The administrator's browser, with a process of its own."""
    assert office.post(admin, "/studio/new", name="借礼堂", key=KEY).status_code == 303
    return admin


def test_new_process_takes_its_key_from_the_name_and_never_another_ones(office: Office, admin: FlaskClient) -> None:
    made = office.post(admin, "/studio/new", name="请假申请", start="import")
    assert made.headers["Location"] == "/studio/qingjiashenqing?start=import"
    again = office.post(admin, "/studio/new", name="请假申请")
    assert again.status_code == 422
    assert "已有流程使用这个标识" in again.text


def test_broken_form_is_found_before_deploying(hall: FlaskClient) -> None:
    sources = {f"{KEY}.bpmn": SOURCE, "ask.json": json.dumps({**FORM, "layout": [{"fields": ["people"]}]})}
    found = ask(hall, "/studio/check", {"sources": sources}).get_json()["findings"]
    assert [(one["file"], one["rule"], one["severity"]) for one in found] == [("ask.json", "form.invalid", "error")]
    refused = ask(hall, f"/studio/{KEY}/deploy", {"sources": sources, "newest": 1})
    assert refused.status_code == 422
    assert "字段 why 不在布局中" in refused.get_json()["findings"][0]["text"]


def test_offered_fix_is_applied_to_the_model(hall: FlaskClient) -> None:
    found = ask(hall, "/studio/check", {"sources": {f"{KEY}.bpmn": SPLIT}}).get_json()
    fix = next(one for one in found["fixes"] if one["id"] == "gateway.person:way")
    assert fix["element_id"] == "way"
    mended = ask(hall, "/studio/fix", {"xml": SPLIT, "fixes": [fix["id"]]}).get_json()["xml"]
    after = ask(hall, "/studio/check", {"sources": {f"{KEY}.bpmn": mended}}).get_json()
    assert [one for one in after["findings"] if one["severity"] == "error"] == []
    assert ask(hall, "/studio/fix", {"xml": SPLIT, "fixes": ["no.such:fix"]}).status_code == 404


def test_people_the_school_does_not_have_may_be_left_out(hall: FlaskClient) -> None:
    drawn = SOURCE.replace('rule="starter"', 'rule="group:no_such_team"')
    found = ask(hall, "/studio/check", {"sources": {f"{KEY}.bpmn": drawn}}).get_json()
    assert [one["id"] for one in found["fixes"]] == ["people.remove:handle"]
    mended = ask(hall, "/studio/fix", {"xml": drawn, "fixes": ["people.remove:handle"]}).get_json()["xml"]
    assert "no_such_team" not in mended


def test_preview_is_the_form_of_the_task_page(hall: FlaskClient) -> None:
    shown = ask(hall, "/studio/preview", {"content": json.dumps(FORM), "task": {"why": "hidden"}})
    assert shown.status_code == 200
    assert "人数" in shown.text
    assert 'inputmode="numeric"' in shown.text
    assert "用途" not in shown.text
    broken = ask(hall, "/studio/preview", {"content": "{", "task": {}})
    assert broken.status_code == 422
    assert "不是有效的 JSON" in broken.text


def test_rules_are_told_with_the_people_they_name_now(hall: FlaskClient) -> None:
    expected = {
        ("role:principal", "record"): (
            "由业务所在校区的角色“校长”办理，任何一人认领后办理。",
            [["东城校区", "王校长"], ["启明教育", "没有人"], ["西城校区", "没有人"]],
        ),
        ("user:east_sales1", "record"): ("由刘芳办理，任何一人认领后办理。", [["", "刘芳"]]),
        ("role:admin", "hq"): ("由总部的角色“管理员”办理，任何一人认领后办理。", [["", "管理员"]]),
        ("superior:2", "record"): ("由发起人往上第 2 级的上级办理，任何一人认领后办理。", []),
        ("nonsense", "record"): ("这条规则无法识别", []),
    }
    for (rule, branch), (words, people) in expected.items():
        told = hall.get("/studio/assignees", query_string={"rule": rule, "branch": branch}).get_json()
        assert (told["words"], sorted(told["people"])) == (words, people)


def test_differences_name_what_deploying_means(office: Office, hall: FlaskClient) -> None:
    after = SOURCE.replace('name="处理"', 'name="审核"').replace('rule="starter"', 'rule="role:principal"')
    found = ask(hall, f"/studio/{KEY}/changes", {"sources": {f"{KEY}.bpmn": after}}).get_json()
    assert (found["newest"], found["running"], found["money"], found["limits"]) == (1, 0, False, False)
    assert ("changed", "handle") in [(one["kind"], one["element_id"]) for one in found["changes"]]
    task = next(one for one in found["changes"] if one["element_id"] == "handle")
    assert task["details"] == ["名称：处理 → 审核", "处理人：发起人本人 → 角色“校长”"]
    done = ask(hall, f"/studio/{KEY}/deploy", {"sources": {f"{KEY}.bpmn": after}, "newest": 1}).get_json()
    assert done == {"status": "active", "number": 2}
    page = hall.get(f"/processes/{KEY}/versions/2").text
    assert "名称：处理 → 审核" in page
    assert 'data-node="handle" data-kind="changed"' in page
    assert "这是第一个版本" in hall.get(f"/processes/{KEY}/versions/1").text
    assert "之后的版本 2 改了什么" in hall.get(f"/processes/{KEY}/versions/1?against=2").text
    assert hall.get(f"/processes/{KEY}/versions/3").status_code == 404
    assert 'name="审核"' in hall.get(f"/processes/{KEY}/versions/2/diagram").get_json()["xml"]


def test_deploying_over_a_newer_version_is_refused(hall: FlaskClient) -> None:
    body = {"sources": {f"{KEY}.bpmn": SOURCE}, "newest": 1}
    assert ask(hall, f"/studio/{KEY}/deploy", body).get_json()["number"] == 2
    refused = ask(hall, f"/studio/{KEY}/deploy", body)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "version_newer")
    assert hall.get(f"/studio/{KEY}/newest").get_json() == {"number": 2, "by": "管理员"}


def test_only_those_who_manage_processes_get_answers(office: Office, hall: FlaskClient) -> None:
    principal = office.open_client("east_principal")
    body = {"sources": {f"{KEY}.bpmn": SOURCE}, "xml": SOURCE, "fixes": ["x"], "content": "{}", "task": {}, "newest": 1}
    for path in ("check", "fix", "preview", f"{KEY}/changes", f"{KEY}/deploy"):
        assert ask(principal, f"/studio/{path}", body).status_code == 403, path
    for path in ("new", KEY, f"{KEY}/model", f"{KEY}/choices", f"{KEY}/newest", "assignees?rule=starter"):
        assert principal.get(f"/studio/{path}").status_code == 403, path
    assert principal.get(f"/processes/{KEY}/versions/1").status_code == 403


def test_every_field_of_every_object_can_be_a_question(office: Office) -> None:
    for definition in office.platform.boundary.run(SYSTEM, lambda tx: catalog.load(tx).objects()):
        fields = form_fields.fields_of(definition)
        names = [one["name"] for one in fields]
        document = {
            "key": f"{definition.key}.all",
            "title": {"zh": "全部", "en": "All"},
            "schema": {"type": "object", "properties": {one["name"]: one["property"] for one in fields}},
            "layout": [{"fields": names}],
        }
        if names:
            assert list(load_form(document).fields) == names
