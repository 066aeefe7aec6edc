"""Standard data, correlation and timer expressions (BPMN 2.0.2 8.4.2, 10.4, 13.3.7)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.kernel.errors import UserError
from tests.unit.workflow.driver import document, flows, run


def test_multi_instance_over_data_inputs_and_outputs_in_standard_words() -> None:
    xml = document(
        '<dataObject id="d1" name="students"/><dataObjectReference id="r1" dataObjectRef="d1"/>'
        '<dataObject id="d2" name="marks"/><dataObjectReference id="r2" dataObjectRef="d2"/>'
        '<startEvent id="s"/><scriptTask id="t"><ioSpecification><dataInput id="in" name="all students"/>'
        '<dataOutput id="out" name="all marks"/></ioSpecification>'
        "<dataInputAssociation><sourceRef>r1</sourceRef><targetRef>in</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>r2</targetRef></dataOutputAssociation>"
        "<multiInstanceLoopCharacteristics><loopDataInputRef>in</loopDataInputRef>"
        "<loopDataOutputRef>out</loopDataOutputRef>"
        '<inputDataItem id="i1" name="student"/><outputDataItem id="o1" name="mark"/>'
        "</multiInstanceLoopCharacteristics><script>{mark: student * 10}</script></scriptTask>" + flows("s -> t")
    )
    assert run(xml, {"students": [1, 2]})[1].variables["marks"] == [10, 20]


def test_data_may_be_named_as_a_word_of_the_expression_language() -> None:
    xml = document(
        '<dataObject id="d" name="some"/><dataObjectReference id="r" dataObjectRef="d"/><startEvent id="s"/>'
        '<scriptTask id="t"><ioSpecification><dataInput id="di" name="in"/></ioSpecification><dataInputAssociation>'
        "<sourceRef>r</sourceRef><targetRef>di</targetRef></dataInputAssociation><multiInstanceLoopCharacteristics>"
        '<loopDataInputRef>di</loopDataInputRef><inputDataItem id="i" name="one"/></multiInstanceLoopCharacteristics>'
        "<script>{last: one}</script></scriptTask>" + flows("s -> t")
    )
    assert run(xml, {"some": [1, 2]})[1].variables["last"] == 2


def test_standard_correlation_properties_choose_the_instance() -> None:
    xml = document(
        '<correlationSubscription correlationKeyRef="k"><correlationPropertyBinding correlationPropertyRef="prop">'
        "<dataPath>order_id</dataPath></correlationPropertyBinding></correlationSubscription>"
        '<startEvent id="s"/><receiveTask id="r" messageRef="m"/>' + flows("s -> r"),
        '<message id="m" name="paid"/><correlationProperty id="prop" name="order">'
        '<correlationPropertyRetrievalExpression messageRef="m"><messagePath>id</messagePath>'
        "</correlationPropertyRetrievalExpression></correlationProperty>",
    )
    engine, first = run(xml, {"order_id": "A"})
    second = engine.start("p", {"order_id": "B"})
    assert first.subscriptions[0].keys == {"order": "A"}
    assert engine.correlate("paid", {"sum": 5}, keys={"order": "B"})
    assert (first.status, second.status, second.variables["sum"]) == ("running", "completed", 5)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ('=duration("PT2H")', datetime(2026, 1, 1, 2, tzinfo=UTC)),
        ("wait", datetime(2026, 1, 1, 3, tzinfo=UTC)),
        ('=date("2026-03-01")', datetime(2026, 3, 1, tzinfo=UTC)),
        ("day", datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_timer_text_may_be_feel(text: str, due: datetime) -> None:
    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>'
        f"{text}</timeDuration></timerEventDefinition></intermediateCatchEvent>" + flows("s -> w")
    )
    _, instance = run(xml, {"wait": "PT3H", "day": date(2026, 2, 1)})
    assert instance.timers[0].due == due


def test_timer_without_a_usable_time_is_an_incident() -> None:
    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>missing</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>" + flows("s -> w")
    )
    assert [item.code for item in run(xml)[1].incidents] == ["timer.invalid"]


def test_task_title_due_and_priority_are_evaluated() -> None:
    xml = document(
        '<userTask id="t"><extensionElements><school:title text="=&quot;退费 &quot; + name"/><school:task due="P2D" '
        'priority="=level + 1"/></extensionElements></userTask>'
    )
    engine, instance = run(xml, {"name": "王", "level": 1})
    (task,) = instance.tasks
    assert (task.title, task.due) == ("退费 王", engine.now + timedelta(days=2))


def test_numbers_become_exact_decimals_and_foreign_values_are_refused() -> None:
    xml = document('<userTask id="t"/>')
    _, instance = run(xml, {"a": 0.1, "b": 3, "c": {"d": [1]}})
    assert instance.variables == {"a": Decimal("0.1"), "b": Decimal(3), "c": {"d": [Decimal(1)]}}
    nested: list[object] = []
    for _ in range(5000):
        nested = [nested]
    for value in (object(), nested):
        with pytest.raises(UserError):
            instance.set_variables(x=value)
