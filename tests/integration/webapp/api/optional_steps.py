"""A process with steps to choose from, deployed and begun at the demo school."""

from tests.integration.webapp.api.school import School

_MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn"
 id="defs" targetNamespace="t"><process id="{key}" name="学员关怀" isExecutable="true">
<startEvent id="s"/><adHocSubProcess id="care" name="选择关怀方式" ordering="{ordering}">
<userTask id="phone" name="电话回访"><documentation>问问家长最近的感受。</documentation>
<extensionElements><school:task><school:assignee rule="starter"/></school:task>
</extensionElements></userTask>
<userTask id="letter" name="寄送贺卡"><extensionElements><school:task>
<school:assignee rule="role:academic"/></school:task></extensionElements></userTask></adHocSubProcess><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="care"/><sequenceFlow id="f2" sourceRef="care" targetRef="e"/>
</process></definitions>"""


def case_with_steps(school: School, key: str, ordering: str = "Parallel") -> str:
    """The case's id; the administrator has begun it."""
    admin = school.person("admin")
    sources = {f"{key}.bpmn": _MODEL.format(key=key, ordering=ordering)}
    admin.post("/processes", {"sources": sources, "name": "学员关怀"}, status=201)
    started = admin.post(f"/processes/{key}/start", {"branch_id": school.branch("east")}, status=201)
    return str(started["id"])
