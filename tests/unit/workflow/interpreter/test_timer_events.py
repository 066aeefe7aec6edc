"""Timer events in every position (BPMN 2.0.2 10.5.5)."""

from datetime import UTC, datetime, timedelta

from tests.unit.workflow.driver import document, flows, run
from tests.unit.workflow.interpreter.pieces import boundary, timer


def test_interrupting_boundary_timer_cancels_the_task() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><userTask id="late"/><endEvent id="e"/>'
        + boundary("b", "t", timer("timeDuration", "PT1H"))
        + flows("s -> t -> e; b -> late")
    )
    engine, instance = run(xml)
    assert engine.advance_time(timedelta(minutes=59)) == 0
    assert engine.advance_time(timedelta(minutes=1)) == 1
    assert instance.active == ["late"]
    assert instance.trace("cancelled") == ["t"]


def test_non_interrupting_boundary_cycle_fires_three_times() -> None:
    xml = document(
        '<startEvent id="s"/><userTask id="t"/><task id="remind"/><endEvent id="e"/>'
        + boundary("b", "t", timer("timeCycle", "R3/PT1H"), stays=True)
        + flows("s -> t -> e; b -> remind")
    )
    engine, instance = run(xml)
    engine.advance_time(timedelta(hours=10))
    assert instance.trace().count("remind") == 3
    assert instance.timers == []
    instance.complete("t")
    assert instance.status == "completed"


def test_month_timer_from_31_january_is_clamped() -> None:
    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="w">'
        + timer("timeDuration", "P1M")
        + '</intermediateCatchEvent><endEvent id="e"/>'
        + flows("s -> w -> e")
    )
    _, instance = run(xml, now=datetime(2026, 1, 31, 9, tzinfo=UTC))
    assert instance.timers[0].due == datetime(2026, 2, 28, 9, tzinfo=UTC)


def test_date_timer_without_zone_is_read_in_the_branch_zone() -> None:
    from zoneinfo import ZoneInfo

    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="w">'
        + timer("timeDate", "2026-09-01T08:00:00")
        + "</intermediateCatchEvent>"
        + flows("s -> w")
    )
    _, instance = run(xml, zone=ZoneInfo("Asia/Shanghai"))
    assert instance.timers[0].due == datetime(2026, 9, 1, 0, tzinfo=UTC)


def test_two_timers_on_one_event_keep_their_own_texts() -> None:
    xml = document(
        '<startEvent id="s"/><intermediateCatchEvent id="w">'
        + timer("timeDuration", "PT2H")
        + timer("timeDuration", "PT1H")
        + "</intermediateCatchEvent>"
        + flows("s -> w")
    )
    engine, instance = run(xml)
    assert [item.due.hour for item in instance.timers] == [1, 2]
    engine.advance_time(timedelta(hours=1))
    assert instance.status == "completed"
