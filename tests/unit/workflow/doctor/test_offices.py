"""People of Chinese office products on Flowable: strategies, kinds with ids, one task each for several people."""

import pytest

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.model import Node
from tests.unit.workflow.doctor.test_dialects import written

ALL = "<completionCondition>${nrOfCompletedInstances == nrOfInstances}</completionCondition>"


def told(attributes: str, inner: str = "") -> tuple[Node, list[tuple[str, str]]]:
    """The user task `t` of that kind, and what was said of it."""
    text, log = doctor.treat(written(f'<userTask id="t" {attributes}>{inner}</userTask>'))
    return load(text).model.processes[0].nodes["t"], [(one.severity, one.rule) for one in log]


def rules(node: Node) -> list[str]:
    """Its assignee rules."""
    return [one.rule for one in node.task.assignees] if node.task is not None else []


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('flowable:candidateStrategy="10" flowable:candidateParam="teacher, head"', ["role:teacher", "role:head"]),
        ('flowable:candidateStrategy="22" flowable:candidateParam="7"', ["position:7"]),
        ('flowable:candidateStrategy="30" flowable:candidateParam="145"', ["user:145"]),
        ('flowable:candidateStrategy="34"', ["previous_chooses"]),
        ('flowable:candidateStrategy="35"', ["starter_chooses"]),
        ('flowable:candidateStrategy="36"', ["starter"]),
        ('flowable:candidateStrategy="37" flowable:candidateParam="2"', ["superior:2"]),
        ('flowable:candidateStrategy="40" flowable:candidateParam="buyers"', ["group:buyers"]),
        ('flowable:candidateStrategy="50" flowable:candidateParam="reviewer"', ["field:reviewer"]),
        ('flowable:candidateStrategy="60" flowable:candidateParam="${a == 1 ? b : c}"', ["=if a = 1 then b else c"]),
        ('flowable:candidateStrategy="30" flowable:candidateParam="${boss}"', ["=boss"]),
        ('flowable:dataType="INITIATOR" flowable:assignee="${initiator}" flowable:text="发起人"', ["starter"]),
        (
            'flowable:dataType="ROLES" flowable:candidateGroups="ROLE2,ROLE3" flowable:text="财务,教务"',
            ["role:财务", "role:教务"],
        ),
        ('flowable:dataType="DEPTS" flowable:candidateGroups="DEPT100" flowable:text="市场部"', ["group:市场部"]),
        (
            'flowable:dataType="USERS" flowable:candidateUsers="1,2" flowable:text="张三,李四"',
            ["user:张三", "user:李四"],
        ),
        ('flowable:dataType="USERS" flowable:assignee="zhangsan" flowable:text="张三"', ["user:zhangsan"]),
        ('flowable:groupType="position" flowable:candidateGroups="headmaster"', ["position:headmaster"]),
    ],
)
def test_people_of_office_products_become_rules(attributes: str, expected: list[str]) -> None:
    node, log = told(attributes)
    assert rules(node) == expected
    assert {severity for severity, _ in log} == {"info"}


def test_people_without_an_equal_are_told_by_what_they_are() -> None:
    text = written('<userTask id="t" name="审批" flowable:candidateStrategy="21" flowable:candidateParam="100"/>')
    _, log = doctor.treat(text)
    (warning,) = [one for one in log if one.severity == "warning"]
    assert (warning.rule, warning.element_id) == ("doctor.people_unequalled", "t")
    assert warning.text.zh == "“审批”在那边由部门的负责人处理，这里没有同样的规则"


@pytest.mark.parametrize(
    ("attributes", "loop", "names"),
    [
        ("", "flowable:collection=\"${flowUtil.stringToList('li, wang')}\"", ["li", "wang"]),
        ("", 'flowable:collection="${flowUtil.stringToList(names)}"', ["a", "b", "c"]),
        ('flowable:candidateStrategy="30" flowable:candidateParam="li,wang"', "", ["li", "wang"]),
        (
            'flowable:candidateStrategy="30" flowable:candidateParam="li"',
            'flowable:collection="${coll_userList}"',
            ["li"],
        ),
        ('flowable:candidateUsers="li,wang"', 'flowable:collection="${handler.users(execution)}"', ["li", "wang"]),
    ],
)
def test_countersign_has_one_task_for_each(attributes: str, loop: str, names: list[str]) -> None:
    who = 'flowable:assignee="${assignee}"'
    body = f"<multiInstanceLoopCharacteristics {loop}>{ALL}</multiInstanceLoopCharacteristics>"
    engine = Engine()
    engine.deploy(written(f'<userTask id="t" {who} {attributes}>{body}</userTask>'))
    case = engine.start("p", {"names": "a,b,c"})
    assert [one.local["assignee"] for one in case.tasks] == names
    assert rules(
        load(doctor.treat(written(f'<userTask id="t" {who} {attributes}>{body}</userTask>'))[0])
        .model.processes[0]
        .nodes["t"]
    ) == ["=[assignee]"]
    for _ in names:
        assert case.status == "running"
        case.complete(case.tasks[0])
    assert case.status == "completed"


def test_list_of_everybody_in_a_role_is_a_to_do_that_one_of_them_may_settle() -> None:
    role = 'flowable:dataType="ROLES" flowable:candidateGroups="ROLE2" flowable:text="财务"'
    attributes = f'flowable:assignee="${{assignee}}" {role}'
    loop = 'flowable:collection="${handler.getUserIds(execution)}" flowable:elementVariable="assignee"'
    body = f"<multiInstanceLoopCharacteristics {loop}>{ALL}</multiInstanceLoopCharacteristics>"
    source = written(f'<userTask id="t" name="会签" {attributes}>{body}</userTask>')
    found = doctor.examine(source)
    (error,) = [one for one in found.findings if one.severity == "error"]
    assert (error.rule, error.element_id) == ("doctor.people_list", "t")
    assert error.text.zh == "“会签”应由 role:财务 中的每个人各办一份，名单原来由那边的程序算出"
    mended, fixes = doctor.mend(source)
    node = load(mended).model.processes[0].nodes["t"]
    assert (fixes, node.multi, rules(node)) == (("repeat.remove:t",), None, ["role:财务"])


def test_end_of_a_countersign_that_a_bean_decides_may_be_left_to_all() -> None:
    loop = "<completionCondition>${signs.isDone(execution)}</completionCondition>"
    head = 'flowable:collection="${people}" flowable:elementVariable="who"'
    body = f"<multiInstanceLoopCharacteristics {head}>{loop}</multiInstanceLoopCharacteristics>"
    mended, fixes = doctor.mend(written(f'<userTask id="t" flowable:assignee="${{who}}">{body}</userTask>'))
    multi = load(mended).model.processes[0].nodes["t"].multi
    assert fixes == ("repeat.all:t",)
    assert multi is not None
    assert (multi.completion, multi.collection and multi.collection.text) == (None, "=people")
