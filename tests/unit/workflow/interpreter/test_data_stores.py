"""Data stores: one for all instances, outliving them (BPMN 2.0.2 10.4.1)."""

from decimal import Decimal

from engine.workflow.embed.engine import Engine
from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, document, flows, run

STORE = '<dataStore id="ds" name="stock"{}/>'
REFERENCE = '<dataStoreReference id="r" dataStoreRef="ds"/>'
READS = '<dataInputAssociation id="di{0}"><sourceRef>r</sourceRef><targetRef>{1}</targetRef></dataInputAssociation>'
WRITES = '<dataOutputAssociation id="do{0}">{1}<targetRef>r</targetRef></dataOutputAssociation>'
PLACEHOLDER = '<property id="{0}" name="__targetRef_placeholder"/>'


def script(identity: str, text: str, *, reads: bool = True, writes: bool = True) -> str:
    """A script as bpmn.io draws it: the store comes in and goes out under its own name."""
    inside = PLACEHOLDER.format(f"ph_{identity}") if reads else ""
    inside += READS.format(identity, f"ph_{identity}") if reads else ""
    inside += WRITES.format(identity, "") if writes else ""
    return f'<scriptTask id="{identity}">{inside}<script>{text}</script></scriptTask>'


def counting(limit: str = "", more: str = "") -> str:
    """Each case takes one from the stock, and shows what it saw."""
    take = script("take", "{stock: stock - 1}")
    show = script("show", "{seen: stock}", writes=False)
    body = f'<startEvent id="s"/>{REFERENCE}{take}{show}<userTask id="t"/>{more}' + flows("s -> take -> show -> t")
    return document(body, STORE.format(limit))


def begin(xml: str, stock: object) -> CheckedEngine:
    engine = CheckedEngine()
    engine.deploy(xml)
    engine.stores["stock"] = stock
    return engine


def test_store_is_shared_by_instances_and_outlives_them() -> None:
    engine = begin(counting(), Decimal(3))
    first, second = engine.start(), engine.start()
    first.complete("t")
    assert (first.is_ended, first.variables["seen"], second.variables["seen"]) == (True, 2, 1)
    assert engine.start().variables["seen"] == 0
    assert engine.stores == {"stock": 0}
    assert (first.variables["stock"], second.variables["stock"]) == (2, 1)


def test_store_is_saved_with_the_engine_and_not_with_the_instance() -> None:
    engine = begin(counting(), Decimal(3))
    engine.start()
    again = Engine.from_snapshot(engine.snapshot())
    assert again.stores == {"stock": 2}
    assert again.start().variables["seen"] == 1
    assert engine.stores == {"stock": 2}


def test_stores_of_one_name_are_one_in_all_processes() -> None:
    writer = document(
        f'<startEvent id="s"/>{REFERENCE}' + script("fill", "{stock: 7}", reads=False) + flows("s -> fill"),
        STORE.format(""),
        key="writer",
    )
    engine = begin(counting(), None)
    engine.deploy(writer)
    engine.start("writer")
    assert engine.start().variables["seen"] == 6


def test_data_inputs_and_outputs_of_any_name_and_transformations_meet_the_store() -> None:
    specification = (
        '<ioSpecification><dataInput id="di" name="left"/><dataOutput id="do" name="rest"/>'
        "<inputSet><dataInputRefs>di</dataInputRefs></inputSet><outputSet><dataOutputRefs>do</dataOutputRefs></outputSet>"
        "</ioSpecification>"
    )
    task = (
        f'<scriptTask id="take">{specification}'
        "<dataInputAssociation><sourceRef>r</sourceRef><targetRef>di</targetRef><transformation>stock * 10"
        "</transformation></dataInputAssociation><dataOutputAssociation><sourceRef>do</sourceRef><targetRef>r</targetRef>"
        "</dataOutputAssociation><script>{rest: left + 1}</script></scriptTask>"
    )
    engine = begin(
        document(f'<startEvent id="s"/>{REFERENCE}{task}' + flows("s -> take"), STORE.format("")), Decimal(4)
    )
    case = engine.start()
    assert (engine.stores, case.status) == ({"stock": 41}, "completed")


def test_user_task_fills_the_store_with_what_its_form_says() -> None:
    task = f'<userTask id="t">{WRITES.format("t", "")}</userTask>'
    engine = begin(document(f'<startEvent id="s"/>{REFERENCE}{task}' + flows("s -> t"), STORE.format("")), None)
    case = engine.start()
    case.complete("t", {"other": 1})
    assert (engine.stores, case.status) == ({"stock": None}, "completed")
    engine.start().complete("t", {"stock": ["a"]})
    assert engine.stores == {"stock": ["a"]}


def add(engine: CheckedEngine, entry: str) -> Instance:
    return engine.start(None, {"entry": entry})


def test_capacity_bounds_the_entries_and_more_is_an_incident_until_there_is_room() -> None:
    put = script("put", "{stock: append(stock, entry)}")
    body = f'<startEvent id="s"/>{REFERENCE}{put}' + flows("s -> put")
    engine = begin(document(body, STORE.format(' capacity="2"')), [])
    for entry in ("a", "b"):
        add(engine, entry)
    full = add(engine, "c")
    assert [(one.element, one.code) for one in full.incidents] == [("put", "store.full")]
    assert engine.stores == {"stock": ["a", "b"]}
    engine.stores["stock"] = []
    full.retry("put")
    assert (full.status, engine.stores) == ("completed", {"stock": ["c"]})


def test_size_of_a_store_is_bounded_whatever_is_in_it() -> None:
    body = f'<startEvent id="s"/>{REFERENCE}' + script("put", "{stock: given}") + flows("s -> put")
    many = ["x" * 999] * 9_000
    for given, why in (("学" * 1_500_000, "4.3 MB"), (many, "8.6 MB"), ({"a": {"b": "x" * 5_000_000}}, "4.8 MB")):
        engine = begin(document(body, STORE.format("")), {"kept": True})
        case = engine.start("p", {"given": given})
        assert [one.code for one in case.incidents] == ["store.full"]
        assert f"holds 4 MB at most, but was given {why}" in case.incidents[0].message
        assert engine.stores == {"stock": {"kept": True}}
    engine = begin(document(body, STORE.format("")), None)
    assert engine.start("p", {"given": many[:4_000]}).status == "completed"


def test_unlimited_store_overrides_its_capacity() -> None:
    put = script("put", "{stock: append(stock, entry)}")
    body = f'<startEvent id="s"/>{REFERENCE}{put}' + flows("s -> put")
    engine = begin(document(body, STORE.format(' capacity="1" isUnlimited="true"')), ["a"])
    assert add(engine, "b").status == "completed"
    assert engine.stores == {"stock": ["a", "b"]}


def test_event_writes_what_it_brought_and_sends_what_it_read() -> None:
    message = '<message id="m" name="delivery"/><signal id="sg" name="level"/>'
    catch = (
        f'<intermediateCatchEvent id="c">{WRITES.format("c", "")}<messageEventDefinition messageRef="m"/>'
        "</intermediateCatchEvent>"
    )
    throw = (
        '<intermediateThrowEvent id="th"><dataInput id="x" name="amount"/>'
        f"{READS.format('th', 'x')}<inputSet><dataInputRefs>x</dataInputRefs></inputSet>"
        '<signalEventDefinition signalRef="sg"/></intermediateThrowEvent>'
    )
    body = f'<startEvent id="s"/>{REFERENCE}{catch}{throw}' + flows("s -> c -> th")
    engine = begin(document(body, STORE.format("") + message), None)
    engine.start()
    engine.correlate("delivery", {"stock": 12})
    assert engine.stores == {"stock": 12}
    assert [(one.name, one.payload) for one in engine.sent] == [("level", {"amount": 12})]


def test_model_with_a_store_runs_without_one_that_was_filled() -> None:
    _, case = run(counting())
    assert case.variables["seen"] is None
