"""Swipes at a terminal and at a serial reader, over the real addresses: one attendance, hours once, one message."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from connectors.simulators.park import TERMINAL_SERIAL
from engine.kernel.actor import SYSTEM
from engine.kernel.connector import Inbound
from engine.kernel.inbox import receive
from processes.class_hours import api as class_hours
from tests.integration.webapp.api.school import School

SHANGHAI = ZoneInfo("Asia/Shanghai")


UNKNOWN, PRINTED = "00ABCDEF", "0011259375"


@pytest.fixture(scope="module")
def pupils(school: School) -> list[dict[str, Any]]:
    """Card holders of the next English lesson; the clock stands five minutes before it."""
    found = school.rows(
        """SELECT l.id, l.starts_at, s.id AS student_id, s.name, s.number, k.number AS card, p.phone, c.id AS contract
        FROM lesson l JOIN class_group g ON g.id = l.class_group_id JOIN roster r ON r.class_group_id = g.id
        JOIN student s ON s.id = r.student_id JOIN card k ON k.student_id = s.id
        JOIN guardian p ON p.student_id = s.id JOIN contract c ON c.student_id = s.id
        WHERE g.name = '英语启蒙一班' AND l.starts_at > :now ORDER BY l.starts_at, s.number LIMIT 3""",
        now=school.clock.now(),
    )
    principal = school.person("east_principal")
    principal.act("contract", str(found[0]["contract"]), "cancel_transfer")
    principal.act("contract", str(found[2]["contract"]), "cancel_refund")
    assert len({row["id"] for row in found}) == 1
    school.clock.set(found[0]["starts_at"] - timedelta(minutes=5))
    school.drain()
    return found


def hours_left(school: School, student: UUID) -> Decimal:
    (row,) = school.rows("SELECT coalesce(sum(quantity), 0) AS n FROM hour_lot WHERE student_id = :id", id=student)
    return Decimal(row["n"])


def push(school: School, person: str, at: datetime) -> str:
    """What the 中控 terminal of the east campus sends when it has read a person."""
    record = f"{person}\t{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}\t0\t4\t0\t0\t0\n"
    answer = school.anybody.post(f"/iclock/cdata?SN={TERMINAL_SERIAL}&table=ATTLOG&Stamp=9999", data=record)
    assert answer.status_code == 200, answer.text
    return answer.text


def read_card(school: School, card: str, at: datetime, key: str) -> None:
    """What the serial reader's thread puts down for a card it has decoded."""
    event = Inbound(
        dedupe_key=key,
        name="attendance.swipe",
        occurred_at=at,
        payload={"card_no": card, "device": "前台读卡器"},
        correlation={"card_no": card},
    )
    (reader,) = school.rows("SELECT id FROM connector WHERE kind = 'card_reader'")
    school.platform.boundary.run(SYSTEM, lambda tx: receive(tx, reader["id"], event))


def attendance(school: School, student: UUID, lesson_id: UUID) -> list[dict[str, Any]]:
    return school.rows(
        "SELECT stage, source, hours FROM attendance WHERE student_id = :student AND lesson_id = :lesson",
        student=student,
        lesson=lesson_id,
    )


def test_terminal_swipe_three_times_is_one_attendance_one_charge_one_message(
    school: School, pupils: list[dict[str, Any]]
) -> None:
    pupil = pupils[0]
    before = hours_left(school, pupil["student_id"])
    for _ in range(3):
        assert push(school, pupil["number"].removeprefix("EAST"), school.clock.now()) == "OK: 1"
        school.drain()
    assert attendance(school, pupil["student_id"], pupil["id"]) == [
        {"stage": "present", "source": "swipe", "hours": Decimal(2)}
    ]
    assert hours_left(school, pupil["student_id"]) == before - 2
    texts = [text for text in school.outbox(f"+86{pupil['phone']}") if "到校上课" in text]
    assert len(texts) == 1
    assert f"本次消耗 2 课时，剩余 {before - 2:.0f} 课时" in texts[0]


def test_card_at_the_reader_counts_in_the_same_way(school: School, pupils: list[dict[str, Any]]) -> None:
    pupil = pupils[1]
    before = hours_left(school, pupil["student_id"])
    for key in ("frame-1", "frame-1", "frame-2"):
        read_card(school, pupil["card"], school.clock.now(), key)
        school.drain()
    assert len(attendance(school, pupil["student_id"], pupil["id"])) == 1
    assert hours_left(school, pupil["student_id"]) == before - 2


def test_unknown_terminal_and_spoiled_frames_count_nothing(school: School) -> None:
    before = school.rows("SELECT count(*) AS n FROM attendance")
    stranger = school.anybody.post(
        "/iclock/cdata?SN=NOBODY&table=ATTLOG&Stamp=1", data="1\t2026-09-01 15:55:00\t0\t4\n"
    )
    assert stranger.status_code in (200, 404)
    spoiled = f"/iclock/cdata?SN={TERMINAL_SERIAL}&table=ATTLOG&Stamp=9999"
    assert school.anybody.post(spoiled, data=b"\xff\xfe not a record\n").status_code == 200
    school.drain()
    assert school.rows("SELECT count(*) AS n FROM attendance") == before


def test_unknown_card_waits_for_a_person_and_is_then_replayed(school: School, pupils: list[dict[str, Any]]) -> None:
    pupil = pupils[2]
    before = hours_left(school, pupil["student_id"])
    read_card(school, UNKNOWN, school.clock.now(), "unknown-1")
    school.drain()
    academic = school.person("east_academic")
    tasks = [one for box in ("todo", "candidate") for one in academic.get("/tasks", box=box)["items"]
             if one["node_id"] == "bind_card" and PRINTED in one["title"]]  # fmt: skip
    assert len(tasks) == 1
    academic.post(f"/tasks/{tasks[0]['id']}/claim")
    detail = academic.get(f"/tasks/{tasks[0]['id']}")
    assert detail["form"]["values"]["card_no"] == PRINTED
    values = {"student_id": str(pupil["student_id"])}
    outcome = detail["outcomes"][0]["name"]
    academic.post(f"/tasks/{tasks[0]['id']}/complete", {"outcome": outcome, "values": values})
    school.drain()
    assert len(attendance(school, pupil["student_id"], pupil["id"])) == 1
    assert hours_left(school, pupil["student_id"]) == before - 2
    assert school.rows("SELECT student_id FROM card WHERE number = :n", n=UNKNOWN) == [
        {"student_id": pupil["student_id"]}
    ]


def test_roll_call_corrects_a_mark_without_charging_again(school: School, pupils: list[dict[str, Any]]) -> None:
    pupil = pupils[0]
    before = hours_left(school, pupil["student_id"])
    body = {"marks": {str(pupil["student_id"]): "late"}}
    marked = school.person("east_teacher1").post(f"/lessons/{pupil['id']}/attendance", body)["items"]
    assert [one["status"] for one in marked] == ["late"]
    assert [one["stage"] for one in attendance(school, pupil["student_id"], pupil["id"])] == ["late"]
    assert hours_left(school, pupil["student_id"]) == before


def test_hours_are_proven_afterwards(school: School) -> None:
    found = school.platform.boundary.run(SYSTEM, class_hours.nightly_proof)
    assert found == []
