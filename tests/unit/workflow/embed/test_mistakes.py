"""What an embedder may do wrong is answered with a typed error and a sentence that helps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.kernel.errors import Conflict, NotFound, SchoolflowError, UserError
from engine.workflow import BpmnError, DmnError, Engine, NotOpen, StateError, XmlError
from tests.unit.workflow.driver import document

TASK = document('<userTask id="t"/>')
JOB = document('<serviceTask id="j"/>', key="q")
CIRCLE: dict[str, Any] = {}
CIRCLE["again"] = [CIRCLE]


def engine() -> Engine:
    found = Engine()
    found.deploy(TASK)
    found.deploy(JOB)
    return found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"x", "The value of 'x' (bytes) is no value of a process: bytes is not a FEEL value"),
        ({"deep": [object()]}, "The value of 'x' (dict) is no value of a process: object is not a FEEL value"),
        (CIRCLE, "The value of 'x' is nested too deeply, or contains itself"),
    ],
)
def test_variable_that_is_no_value_is_refused_by_its_name(value: object, words: str) -> None:
    host = engine()
    case = host.start("p", {"n": 1})
    ways: list[Callable[[], object]] = [
        lambda: host.start("p", {"x": value}),
        lambda: case.complete("t", {"x": value}),
        lambda: case.set_variables(x=value),
        lambda: host.start("q").complete_job("j", {"x": value}),
    ]
    for way in ways:
        with pytest.raises(UserError) as refused:
            way()
        assert (refused.value.code, refused.value.message.en) == ("variables.invalid", words)
        assert not any(word in refused.value.message.zh for word in ("is not", "nested"))
    assert (case.status, case.active, case.variables) == ("running", ["t"], {"n": Decimal(1)})
    assert [one.status for one in host.instances.values()] == ["running", "running"]


@pytest.mark.parametrize("nothing", [None, 3.5, [], {}, b"t", object()])
def test_what_names_nothing_is_not_open(nothing: Any) -> None:
    """As when `next(…, None)` found none."""
    host = engine()
    case = host.start("p")
    before = host.save(case)
    ways: list[Callable[[Any], object]] = [
        case.complete,
        case.complete_job,
        case.task,
        case.job,
        case.deliver,
        case.fire,
    ]
    ways += [case.retry, case.skip, case.begin, case.finish, lambda work: case.throw_error(work, "code")]
    for way in ways:
        with pytest.raises(NotOpen):
            way(nothing)
    assert host.save(case) == before


def test_payloads_and_keys_are_held_to_the_same() -> None:
    with pytest.raises(UserError, match="The value is nested too deeply, or contains itself"):
        engine().correlate("m", CIRCLE)
    with pytest.raises(UserError, match=r"The value \(list\) is no value of a process: bytes"):
        engine().signal("s", [b""])
    for given in (["a"], "ab", 5):
        with pytest.raises(UserError, match="Expected values by name"):
            engine().correlate("m", keys=given)  # type: ignore[arg-type]
        with pytest.raises(UserError, match="Expected values by name"):
            engine().start("p", given)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [object(), CIRCLE, {"x": [b""]}, BpmnError("e", "", {"x": object()})])
def test_function_that_gives_no_value_is_an_incident(answer: object) -> None:
    def give(inputs: object) -> object:
        if isinstance(answer, BpmnError):
            raise answer
        return answer

    script = '<scriptTask id="s" scriptFormat="function"><script>give</script></scriptTask>'
    for xml in (document(script), document('<serviceTask id="give"/>')):
        host = Engine(functions={"give": give})
        host.deploy(xml)
        (incident,) = host.start("p").incidents
        assert incident.detail.startswith("UserError: variables.invalid: The value")


def test_work_that_is_not_open_is_named() -> None:
    host = engine()
    case, other = host.start("p"), host.start("p")
    task = other.tasks[0]
    with pytest.raises(NotOpen, match=r"Expected something open at 'x', but found \['t'\]"):
        case.complete("x")
    with pytest.raises(NotOpen, match=r"Expected something open at 't', but found \['t'\]"):
        case.complete(task)
    with pytest.raises(NotOpen, match="Expected something open at 't', but nothing of that kind is open"):
        case.complete_job("t")
    with pytest.raises(NotOpen, match="Expected something open at 't'"):
        case.throw_error(task, "e")
    other.complete(task.id)
    with pytest.raises(NotOpen, match="Expected something open at 't', but the instance is completed"):
        other.complete(task)
    with pytest.raises(KeyError):
        other.throw_escalation("t", "e")
    with pytest.raises(Conflict, match="has ended"):
        other.cancel()


def test_process_or_start_that_there_is_not_is_named() -> None:
    with pytest.raises(NotFound, match="No process is deployed yet"):
        Engine().start()
    with pytest.raises(NotFound, match="There is no process 'x'; deploy it first"):
        engine().start("x")
    with pytest.raises(Conflict, match="The process has no start event 't'"):
        engine().start("p", node="t")


def test_foreign_states_are_told_from_unreadable_ones() -> None:
    host = engine()
    blob = host.save(host.start("p"))
    with pytest.raises(StateError, match="of the process 'p', which is not deployed here"):
        Engine().restore(blob)
    changed = Engine()
    changed.deploy(TASK.replace('"t"', '"u"'))
    with pytest.raises(StateError, match="does not fit 'p' as deployed now: t is not there any more"):
        changed.restore(blob)
    with pytest.raises(StateError, match="cannot be read"):
        host.restore(blob[:-1])


def test_clock_does_not_go_back_and_takes_times_without_zone_as_its_own() -> None:
    host = Engine(now=datetime(2026, 3, 1, 8), zone=ZoneInfo("Asia/Shanghai"))
    assert host.now == datetime(2026, 3, 1, tzinfo=UTC)
    host.advance_time(to=datetime(2026, 3, 1, 9))
    assert host.now == datetime(2026, 3, 1, 1, tzinfo=UTC)
    for way in ({"to": datetime(2026, 3, 1, 8, 59)}, {"by": timedelta(seconds=-1)}):
        with pytest.raises(UserError, match="cannot go back"):
            host.advance_time(**way)


@pytest.mark.parametrize("source", ["models/order.bpmn", ""])
def test_name_of_a_file_given_as_its_content_is_told(source: str) -> None:
    with pytest.raises(XmlError, match=r"or a file as pathlib.Path, but found the text"):
        engine().deploy(source)
    with pytest.raises(DmnError, match=r"or a file as pathlib.Path, but found the text"):
        engine().deploy_decisions(source)


def test_files_of_the_other_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.dmn"
    path.write_text('<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="urn:d"/>')
    with pytest.raises(XmlError, match="not a BPMN definitions element"):
        engine().deploy(path)
    with pytest.raises(DmnError, match="no DMN file"):
        engine().deploy_decisions(TASK)
    with pytest.raises(DmnError, match="dmn_invalid: The file cannot be read"):
        engine().deploy_decisions("<definitions")


def test_kind_of_history_that_there_is_not_is_refused() -> None:
    host = engine()
    for way in (host.trace, host.start("p").trace):
        with pytest.raises(SchoolflowError, match="There is no kind 'ended' of history events; there are entered, "):
            way("entered", "ended")
