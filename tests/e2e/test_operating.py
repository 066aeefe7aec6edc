"""Operating cases in the browser: moved by a click on the diagram, migrated by choices on two diagrams, many at once;
a branch's own way through a process."""

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments, instances
from tests.e2e.forms import finish, open_task
from tests.e2e.school import School
from tests.e2e.watching import SignIn
from webapp.composition import Platform
from webapp.screens.studio import blank_process

pytestmark = pytest.mark.e2e
KEY = "errand"
SECOND = (
    '<bpmn:userTask id="confirm" name="确认"><bpmn:extensionElements><school:task><school:assignee rule="starter"/>'
    "</school:task></bpmn:extensionElements><bpmn:incoming>handled</bpmn:incoming>"
    "<bpmn:outgoing>handle_to_ended</bpmn:outgoing></bpmn:userTask>"
    '<bpmn:sequenceFlow id="handled" sourceRef="handle" targetRef="confirm"/>'
)
SHAPE = (
    '<bpmndi:BPMNShape id="confirm_shape" bpmnElement="confirm"><dc:Bounds x="410" y="120" width="100" height="80"/>'
    '</bpmndi:BPMNShape><bpmndi:BPMNEdge id="handled_edge" bpmnElement="handled"><di:waypoint x="360" y="160"/>'
    '<di:waypoint x="410" y="160"/></bpmndi:BPMNEdge>'
)


def two_tasks() -> str:
    """Somebody handles it, somebody confirms it."""
    source = blank_process.source("跑腿", KEY).replace(
        "<bpmn:outgoing>handle_to_ended</bpmn:outgoing>", "<bpmn:outgoing>handled</bpmn:outgoing>"
    )
    source = source.replace('<bpmn:endEvent id="ended"', f'{SECOND}<bpmn:endEvent id="ended"')
    source = source.replace('sourceRef="handle" targetRef="ended"', 'sourceRef="confirm" targetRef="ended"')
    source = source.replace(
        '<di:waypoint x="360" y="160" /><di:waypoint x="560"', '<di:waypoint x="510" y="160" /><di:waypoint x="560"'
    )
    return source.replace('<bpmndi:BPMNShape id="ended_shape"', f'{SHAPE}<bpmndi:BPMNShape id="ended_shape"')


def signed_in_order() -> str:
    """The people it is started with sign one after the other."""
    source = blank_process.source("依次签", "signing_round")
    task = (
        '<school:task operations="claim add_signer remove_signer"><school:assignee rule="=who" />'
        '<school:countersign mode="in_order" />'
    )
    each = (
        '<bpmn:outgoing>handle_to_ended</bpmn:outgoing><bpmn:multiInstanceLoopCharacteristics isSequential="true"'
        ' xmlns:c="http://camunda.org/schema/1.0/bpmn" c:collection="=people" c:elementVariable="who" />'
    )
    source = source.replace('<school:task><school:assignee rule="starter" />', task)
    source = source.replace("<bpmn:outgoing>handle_to_ended</bpmn:outgoing>", each)
    return source.replace('name="处理"', 'name="依次签"')


def deploy(platform: Platform, source: str) -> None:
    platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {f"{KEY}.bpmn": source}))


def start(platform: Platform, school: School, count: int) -> list[UUID]:
    sales, east = school.actor("east_sales1"), school.branches["east"]
    return [platform.boundary.run(sales, lambda tx: instances.start(tx, KEY, branch_id=east)) for _ in range(count)]


def drawn(page: Page) -> None:
    for place in page.locator("[data-diagram]").all():
        expect(place).to_have_attribute("data-ready", "true")


def test_case_is_moved_by_a_click_on_its_diagram(sign_in: SignIn, platform: Platform, school: School) -> None:
    deploy(platform, two_tasks())
    (case,) = start(platform, school, 1)
    page = sign_in("admin")
    page.goto(f"/instances/{case}/move")
    drawn(page)
    page.locator("[data-element-id=confirm] .djs-hit").click()
    expect(page.locator("#move-target")).to_have_value("confirm")
    page.get_by_role("button", name="预览影响").click()
    expect(page.locator(".consequences")).to_contain_text("处理（刘芳）")
    page.get_by_label("原因").fill("当面办完了")
    page.get_by_role("button", name="确认移动").click()
    expect(page.locator(".standing-now h2")).to_have_text("确认")
    expect(page.locator(".timeline-list")).to_contain_text("当面办完了")


def test_cases_are_migrated_by_choices_and_brought_back(sign_in: SignIn, platform: Platform, school: School) -> None:
    deploy(platform, two_tasks())
    start(platform, school, 2)
    deploy(platform, two_tasks().replace('"handle"', '"do_it"').replace('name="处理"', 'name="去办"'))
    page = sign_in("admin")
    page.goto(f"/processes/{KEY}/migrations")
    drawn(page)
    before = int(page.locator(".plan-figures .is-amber strong").inner_text())
    assert before >= 2
    page.locator("[data-diagram] >> nth=0").locator("[data-element-id=handle]").click()
    page.locator("[data-diagram] >> nth=1").locator("[data-element-id=do_it]").click()
    expect(page.locator("[name=map-handle]")).to_have_value("do_it")
    page.get_by_role("button", name="按选择重新计算").click()
    expect(page.locator(".plan-figures .is-amber strong")).to_have_text("0")
    page.get_by_role("button", name="迁移", exact=False).last.click()
    expect(page.locator(".notice.is-success")).to_contain_text("未成功 0 项")
    page.get_by_role("link", name="版本迁移记录与撤销").click()
    page.get_by_role("link", name="撤销").click()
    expect(page.locator("#sheet")).to_contain_text("停在迁移前的位置")
    page.locator("#sheet").get_by_role("button", name="撤销迁移").click()
    expect(page.locator(".notice.is-success")).to_contain_text("未成功 0 项")


def test_many_cases_are_suspended_from_a_phone(sign_in: SignIn, platform: Platform, school: School) -> None:
    deploy(platform, two_tasks())
    start(platform, school, 2)
    page = sign_in("admin", phone=True)
    page.goto(f"/cases?process={KEY}&status=active")
    for box in page.locator("[data-select]").all()[:2]:
        box.check()
    page.get_by_role("button", name="挂起").click()
    expect(page.locator("h1")).to_have_text("挂起：2 个流程")
    page.get_by_role("button", name="开始，共 2 个").click()
    expect(page.locator(".notice.is-success")).to_contain_text("已完成 2 项")


def test_signers_in_order_change_places_on_a_phone(sign_in: SignIn, platform: Platform, school: School) -> None:
    platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"signing_round.bpmn": signed_in_order()}))
    people = [str(school.users[name]) for name in ("west_principal", "west_academic", "west_finance", "west_teacher1")]
    sales, west = school.actor("west_sales1"), school.branches["west"]
    platform.boundary.run(sales, lambda tx: instances.start(tx, "signing_round", {"people": people}, branch_id=west))
    page = sign_in("west_principal", phone=True)
    open_task(page, "依次签")
    page.locator(".task-buttons summary").click()
    page.locator(".task-menu .menu-item", has_text="调整签署顺序").click()
    rows = page.locator("#sheet .turns.is-movable .strong")
    expect(rows).to_have_text(["郑教务", "蒋会计", "杨老师"])
    page.get_by_role("button", name="杨老师 提前一位").click()
    page.get_by_role("button", name="移动郑教务（按上下键）").press("ArrowDown")
    expect(rows).to_have_text(["杨老师", "郑教务", "蒋会计"])
    page.locator("#sheet").get_by_role("button", name="调整签署顺序").click()
    expect(page.locator(".toast-line")).to_contain_text("顺序已调整")
    page.goto(page.url)
    open_task(page, "依次签")
    finish(page, "完成")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    open_task(sign_in("west_teacher1"), "依次签")


def test_branch_changes_a_due_time_and_takes_it_back(sign_in: SignIn, school: School) -> None:
    page = sign_in("admin")
    page.goto(f"/processes/contract_approval/branches/{school.branches['west']}")
    page.locator("[name=due-approve_principal]").fill("1")
    page.get_by_role("button", name="查看改动").click()
    expect(page.locator(".review")).to_contain_text("“校长审批”的时限：2 天 → 1 天")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".toast-line")).to_contain_text("新发起的流程按此执行")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销").click()
    page.goto("/processes/contract_approval/branches")
    expect(page.locator("tr", has_text="西城校区")).to_contain_text("同总部")


def test_table_of_a_branch_opens_in_its_editor(sign_in: SignIn, school: School) -> None:
    page = sign_in("admin")
    west = school.branches["west"]
    page.goto(f"/processes/contract_approval/branches/{west}/tables/contract_approval_route.dmn")
    expect(page.locator("[data-decisions]")).to_have_attribute("data-ready", "true")
    expect(page.locator(".tjs-container")).to_contain_text("合同金额")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".toast-line")).to_contain_text("新发起的流程按此执行")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".toast-line")).to_contain_text("已处理")
