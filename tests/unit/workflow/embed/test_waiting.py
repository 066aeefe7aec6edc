"""A message looks only at those who wait for one of its values, and finds everybody whom it fits."""

from __future__ import annotations

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
