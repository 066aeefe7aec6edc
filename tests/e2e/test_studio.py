"""The process studio as an administrator uses it: steps, limits, checks, versions, on a desk and on a phone."""

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import expect

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments, instances, tasks
from engine.workflow.bpmn import reader
from processes.contract_approval import actions
from tests.e2e.school import School
from tests.e2e.studio import deploy, fill, insert_user_task, let_go, open_studio, pick, tab
from tests.e2e.term import Term
from tests.e2e.watching import SignIn
from webapp.composition import Platform
from webapp.screens.studio import blank_process

pytestmark = pytest.mark.e2e

_FAULTS = """async () => {
  const rules = {'scrollable-region-focusable': {enabled: false}};
  const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
  const found = await axe.run(document, {runOnly: tags, rules});
  return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`);
}"""
_MARK_IS_SEEN = """selector => {
  const box = document.querySelector(selector).getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.width > 40 && box.height > 10 && top.closest(selector) !== null;
}"""
_ENGLISH = """() => {
  const own = '.bjs-powered-by, .input-cell, .output-cell, .trial-fields, style';
  const texts = document.createTreeWalker(document.querySelector('.studio-file'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const { textContent, parentElement } = texts.currentNode;
    if (/[A-Za-z]{3}/.test(textContent) && !parentElement.closest(own)) found.push(textContent);
  }
  return found.filter(text => !/[\u4e00-\u9fff]/.test(text));
}"""
FOREIGN = """<?xml version="1.0" encoding="gbk"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://example.org/">
  <process id="Process_1" name="外来流程" isExecutable="false">
    <startEvent id="s" name="开始"/><userTask id="look" name="查看"/><exclusiveGateway id="way" name="怎么办"/>
    <endEvent id="yes" name="通过"/><endEvent id="no" name="不通过"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="look"/><sequenceFlow id="f2" sourceRef="look" targetRef="way"/>
    <sequenceFlow id="f3" name="好" sourceRef="way" targetRef="yes"/>
    <sequenceFlow id="f4" name="不好" sourceRef="way" targetRef="no"/>
  </process>
</definitions>"""

REPEATED = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><process id="repeated_panel" name="重复的步骤" isExecutable="true"><startEvent id="s"/>
<userTask id="again" name="再做"><extensionElements><school:task><school:assignee rule="starter"/></school:task>
</extensionElements><standardLoopCharacteristics loopMaximum="2"/></userTask>
<userTask id="each" name="各做"><extensionElements><school:task><school:assignee rule="starter"/></school:task>
</extensionElements><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>
</multiInstanceLoopCharacteristics></userTask><boundaryEvent id="late" attachedToRef="each" cancelActivity="false">
<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="e"/>
<endEvent id="told"/><sequenceFlow id="f4" sourceRef="late" targetRef="told"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="again"/>
<sequenceFlow id="f2" sourceRef="again" targetRef="each"/><sequenceFlow id="f3" sourceRef="each" targetRef="e"/>
</process></definitions>"""
PLACES = {
    "s": (100, 132, 36, 36),
    "again": (200, 110, 100, 80),
    "each": (420, 110, 100, 80),
    "e": (640, 132, 36, 36),
    "late": (470, 172, 36, 36),
    "told": (640, 262, 36, 36),
}
SHAPES = "".join(
    f'<bpmndi:BPMNShape id="{key}_di" bpmnElement="{key}"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/>'
    "</bpmndi:BPMNShape>"
    for key, (x, y, w, h) in PLACES.items()
)
DRAWN = f"""<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="dia"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane id="plane" bpmnElement="repeated_panel">{SHAPES}
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"""


def make_process(platform: Platform, key: str, name: str) -> None:
    """A process of one task for its starter."""
    source = blank_process.source(name, key)
    platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {f"{key}.bpmn": source}, name=name))


def start(platform: Platform, school: School, key: str) -> UUID:
    """A case of the sales person in the east."""
    branch = school.branches["east"]
    return platform.boundary.run(school.actor("east_sales1"), lambda tx: instances.start(tx, key, branch_id=branch))


def hand_in(platform: Platform, school: School, case: UUID) -> tuple[int, bool, UUID | None]:
    """The starter does the first task: the case's version, whether it has ended, the task that is open now."""
    run, sales = platform.boundary.run, school.actor("east_sales1")
    run(sales, lambda tx: tasks.complete(tx, instances.get(tx, case).tasks[0].id))
    view = run(SYSTEM, lambda tx: instances.get(tx, case))
    return view.version, view.ended_at is not None, next((one.id for one in view.tasks if one.status == "open"), None)


@pytest.fixture
def shipped_limits(platform: Platform) -> Iterator[None]:
    """Puts the shipped version of contract approval back in its place."""
    before = platform.boundary.run(SYSTEM, lambda tx: deployments.sources(tx, "contract_approval"))
    yield
    platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, before.files, name="合同审批"))


def test_inserted_step_meets_new_cases_only(sign_in: SignIn, platform: Platform, school: School) -> None:
    make_process(platform, "borrow_hall", "借礼堂")
    running = start(platform, school, "borrow_hall")
    page = sign_in("admin")
    open_studio(page, "borrow_hall")
    insert_user_task(page, "handle_to_ended")
    fill(page, "name", "校长复核")
    page.locator(".panel-buttons").get_by_role("button", name="新建表单").click()
    page.get_by_role("checkbox", name="备注：必填").check()
    expect(page.locator(".preview-paper .required")).to_be_visible()
    tab(page, "流程图")
    page.locator("[data-group-id='group-school-form-assignees'] .bio-properties-panel-add-entry").click()
    kind = page.locator("[name='school-form-assignees-0-kind']")
    if not kind.is_visible():
        page.locator(
            "[data-group-id='group-school-form-assignees'] .bio-properties-panel-collapsible-entry-header"
        ).click()
    kind.select_option("branch_head")
    expect(page.locator(".rule-told")).to_contain_text("东城校区王校长")
    deploy(page, "加一步校长复核")
    expect(page.locator("[data-part='notice']")).to_contain_text("已部署为版本 2")
    later = start(platform, school, "borrow_hall")
    assert hand_in(platform, school, running) == (1, True, None)
    version, has_ended, task_id = hand_in(platform, school, later)
    assert (version, has_ended) == (2, False)
    principal = sign_in("east_principal", phone=True)
    principal.goto(f"/inbox/{task_id}")
    expect(principal.locator(".task")).to_contain_text("校长复核")
    principal.fill("#task-remark", "可以")
    principal.locator(".task-buttons .btn-primary").click()
    expect(principal.locator(".toast-line")).to_contain_text("已提交")


def test_moved_limit_decides_the_next_contract(
    sign_in: SignIn, platform: Platform, term: Term, shipped_limits: None
) -> None:
    page = sign_in("admin")
    open_studio(page, "contract_approval")
    tab(page, "合同审批路线")
    page.locator("td.input-cell", has_text=">= 15000").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(">= 5000")
    page.locator("[data-action='deploy']").click()
    expect(page.locator("[data-part='deploying']")).to_contain_text("合同金额：>= 15000 → >= 5000")
    expect(page.locator("[data-part='deploying']")).to_contain_text("请核对数字")
    page.fill("#deploy-note", "免审批额度由 15000 降到 5000")
    page.locator("[data-action='deploy-now']").click()
    expect(page.locator("[data-part='notice']")).to_contain_text("已部署为版本")
    contract_id, _ = term.family()
    student_id = term.student_of(contract_id)
    line = {"course_id": str(term.ids["course:english"]), "paid_quantity": Decimal(40)}  # 6000.00 yuan
    values = {"lines": [line], "is_identity_checked": True, "is_cost_approved": True}
    done = term.run(lambda tx: actions.start_for_student(tx, student_id, values))
    assert done.instance_id is not None
    states = term.run(lambda tx: instances.diagram(tx, done.instance_id)).states
    assert [node for node, state in states.items() if state == "active"] == ["approve_principal"]


def test_wrong_condition_is_stopped_at_its_element(sign_in: SignIn) -> None:
    page = sign_in("admin")
    open_studio(page, "contract_approval")
    pick(page, "is_complete_to_complete_draft_label")
    fill(page, "school-condition-text", "complete = = false")
    expect(page.locator("[data-part='summary']")).to_have_text("1 个错误，不能部署")
    expect(page.locator(".finding-mark.is-error")).to_be_visible()
    page.locator("[data-action='deploy']").click()
    expect(page.locator(".finding-bubble")).to_contain_text("表达式有误")
    expect(page.locator("[data-part='findings'] .finding.is-error")).to_contain_text("不齐全")
    expect(page.locator("[data-part='deploying']")).to_be_hidden()
    page.locator("[data-action='undo']").click()
    expect(page.locator("[data-part='summary']")).to_have_text("检查通过")


def test_step_dropped_on_a_short_flow_gets_room(sign_in: SignIn, platform: Platform) -> None:
    source = blank_process.source("挤", "narrow").replace("560", "400")
    platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"narrow.bpmn": source}))
    page = sign_in("admin")
    open_studio(page, "narrow")
    insert_user_task(page, "handle_to_ended")
    added = page.locator("g.djs-shape[data-element-id^=Activity_]").bounding_box()
    handle = page.locator("g.djs-shape[data-element-id=handle]").bounding_box()
    ended = page.locator("g.djs-shape[data-element-id=ended]").bounding_box()
    assert added is not None
    assert handle is not None
    assert ended is not None
    assert handle["x"] + handle["width"] < added["x"]
    assert added["x"] + added["width"] < ended["x"]


def test_condition_is_chosen_from_answers_in_words(sign_in: SignIn) -> None:
    page = sign_in("admin")
    open_studio(page, "contract_approval")
    pick(page, "is_complete_to_complete_draft_label")
    panel = page.locator(".studio-properties")
    expect(panel.locator("[name='school-condition-field'] option:checked")).to_have_text("资料齐全")
    expect(panel.locator("[name='school-condition-value'] option:checked")).to_have_text("否")
    panel.locator("[name='school-condition-field']").select_option(label="“校长审批”的结果")
    panel.locator("[name='school-condition-value']").select_option(label="驳回")
    expect(panel.locator("[name='school-condition-text']")).to_have_value('approve_principal.outcome = "reject"')
    panel.locator("[name='school-condition-field']").select_option(label="合同金额")
    panel.locator("[name='school-condition-operator']").select_option(label="大于")
    fill(page, "school-condition-value", "30000")
    expect(panel.locator("[name='school-condition-text']")).to_have_value("net_amount > 30000")
    fill(page, "school-condition-text", "net_amount > 1 and complete")
    expect(panel.locator("[name='school-condition-field']")).to_have_count(0)


def test_model_of_another_tool_is_examined_before_it_is_taken(sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto("/processes")
    page.wait_for_selector("[data-import-read][data-ready]", state="attached")
    let_go(page, "foreign.bpmn", FOREIGN.encode("gbk"))
    page.wait_for_url("**/studio/new")
    expect(page.locator("#f-name")).to_have_value("外来流程")
    expect(page.locator("#f-key")).to_have_value("wailailiucheng")
    expect(page.locator(".import-sum")).to_contain_text("改好之前不能部署")
    page.get_by_label("全部接受").check()
    page.get_by_role("button", name="新建并打开设计器").click()
    page.wait_for_selector("html[data-studio=ready]")
    assert page.url.endswith("/studio/wailailiucheng")
    expect(page.locator("[data-part='summary']")).to_contain_text("可以部署")
    expect(page.locator(".djs-connection[data-element-id=f3]")).to_be_attached()
    deploy(page, "导入并修复")
    expect(page.locator("[data-part='notice']")).to_contain_text("已部署为版本 2")
    page.goto("/processes/wailailiucheng/versions/2")
    expect(page.locator("main")).to_contain_text("排他网关“怎么办”")
    for place in page.locator("[data-diagram]").all():
        expect(place).to_have_attribute("data-ready", "true")
    assert page.locator(".diagram .djs-shape.is-added").count() >= 1
    page.locator(".change-rows [data-node]").first.click()
    expect(page.locator(".diagram .is-picked").first).to_be_attached()


def packed_with_form() -> bytes:
    """The model of another tool in an archive, with a form that its task names."""
    asking = FOREIGN.replace('id="look"', 'id="look" xmlns:c="http://camunda.org/schema/1.0/bpmn" c:formRef="ask"')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("flows/foreign.bpmn", asking.encode("gbk"))
        archive.writestr(
            "flows/ask.form", '{"id": "ask", "components": [{"type": "number", "key": "days", "label": "请假几天"}]}'
        )
    return packed.getvalue()


def test_file_let_go_in_the_studio_is_taken_after_its_review(sign_in: SignIn, platform: Platform) -> None:
    make_process(platform, "let_go_here", "拖进来")
    page = sign_in("admin")
    open_studio(page, "let_go_here")
    let_go(page, "undeclared.bpmn", FOREIGN.replace(' encoding="gbk"', "").encode("gbk"))
    review = page.locator("[data-part='importing']")
    expect(review).to_contain_text("请在原来的工具里另存为 UTF-8")
    expect(review.get_by_role("button", name="导入")).to_be_hidden()
    review.get_by_role("button", name="取消").click()
    let_go(page, "foreign.bar", packed_with_form())
    expect(review.locator(".import-title", has_text="表单，随流程一起导入")).to_contain_text("查看")
    review.get_by_role("button", name="导入").click()
    tab(page, "查看")
    expect(page.locator(".studio-file")).to_contain_text("请假几天")
    tab(page, "流程图")
    fix = page.locator(".finding-fix", has_text="由人选择")
    expect(fix).to_be_visible()
    expect(page.locator("[data-part='summary']")).to_contain_text("不能部署")
    fix.click()
    expect(page.locator("[data-part='summary']")).to_contain_text("可以部署")


def test_loops_are_set_in_the_panel(sign_in: SignIn, platform: Platform) -> None:
    platform.boundary.run(
        SYSTEM,
        lambda tx: deployments.deploy(
            tx, {"repeated_panel.bpmn": REPEATED.replace("</definitions>", f"{DRAWN}</definitions>")}
        ),
    )
    page = sign_in("admin")
    open_studio(page, "repeated_panel")
    pick(page, "again")
    fill(page, "plain-repeat-loopCondition", "loopCounter < 4")
    fill(page, "plain-repeat-loopMaximum", "5")
    pick(page, "each")
    fill(page, "plain-each-loopCardinality", "3")
    fill(page, "plain-each-completionCondition", "numberOfCompletedInstances > 1")
    page.locator("[data-group-id='group-school-behaviour']").get_by_text("成员完成时").click()
    page.locator("[name='school-behaviour']").select_option("Complex")
    page.locator("[data-group-id='group-school-behaviours'] .bio-properties-panel-add-entry").click()
    fill(page, "school-behaviours-0-about", "重复的步骤过半")
    page.locator("[name='school-behaviours-0-condition']").fill("numberOfCompletedInstances = 2")
    pick(page, "late")
    page.locator("[data-group-id='group-school-events'] .bio-properties-panel-add-entry").click()
    fill(page, "school-events-0-value", "PT4H")
    fill(page, "school-events-1-about", "重复的步骤催办")
    deploy(page, "次数")
    expect(page.locator("[data-part='notice']")).to_contain_text("已部署为版本 2")
    source = platform.boundary.run(SYSTEM, lambda tx: deployments.source(tx, "repeated_panel", 2))
    for text in ('loopMaximum="5"', "loopCounter &lt; 4", ">3</", "numberOfCompletedInstances &gt; 1"):
        assert text in source, text
    model, _ = reader.read(source)
    each, late = (model.processes[0].nodes[key] for key in ("each", "late"))
    assert each.multi is not None
    (behavior,) = each.multi.complex_behaviors
    assert behavior.condition.text == "numberOfCompletedInstances = 2"
    assert behavior.event is not None
    assert model.signals[str(behavior.event.reference)].name == "重复的步骤过半"
    assert [one.kind for one in late.events] == ["timer", "message"]
    assert model.messages[str(late.events[1].reference)].name == "重复的步骤催办"


def test_second_administrator_is_told_before_overwriting(sign_in: SignIn, platform: Platform) -> None:
    make_process(platform, "two_editors", "两人同改")
    page = sign_in("admin")
    open_studio(page, "two_editors")
    pick(page, "handle")
    fill(page, "name", "我改的名字")
    make_process(platform, "two_editors", "两人同改")
    deploy(page, "改名")
    expect(page.locator("[data-part='deploying'] .notice")).to_contain_text("已部署版本 2，您是在版本 1 上修改的")
    page.get_by_role("button", name="仍用我的版本").click()
    expect(page.locator("[data-part='notice']")).to_contain_text("已部署为版本 3")
    page.goto("/studio/two_editors?version=1")
    expect(page.locator(".studio-older")).to_contain_text("这是版本 1，不是最新的")


def test_draft_on_a_version_somebody_has_passed_is_offered(sign_in: SignIn, platform: Platform) -> None:
    make_process(platform, "passed_draft", "被超过的草稿")
    page = sign_in("admin")
    open_studio(page, "passed_draft")
    pick(page, "handle")
    fill(page, "name", "没部署的名字")
    expect(page.locator("[data-part='state']")).to_have_text("有未部署的修改")
    make_process(platform, "passed_draft", "被超过的草稿")
    open_studio(page, "passed_draft")
    expect(page.locator("[data-part='notice']")).to_contain_text("在版本 1 上还有您没部署的修改")
    page.get_by_role("button", name="打开", exact=True).click()
    expect(page.locator("[data-part='notice']")).to_contain_text("已恢复上次未部署的修改", timeout=15_000)
    expect(page.locator("[data-element-id=handle] text")).to_have_text("没部署的名字")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
def test_studio_is_sound_and_keeps_the_watermark(sign_in: SignIn, axe_source: str, theme: str, phone: bool) -> None:
    page = sign_in("admin", phone=phone)
    page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
    open_studio(page, "lead_assignment")
    assert page.evaluate(_MARK_IS_SEEN, ".bjs-powered-by")
    assert page.locator(".djs-palette").count() == (0 if phone else 1)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= (390 if phone else 1440)
    page.evaluate(axe_source)
    assert page.evaluate(_FAULTS) == []
    tab(page, "线索分配路线")
    expect(page.locator(".rule-card" if phone else ".dmn-decision-table-container").first).to_be_visible()
    page.locator(".trial summary").click()
    expect(page.locator(".trial-told")).to_contain_text("符合")
    assert page.evaluate(_FAULTS) == []
    assert page.evaluate(_ENGLISH) == []


def test_rule_is_tried_out_and_changed_on_a_phone(sign_in: SignIn) -> None:
    page = sign_in("admin", phone=True)
    open_studio(page, "contract_approval")
    tab(page, "合同审批路线")
    expect(page.locator(".trial-policy")).to_have_text("首个：从上往下，取第一条符合的规则")
    page.locator(".trial summary").click()
    page.locator(".trial-fields").get_by_label("优惠比例（%）").fill("22")
    expect(page.locator(".trial-told")).to_contain_text("第 2、3、7、9 条规则符合，取第 2 条")
    page.locator(".rule-card").nth(1).get_by_label("优惠比例（%）").fill("> 25")
    page.keyboard.press("Tab")
    expect(page.locator(".rule-card.is-taken")).to_have_attribute("data-rule", "contract_approval_route_rule_3")
    page.get_by_role("button", name="规则 9：上移").click()
    page.locator("[data-action='deploy']").click()
    expect(page.locator("[data-part='deploying']")).to_contain_text("优惠比例（%）：> 20 → > 25")
