"""Operating cases in the browser's pages: what it means is shown first; many at once; to another version and back."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Tx
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import case_of, text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_cancelling_says_what_ends_and_what_is_given_back(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    asked = text_of(visit("hq_manager").get(f"/instances/{case}/cancel"))
    assert "将撤销的任务 校长审批（王校长）" in asked
    assert "会自动归还或冲回 冻结课时并计算凭证 → 撤销流程时归还" in asked


def test_skipping_a_money_approval_is_explained_and_not_offered(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    asked = visit("hq_manager").get(f"/instances/{case}/skip")
    assert "涉及资金的流程，审批不能越过。" in asked
    assert 'name="reason"' not in asked


def test_move_is_previewed_then_done_with_a_reason(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "contract_approval", "collect_payment")
    manager = visit("admin")
    place = re.search(r'name="place" value="(\d+)" checked', manager.get(f"/instances/{case}/move"))
    assert place is not None
    chosen: dict[str, Any] = {"place": place[1], "target": "sign_contract"}
    preview = text_of(manager.post(f"/instances/{case}/move", 200, step="preview", **chosen).text)
    assert "从这里继续 与家长签约" in preview
    assert "将撤销的任务 收取首期款（冯财务）" in preview
    assert "已经做过，会再做一次 签约并生成分期" in preview
    refused = manager.post(f"/instances/{case}/move", 422, **chosen)
    assert "请填写原因" in unescape(refused.text)
    manager.post(f"/instances/{case}/move", reason="签错了版本", **chosen)
    told = text_of(manager.get(f"/instances/{case}"))
    assert "把流程移到“与家长签约”" in told
    assert "签错了版本" in told


def test_move_without_a_choice_asks_again(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "lead_assignment", "follow_up")
    answer = visit("admin").post(f"/instances/{case}/move", 422, step="preview", target="assign_by_head")
    assert "请选择要结束的环节" in unescape(answer.text)


def test_variables_stand_in_words_with_earlier_corrections(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    admin = visit("admin")
    admin.post(f"/instances/{case}/variables/materials_kept", reason="少收一本", value="60")
    told = text_of(admin.get(f"/instances/{case}/variables"))
    assert "留用教材 materials_kept ¥60.00" in told
    assert re.search(r"更正记录 系统管理员 .*留用教材：.* → 60 少收一本", told)


def test_bulk_names_the_cases_and_reports_each_that_failed(school: School, visit: Visit) -> None:
    manager = visit("hq_manager")
    ids = [str(row["id"]) for row in _running(school, "lead_assignment")[:3]]
    asked = text_of(manager.post("/cases/bulk/suspend", 200, id=ids).text)
    assert "挂起：3 个流程" in asked
    assert "线索分配：3 个" in asked
    job = manager.post("/cases/bulk/suspend", id=ids, step="go").headers["Location"]
    school.drain()
    assert "已完成 3 项，未成功 0 项。" in manager.get(job)
    manager.post(f"/instances/{ids[0]}/resume")
    resumed = text_of(manager.post("/cases/bulk/resume", 200, id=ids).text)
    assert "恢复：2 个流程" in resumed
    manager.post("/cases/bulk/resume", id=ids, step="go")
    school.drain()


def test_bulk_of_all_that_match_is_limited_to_what_the_actor_sees(school: School, visit: Visit) -> None:
    principal = visit("east_principal")
    asked = text_of(principal.post("/cases/bulk/suspend", 200, all="1", process="lead_assignment").text)
    east = [row for row in _running(school, "lead_assignment") if row["branch"] == "east"]
    assert f"挂起：{len(east)} 个流程" in asked


def test_bulk_is_not_offered_to_who_operates_nothing(school: School, visit: Visit) -> None:
    assert "data-select" not in visit("auditor").get("/cases")
    assert "data-select" in visit("east_principal").get("/cases")


def test_migration_is_planned_mapped_run_and_undone(school: School, visit: Visit) -> None:
    count = len(_running(school, "lead_assignment"))
    at_follow_up = len(school.rows("select 1 from user_task where node_id = 'follow_up' and status = 'open'"))
    _rename_follow_up(school)
    admin = visit("admin")
    planned = admin.get("/processes/lead_assignment/migrations")
    assert f"{count} 个进行中 {count} 可以迁移 0 需要选择 0 无法迁移" in text_of(planned)
    form: dict[str, Any] = {"from": "1", "to": "2", "map-follow_up": ""}
    left = text_of(admin.post("/processes/lead_assignment/migrations", 200, step="plan", **form).text)
    assert f"{count - at_follow_up} 可以迁移 {at_follow_up} 需要选择" in left
    form["map-follow_up"] = "stay_in_touch"
    job = admin.post("/processes/lead_assignment/migrations", step="go", **form).headers["Location"]
    school.drain()
    assert f"已完成 {count} 项，未成功 0 项。" in admin.get(job)
    listed = admin.get("/processes/lead_assignment/migrations")
    assert f"v1 → v2 系统管理员 刚刚 {count} 0 {count} 撤销" in text_of(listed)
    undo = re.search(r'href="(/processes/lead_assignment/migrations/[^"]+/undo)"', listed)
    assert undo is not None
    assert f"{count} 个流程回到版本 1" in text_of(admin.get(undo[1]))
    admin.post(undo[1])
    school.drain()
    assert {row["version"] for row in _running(school, "lead_assignment")} == {1}


def test_migrations_belong_to_operators(school: School, visit: Visit) -> None:
    visit("auditor").get("/processes/lead_assignment/migrations", status=403)
    visit("east_sales1").get("/processes/lead_assignment/versions/1/diagram", status=403)


def test_process_page_says_where_its_cases_stand_and_lists_them(school: School, visit: Visit) -> None:
    sql = "select instance_id as id from user_task where node_id = 'assign_by_head' and status = 'open'"
    ids = {str(row["id"]) for row in school.rows(sql)}
    page = visit("auditor").get("/processes/lead_assignment?version=1")
    row = re.search(r'<tr data-node="assign_by_head" data-cases="(\d+)".*?</tr>', page, re.DOTALL)
    assert row is not None
    assert int(row[1]) == len(ids)
    assert "主管指派" in text_of(row[0])
    url = re.search(r'href="(/cases[^"]+)"', row[0])
    assert url is not None
    listed = visit("auditor").get(unescape(url[1]))
    assert "停在“主管指派”（版本 1）" in text_of(listed)
    assert set(re.findall(r"/instances/([0-9a-f-]{36})", listed)) == ids
    principal = visit("east_principal").get("/processes/lead_assignment?version=1")
    seen = re.search(r'<tr data-node="assign_by_head" data-cases="(\d+)"', principal)
    assert seen is not None
    assert 0 < int(seen[1]) < len(ids)
    visit("east_sales1").get(unescape(url[1]), status=403)


def test_bulk_of_a_filtered_list_keeps_to_the_step(school: School, visit: Visit) -> None:
    manager = visit("hq_manager")
    form = {"process": "lead_assignment", "version": "1", "node": "assign_by_head", "all": "1"}
    asked = text_of(manager.post("/cases/bulk/suspend", 200, **form).text)
    [row] = school.rows("select count(*) as n from user_task where node_id = 'assign_by_head' and status = 'open'")
    assert f"挂起：{row['n']} 个流程" in asked


def test_work_is_handed_over_by_kind_after_a_preview(school: School, visit: Visit) -> None:
    leaving, sales, academic = (_user(school, name) for name in ("east_sales2", "east_sales1", "east_academic"))
    owned = "select count(*) as n from lead where owner_id::text = :user and deleted_at is null"
    count = school.rows(owned, user=leaving)[0]["n"]
    principal = visit("east_principal")
    assert f"线索 {count} 改负责人" in text_of(principal.get(f"/handover?user={leaving}"))
    form = {"user": leaving, "pick-lead": "1", "pick-student": "1", "to": sales, "to-student": academic}
    form["pick-contract"] = "1"
    school.rows("update app_user set is_active = false where id::text = :user returning id", user=leaving)
    refused = principal.post("/handover", 422, step="preview", **(form | {"to": ""}))
    assert "请选择接手人" in refused.text
    told = text_of(principal.post("/handover", 200, step="preview", **form).text)
    assert f"线索 {count} 李顾问" in told
    assert re.search(r"合同 \d+ 李顾问", told)
    assert "账号已停用" in principal.get(f"/handover?user={leaving}")
    assert re.search(r"学员 \d+ 陈教务", told)
    job = principal.post("/handover", step="go", reason="离职", **form).headers["Location"]
    school.drain()
    assert "未成功 0 项" in principal.get(job)
    assert school.rows(owned, user=leaving)[0]["n"] == 0
    assert school.rows(owned.replace("from lead", "from contract"), user=leaving)[0]["n"] == 0
    school.rows("update app_user set is_active = true where id::text = :user returning id", user=leaving)


def test_work_of_another_branch_is_not_handed_over(school: School, visit: Visit) -> None:
    page = visit("east_principal").get(f"/handover?user={_user(school, 'west_sales1')}", status=403)
    assert "只有流程管理员可以移交他人的工作" in page


def test_id_that_is_none_is_told_to_be_unreadable(visit: Visit) -> None:
    principal = visit("east_principal")
    assert "无法读取请求" in principal.get("/handover?user=x", status=400)
    assert principal.post("/inbox/batch/claim", box="todo", id=["x"]).headers["Location"] == "/inbox?box=todo"


def test_tasks_are_answered_together_where_nothing_is_to_be_filled_in(school: School, visit: Visit) -> None:
    _, contract = case_of(school, "contract_approval", "approve_principal", "east_principal")
    _, lead = case_of(school, "lead_assignment", "assign_by_head", "east_principal")
    principal = visit("east_principal")
    form: dict[str, Any] = {"box": "todo", "id": [contract, lead]}
    asked = text_of(principal.post("/inbox/batch/complete", 200, **form).text)
    assert "批量办理：1 个任务" in asked
    assert "这一步要填写“指派给”，请逐个办理" in asked
    form["outcome-contract_approval.approve_principal"] = "reject"
    refused = principal.post("/inbox/batch/complete", 422, step="go", **form)
    assert "“驳回”要写意见" in refused.text
    job = principal.post("/inbox/batch/complete", step="go", comment="价格不对", **form).headers["Location"]
    school.drain()
    assert "已完成 1 项，未成功 0 项。" in principal.get(job)
    [done] = school.rows("select outcome, comment from user_task where id = :id", id=contract)
    assert dict(done) == {"outcome": "reject", "comment": "价格不对"}


def test_comment_for_a_task_that_somebody_else_did_is_not_lost(school: School, visit: Visit) -> None:
    _, task = case_of(school, "lead_assignment", "assign_by_head", "east_principal")
    admin, principal = visit("admin"), visit("east_principal")
    admin.post(f"/inbox/{task}/transfer", to=_user(school, "hq_manager"))
    answer = principal.post(f"/inbox/{task}", 403, outcome="done", comment="给刘芳跟进")
    assert "刘芳" in answer.text


def test_who_operates_one_branch_stops_no_starts(school: School, visit: Visit) -> None:
    principal = visit("east_principal")
    assert "停止发起" not in principal.get("/processes/refund")
    principal.post("/processes/refund/pause", 403, paused="1")


def _user(school: School, username: str) -> str:
    return str(school.rows("select id from app_user where username = :name", name=username)[0]["id"])


def _running(school: School, process: str) -> list[dict[str, object]]:
    sql = """select i.id, v.number as version, b.key as branch from instance i
 join process_version v on v.id = i.version_id join branch b on b.id = i.branch_id
 where i.process_key = :p and i.ended_at is null order by i.id"""
    return [dict(row) for row in school.rows(sql, p=process)]


def _rename_follow_up(school: School) -> None:
    """A second version in which following up is another step."""

    def use_case(tx: Tx) -> None:
        files = dict(deployments.sources(tx, "lead_assignment").files)
        name = "lead_assignment.bpmn"
        files[name] = files[name].replace('"follow_up"', '"stay_in_touch"').replace("follow_up.", "stay_in_touch.")
        deployments.deploy(tx, files, name="改名")

    school.platform.boundary.run(SYSTEM, use_case)
