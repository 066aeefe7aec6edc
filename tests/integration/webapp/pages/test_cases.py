"""The page of a process case: labels, money, links, sentences; what follows and who has it."""

import json
import re
from collections.abc import Callable
from html import unescape

from tests.integration.webapp.api.optional_steps import case_with_steps
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def case_of(school: School, process: str, node: str, who: str = "%") -> tuple[str, str]:
    """Ids of a case that waits at the node (for ``who``), and of its task."""
    sql = (
        "select t.instance_id, t.id from user_task t left join app_user u on u.id::text = t.assignee"
        " where process_key = :p and node_id = :n and status = 'open'"
        " and coalesce(username, '') like :who order by t.id"
    )
    row = school.rows(sql, p=process, n=node, who=who)[0]
    return str(row["instance_id"]), str(row["id"])


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_data_stand_under_labels_with_money_links_and_no_ids(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    page = visit("hq_manager").get(f"/instances/{case}")
    main = page[page.index("case-facts") :]
    text = text_of(main)
    assert "应退金额 ¥" in text
    assert "退款方式 原路退回" in text
    assert re.search(r'<a href="/records/contract/[0-9a-f-]{36}">EAST2026-', main)
    assert "contract_id" not in text
    assert not re.search(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7", text.partition("系统内部数据")[0])


def test_where_the_case_stands_and_what_follows_is_said(school: School, visit: Visit) -> None:
    case, task = case_of(school, "refund", "approve_principal")
    page = visit("hq_manager").get(f"/instances/{case}")
    text = text_of(page)
    assert "等 王校长 办理" in text
    assert "驳回 退费未通过" in text
    assert "财务退款 财务" in text
    assert f'href="/inbox/{task}"' in page


def test_story_tells_who_did_what_and_what_followed(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "contract_approval", "collect_payment")
    text = text_of(visit("hq_manager").get(f"/instances/{case}"))
    story = text.partition("经过")[2].partition("流程资料")[0]
    assert re.search(r"顾问 发起了流程 .*?随后自动： ?检查资料 → 确定审批路线", story), story
    assert re.search(r"顾问 办理“与家长签约”：已签约", story)
    assert "sign_contract" not in story


def test_case_diagram_tells_its_steps_in_order(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "contract_approval", "collect_payment")
    told = json.loads(visit("hq_manager").get(f"/instances/{case}/diagram"))
    assert told["states"]["collect_payment"] == "active"
    assert len(told["steps"]) == 2
    assert ["entered", "sign_contract"] in told["steps"][0]["marks"]
    assert told["steps"][1]["marks"][0] == ["completed", "sign_contract"]
    assert ["entered", "collect_payment"] in told["steps"][1]["marks"]


def test_page_is_english_for_english_readers(school: School) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    visitor = Visitor(school.app, "hq_manager", school.password)
    visitor.post("/language", locale="en", next="/")
    text = text_of(visitor.get(f"/instances/{case}"))
    assert "What follows" in text
    assert "started the process" in text
    assert "Refundable ¥" in text or "Refund amount ¥" in text


def test_auditor_reads_a_task_and_can_do_nothing_with_it(school: School, visit: Visit) -> None:
    case, task = case_of(school, "refund", "approve_principal")
    auditor = visit("auditor")
    assert f'href="/inbox/{task}"' in auditor.get(f"/instances/{case}")
    page = auditor.get(f"/inbox/{task}")
    assert "退费审批" in page
    assert 'name="outcome"' not in page
    assert "/urge" not in page
    auditor.post(f"/inbox/{task}/urge", status=404)
    visit("west_sales1").get(f"/inbox/{task}", status=404)


def test_operator_changes_one_value_in_its_type(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "refund", "approve_principal")
    admin = visit("admin")
    asked = admin.get(f"/instances/{case}/variables")
    assert "应退金额 refundable ¥" in text_of(asked)
    one = f"/instances/{case}/variables/materials_kept"
    assert 'inputmode="decimal"' in admin.get(one)
    assert "应为数字" in admin.post(one, 422, value="viel", reason="核对").text
    admin.post(one, value="80", reason="教材折价")
    text = text_of(admin.get(f"/instances/{case}"))
    assert "留用教材 ¥80.00" in text
    assert "修改了流程资料" in text
    assert "教材折价" in text


def test_return_to_the_starter_is_offered_only_where_a_person_started(school: School, visit: Visit) -> None:
    _, by_system = case_of(school, "lead_assignment", "assign_by_head", "east_principal")
    asked = visit("east_principal").get(f"/inbox/{by_system}/return")
    assert "前面没有可以退回的环节" in asked
    assert 'value="starter"' not in asked
    _, by_person = case_of(school, "refund", "approve_principal", "east_principal")
    assert 'value="starter"' in visit("east_principal").get(f"/inbox/{by_person}/return")


def test_messages_to_the_family_are_masked_for_those_without_the_right(school: School, visit: Visit) -> None:
    sql = "select instance_id from outbox where instance_id is not null and channel = 'sms' order by id limit 1"
    case = school.rows(sql)[0]["instance_id"]
    told = text_of(visit("auditor").get(f"/instances/{case}"))
    assert re.search(r"发出的消息 \d{3}\*{4}\d{4} 短信通知", told)
    assert re.search(r"发出的消息 \+?\d{11,13} 短信通知", text_of(visit("hq_manager").get(f"/instances/{case}")))


def test_keys_are_read_as_words_on_the_case_and_in_the_task(school: School, visit: Visit) -> None:
    case, _ = case_of(school, "attendance_exception", "bind_card")
    text = text_of(visit("hq_manager").get(f"/instances/{case}"))
    assert "异常类型 未识别的卡" in text
    assert "unknown_card" not in text
    sql = """select t.id from user_task t join instance i on i.id = t.instance_id join lead l on l.id = i.record_id
 where t.node_id = 'accept_lead' and t.status = 'done' and i.ended_at is null and l.source = 'walk_in' limit 1"""
    [row] = school.rows(sql)
    assert "来源 上门" in text_of(visit("admin").get(f"/inbox/{row['id']}"))


def test_optional_steps_are_chosen_on_the_case_page(school: School, visit: Visit) -> None:
    case = case_with_steps(school, "care_by_page")
    admin = visit("admin")
    shown = admin.get(f"/instances/{case}")
    assert "可选步骤 · 选择关怀方式 结束本阶段 电话回访 寄送贺卡" in text_of(shown)
    found = re.search(r'name="activation" value="(\d+)"', shown)
    assert found is not None
    waits = "学员关怀 · 请选择下一步：选择关怀方式"
    assert waits in text_of(admin.get("/inbox"))
    assert school.person("admin").get("/tasks/choices")["items"][0]["stages"] == ["选择关怀方式"]
    assert waits not in text_of(visit("east_sales1").get("/inbox"))
    task = admin.post(f"/instances/{case}/steps", activation=found[1], node="phone").headers["Location"]
    asked = text_of(admin.get(task))
    assert "办理说明 问问家长最近的感受。" in asked
    assert waits not in text_of(admin.get("/inbox"))
    admin.post(f"/instances/{case}/stages", activation=found[1])
    told = text_of(admin.get(f"/instances/{case}"))
    assert "请先完成正在进行的活动" in told
    assert "电话回访 进行中 1 寄送贺卡 选择要做的步骤" in told
    assert "系统管理员 选择了“电话回访”" in told
    seen = visit("auditor").get(f"/instances/{case}")
    assert "可选步骤" not in seen
    assert "等待参与的人选择步骤" not in seen
    visit("east_sales1").post(f"/instances/{case}/steps", 404, activation=found[1], node="letter")
    school.person("admin").complete("phone", "done")
    assert "选择关怀方式 等待参与的人选择步骤" in text_of(visit("auditor").get(f"/instances/{case}"))
    assert "这个流程在等人选择下一步，您可以选择" in admin.get(task)
    admin.post(f"/instances/{case}/stages", activation=found[1])
    ended = text_of(admin.get(f"/instances/{case}"))
    assert "结束了“选择关怀方式”" in ended
