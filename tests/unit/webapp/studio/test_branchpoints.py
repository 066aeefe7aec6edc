"""What headquarters leaves to branches, written into a model and read from it again."""

from engine.workflow.bpmn.compiler import load
from webapp.screens.studio.branchpoints import Points, points_of, with_points

MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn"
 id="d" targetNamespace="t"><process id="p" name="p" isExecutable="true"><documentation>what it is</documentation>
<startEvent id="s"/><userTask id="check" name="Check"><extensionElements><school:task form="f" branches="due"/>
</extensionElements></userTask><userTask id="sign" name="Sign"/><endEvent id="e"/>
<sequenceFlow id="a" sourceRef="s" targetRef="check"/><sequenceFlow id="b" sourceRef="check" targetRef="sign"/>
<sequenceFlow id="c" sourceRef="sign" targetRef="e"/></process></definitions>"""


def read(source: str) -> Points:
    (process,) = load(source).model.processes
    return points_of(process)


def test_points_are_read_as_they_were_written() -> None:
    points = Points({"check": frozenset({"due", "assignees"}), "sign": frozenset({"due"})}, decisions=True)
    written = with_points(MODEL, "p", points)
    assert read(written) == points
    assert 'branches="due decisions"' in written
    assert 'branches="assignees due"' in written


def test_task_that_leaves_what_all_leave_says_nothing_itself() -> None:
    written = with_points(MODEL, "p", Points({"check": frozenset(), "sign": frozenset()}, decisions=False))
    assert '<school:task form="f"/>' in written
    assert read(written) == Points({"check": frozenset(), "sign": frozenset()}, decisions=False)
