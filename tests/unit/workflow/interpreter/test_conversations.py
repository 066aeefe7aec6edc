"""Key-based correlation: the first message fills the keys of the conversation (BPMN 2.0.2 8.4.2)."""

from tests.unit.workflow.driver import CheckedEngine, documents, flows

SHARED = (
    '<message id="m1" name="ordered"/><message id="m2" name="paid"/><correlationProperty id="prop" name="order">'
    '<correlationPropertyRetrievalExpression messageRef="m1"><messagePath>order.id</messagePath>'
    '</correlationPropertyRetrievalExpression><correlationPropertyRetrievalExpression messageRef="m2">'
    "<messagePath>order_id</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    '<collaboration id="c"><participant id="a" processRef="p"/><correlationKey id="k">'
    "<correlationPropertyRef>prop</correlationPropertyRef></correlationKey></collaboration>"
)
PROCESS = (
    '<process id="p" isExecutable="true"><startEvent id="s"><messageEventDefinition messageRef="m1"/></startEvent>'
    '<receiveTask id="r" messageRef="m2"/>' + flows("s -> r") + "</process>"
)


def test_later_messages_go_to_the_instance_whose_first_message_had_the_key() -> None:
    engine = CheckedEngine()
    engine.deploy(documents(SHARED, PROCESS))
    engine.correlate("ordered", {"order": {"id": "A"}})
    engine.correlate("ordered", {"order": {"id": "B"}})
    first, second = engine.instances.values()
    assert first.subscriptions[0].keys == {"order": "A"}
    assert engine.correlate("paid", {"order_id": "B"})
    assert (first.status, second.status) == ("running", "completed")
    assert not engine.correlate("paid", {"order_id": "C"})
    assert engine.correlate("paid", {"order_id": "A"})


def test_catcher_armed_before_the_key_is_known_gets_it_with_the_first_message() -> None:
    body = (
        '<process id="p" isExecutable="true"><startEvent id="s"/><parallelGateway id="f"/><receiveTask id="r1" '
        'messageRef="m1"/><receiveTask id="r2" messageRef="m2"/>' + flows("s -> f -> r1; f -> r2") + "</process>"
    )
    engine = CheckedEngine()
    engine.deploy(documents(SHARED, body))
    instance = engine.start("p")
    assert [item.keys for item in instance.subscriptions] == [{}, {}]
    engine.correlate("ordered", {"order": {"id": "A"}})
    assert [item.keys for item in instance.subscriptions] == [{"order": "A"}]
    assert not engine.correlate("paid", {"order_id": "B"})
    assert engine.correlate("paid", {"order_id": "A"})
    assert instance.status == "completed"


def test_sent_message_fills_the_key_of_the_sender() -> None:
    body = (
        '<process id="p" isExecutable="true"><startEvent id="s"/><sendTask id="t" messageRef="m1"/><receiveTask id="r" '
        'messageRef="m2"/>' + flows("s -> t -> r") + "</process>"
    )
    engine = CheckedEngine()
    engine.deploy(documents(SHARED, body))
    instance = engine.start("p", {"order": {"id": "A"}})
    assert instance.subscriptions[0].keys == {"order": "A"}
