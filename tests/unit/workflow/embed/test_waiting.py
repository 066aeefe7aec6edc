"""Messages and the clock look at few of many instances, and find everybody whom they concern."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.kernel.errors import Conflict
from engine.workflow.embed.engine import Engine
from tests.unit.workflow.driver import document, flows

XML = document(
    '<startEvent id="s"/><receiveTask id="r" messageRef="m"><extensionElements><school:key name="card" value="=card"/>'
    "</extensionElements></receiveTask>" + flows("s -> r")
).replace("<process", '<message id="m" name="go"/><process', 1)


def started(number: int) -> Engine:
    engine = Engine()
    engine.deploy(XML)
    for card in range(number):
        engine.start("p", {"card": card})
    return engine


def looked_at(engine: Engine, *values: object) -> list[str]:
    return [instance.id for instance, _ in engine.waiting.whom("go", values, lambda event: ())]


def test_message_looks_at_those_who_wait_for_its_values() -> None:
    engine = started(50)
    assert looked_at(engine, Decimal(7), "other", [1]) == ["8"]
    assert engine.correlate("go", {"x": 1}, keys={"card": 7})
    assert engine.instances["8"].status == "completed"
    assert looked_at(engine, Decimal(7)) == []


def test_key_that_is_a_list_and_no_key_at_all_are_found_too() -> None:
    engine = started(3)
    engine.start("p", {"card": [1, 2]})
    assert looked_at(engine) == ["4"]
    assert engine.correlate("go", {}, keys={"card": [1, 2]})
    assert engine.instances["4"].status == "completed"


def test_two_with_one_key_are_ambiguous_until_one_has_gone() -> None:
    engine = started(2)
    twin = engine.start("p", {"card": 1})
    with pytest.raises(Conflict):
        engine.correlate("go", {}, keys={"card": 1})
    twin.cancel()
    assert engine.correlate("go", {}, keys={"card": 1})


def test_restored_instance_waits_in_the_place_of_the_one_with_its_id() -> None:
    engine = started(2)
    blob = engine.save(engine.instances["1"])
    engine.correlate("go", {}, keys={"card": 0})
    assert looked_at(engine, Decimal(0)) == []
    restored = engine.restore(blob)
    engine.restore(blob)
    assert looked_at(engine, Decimal(0)) == ["1"]
    assert engine.correlate("go", {}, keys={"card": 0})
    assert (restored.status, engine.instances["1"].status) == ("running", "completed")


LATER = document(
    '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>=d</timeDuration>'
    '</timerEventDefinition></intermediateCatchEvent><userTask id="u"/>' + flows("s -> w -> u")
)


def test_timers_of_many_instances_fire_in_time_and_in_the_order_of_the_instances() -> None:
    engine = Engine()
    engine.deploy(LATER)
    for minutes in (3, 1, 2, 1, 3):
        engine.start("p", {"d": f"PT{minutes}M"})
    engine.instances["3"].cancel()
    assert engine.advance_time(timedelta(minutes=1)) == 2
    assert [one.id for one in engine.instances.values() if one.tasks] == ["2", "4"]
    assert engine.advance_time(timedelta(minutes=9)) == 2
    begun = [(e.number, one.id) for one in engine.instances.values() for e in one.history if e.element == "u"]
    assert [identity for _, identity in sorted(begun)] == ["2", "4", "1", "5"]


def test_timer_of_a_restored_instance_fires_once() -> None:
    engine = Engine()
    engine.deploy(LATER)
    blob = engine.save(engine.start("p", {"d": "PT1M"}))
    engine.restore(blob)
    restored = engine.restore(blob)
    assert engine.advance_time(timedelta(hours=1)) == 1
    assert restored.active == ["u"]
