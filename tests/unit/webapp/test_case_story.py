"""What a case page tells of steps nobody did."""

from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask

from engine.kernel.uow import Tx
from engine.workflow.bpmn.compiler import load
from tests.unit.workflow.driver import document, run
from webapp.i18n import install
from webapp.screens.work.casestory import story

BODY = (
    '<userTask id="sign" name="会签"><multiInstanceLoopCharacteristics><loopCardinality>0</loopCardinality>'
    '</multiInstanceLoopCharacteristics></userTask><scriptTask id="note" name="记录"><script>{noted: true}</script>'
    '</scriptTask><sequenceFlow id="f" sourceRef="sign" targetRef="note"/>'
)


def told(source: str, trail: list[list[Any]]) -> tuple[str, ...]:
    row = {
        "at": datetime(2026, 9, 1, tzinfo=UTC), "action": "instance:stepped", "data": {"trail": trail},
        "subject_id": "", "actor_kind": "process", "actor_name": "",
    }  # fmt: skip
    app = Flask(__name__)
    app.secret_key = "story"
    install(app)
    with app.test_request_context():
        (event,) = story(cast(Tx, None), load(source).model.processes[0], [], [row])
    return event.steps


def test_repeated_step_without_items_is_told_as_having_had_nothing_to_do() -> None:
    source = document(BODY)
    _, case = run(source)
    trail = [[one.kind, one.element, one.activation, dict(one.data)] for one in case.history]
    assert told(source, trail) == ("会签（没有要办的）", "记录")
    assert told(source, [["completed", "sign", 1, {"host": True, "items": "2"}], ["completed", "note", 2]]) == ("记录",)
