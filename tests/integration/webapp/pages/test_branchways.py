"""A branch's own way through a process on its pages: what headquarters leaves, differences, approval, withdrawal."""

import json
import re
from collections.abc import Callable
from html import unescape

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
PATH = "/processes/contract_approval/branches"


def test_change_is_reviewed_against_headquarters_then_saved_and_withdrawn(school: School, visit: Visit) -> None:
    admin, east = visit("admin"), f"{PATH}/{school.branch('east')}"
    assert "总部：由业务所在校区的校区负责人办理，任何一人认领后办理。" in text_of(admin.get(east))
    form = {"rule-approve_principal": "role:academic", "due-approve_principal": "1", "unit-approve_principal": "WD"}
    review = text_of(admin.post(east, 200, **form, step="review").text)
    assert "“校长审批”的办理人：由业务所在校区的角色“教务”办理，任何一人认领后办理。" in review
    assert "“校长审批”的时限：2 天 → 1 个工作日" in review
    admin.post(east, **form, step="save")
    listed = text_of(admin.get(PATH))
    assert "东城校区 第 1 版 “校长审批”的办理人：由业务所在校区的角色“教务”办理" in listed
    assert "西城校区 同总部" in listed
    withdraw = re.search(rf'action="({east}/[0-9a-f-]{{36}}/withdraw)"', admin.get(east))
    assert withdraw is not None
    admin.post(withdraw[1])
    assert "东城校区 同总部" in text_of(admin.get(PATH))


def test_rule_that_names_nobody_is_refused_with_its_reason(school: School, visit: Visit) -> None:
    east = f"{PATH}/{school.branch('east')}"
    form = {"rule-approve_principal": "position:no_such_position"}
    page = visit("admin").post(east, 200, **form, step="review").text
    assert "“校长审批”在本校区没有办理人" in unescape(page)
    assert 'value="save"' not in page
    visit("admin").post(east, 422, **form, step="save")


def test_table_of_a_branch_is_its_own_until_it_is_given_back(school: School, visit: Visit) -> None:
    admin, east = visit("admin"), f"{PATH}/{school.branch('west')}"
    table = f"{east}/tables/contract_approval_route.dmn"
    source = unescape(admin.get(table).partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    admin.post(table, content=source.replace("15000", "12000"))
    assert re.search(r"合同审批路线 本校区的", text_of(admin.get(east)))
    assert "15000 → >= 12000" in text_of(admin.get(PATH))
    admin.post(table, step="remove")
    assert "西城校区 同总部" in text_of(admin.get(PATH))


def test_points_left_by_headquarters_make_a_version_that_money_has_approved(school: School, visit: Visit) -> None:
    path = "/processes/refund/branches"
    admin, east = visit("admin"), f"/processes/refund/branches/{school.branch('east')}"
    assert "总部没有放开" in admin.get(east)
    assert admin.post(path, **{"approve_principal:due": "1"}).headers["Location"] == "/processes/refund"
    deployment = school.rows("select id from deployment where status = 'waiting'")[0]["id"]
    visit("hq_manager").post(f"/deployments/{deployment}/approve")
    assert 'name="due-approve_principal"' in admin.get(east)
    assert 'name="rule-approve_principal"' not in admin.get(east)
    admin.post(east, **{"due-approve_principal": "4", "unit-approve_principal": "H"}, step="save")
    waiting = admin.get(east)
    assert "待另一人批准" in waiting
    approve = re.search(rf'action="({east}/[0-9a-f-]{{36}}/approve)"', waiting)
    assert approve is not None
    admin.post(approve[1])
    assert "须由另一人批准" in admin.get(east)
    visit("hq_manager").post(approve[1])
    assert "第 1 版 执行中" in text_of(admin.get(east))


def test_branches_ways_are_for_those_who_manage_or_look_at_processes(school: School, visit: Visit) -> None:
    east = f"{PATH}/{school.branch('east')}"
    assert 'value="review"' not in visit("auditor").get(east)
    visit("east_principal").get(PATH, status=403)
    visit("auditor").post(east, 403, **{"due-approve_principal": "1"}, step="save")


def test_form_of_a_branch_is_edited_chosen_and_restored(school: School, visit: Visit) -> None:
    admin, east = visit("admin"), f"{PATH}/{school.branch('east')}"
    tasks = re.findall(r'name="(\w+):form"', admin.get(PATH))
    points = {f"{task}:{kind}": "1" for task in tasks for kind in ("assignees", "due")}
    admin.post(PATH, **points, **{f"{task}:form": "1" for task in tasks if task != "sign_contract"}, decisions="1")
    assert f"{east}/forms/sign.json" not in admin.get(east)
    form = f"{east}/forms/approve.json"
    source = unescape(admin.get(form).partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    own = json.loads(source) | {"title": {"zh": "东城审批单", "en": "East approval"}}
    admin.post(form, 422, content=json.dumps(own | {"key": "contract_approval.other"}))
    admin.post(form, 422, content=source[:-20])
    admin.post(form, content=json.dumps(own))
    assert "东城审批单 本校区的" in text_of(admin.get(east))
    assert "标题：审批合同 → 东城审批单" in text_of(admin.get(PATH))
    chosen = {"form-revise_draft": "contract_approval.draft"}
    assert "“修改合同”的表单：修改合同 → 起草合同" in text_of(admin.post(east, 200, **chosen, step="review").text)
    admin.post(east, **chosen, step="save")
    admin.post(form, step="remove")
    assert "审批合同 同总部" in text_of(admin.get(east))
    restore = re.findall(rf'action="({east}/[0-9a-f-]{{36}}/restore)"', admin.get(east))
    admin.post(restore[0])
    assert "东城审批单 本校区的" in text_of(admin.get(east))
    preview = {"content": source, "task": {}}
    assert admin.client.post(f"{east}/preview", json=preview).status_code == 403
