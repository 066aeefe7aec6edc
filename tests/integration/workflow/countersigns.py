"""A countersign of three teachers with a task behind it, and what tests do with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.workflow import tasks

EACH = ' xmlns:c="http://camunda.org/schema/1.0/bpmn" c:collection="=people" c:elementVariable="who"'
ALLOWED = 'operations="claim return withdraw add_signer remove_signer"'


def countersign(world: Any, mode: str, *, in_order: bool = False, collection: bool = False) -> str:
    content = '<school:assignee rule="role:teacher" strategy="all"/>'
    count = "<loopCardinality>3</loopCardinality>"
    head = f'<multiInstanceLoopCharacteristics isSequential="{str(in_order).lower()}"'
    if collection:
        content = '<school:assignee rule="=who"/>'
        head += EACH
        count = ""
    content += (
        '<school:outcome name="approve" style="primary"/><school:outcome name="reject" style="danger"/>'
        f"<school:countersign {mode}/>"
    )
    loop = f"{head}>{count}</multiInstanceLoopCharacteristics>"
    body = (
        '<startEvent id="s"/>'
        + world.task("sign", content, children=loop, attributes=ALLOWED)
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "sign"), ("sign", "after"))
    )
    return str(world.model(body))


def vote(world: Any, who: str, outcome: str = "approve") -> UUID:
    task_id: UUID = world.box(who)[0].id
    world.run(who, lambda tx: tasks.complete(tx, task_id, outcome))
    return task_id


def result(world: Any, case: UUID) -> tuple[str, int, int, list[str]]:
    found = world.view(case).variables["sign"]
    return found["outcome"], found["approved"], found["total"], [one["by"] for one in found["votes"]]
