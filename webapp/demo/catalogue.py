"""What the school offers: subjects, courses, prices, rooms, classes and a term's timetable."""

from collections.abc import Mapping
from datetime import time, timedelta
from functools import partial
from uuid import UUID

from engine.metadata import records
from processes.timetable import api as timetable
from webapp.demo.world import ZONE, World

WEEKS_BACK, WEEKS_AHEAD = 8, 8
COURSES = (
    ("english", "少儿英语", "EN", "150.00", "120.00"),
    ("math", "数学思维", "MA", "160.00", "130.00"),
    ("art", "创意美术", "AR", "120.00", "90.00"),
    ("coding", "少儿编程", "CO", "200.00", "160.00"),
)
# key, name, course, branch, teacher, room, capacity, weekdays (Monday 0), hour, own price
CLASSES = (
    ("east_english_1", "英语启蒙一班", "english", "east", "teacher1", "101", 12, (1, 5), 16, None),
    ("east_english_2", "英语精英班", "english", "east", "teacher1", "101", 8, (2, 6), 16, "170.00"),
    ("east_math_1", "数学思维一班", "math", "east", "teacher2", "102", 12, (0, 3), 17, None),
    ("east_art_1", "创意美术班", "art", "east", "teacher2", "103", 15, (5,), 10, None),
    ("west_english_1", "英语一班（西城）", "english", "west", "teacher1", "201", 12, (1, 4), 17, None),
    ("west_coding_1", "编程入门班", "coding", "west", "teacher2", "202", 10, (2, 6), 14, None),
)


def open_catalogue(world: World) -> None:
    """Subjects, courses and their prices, rooms and classes, as the administrator enters them."""
    for key, name, code, price, floor in COURSES:
        subject = _make(world, f"subject:{key}", "subject", {"name": name[-2:] if key != "art" else "美术"})
        values = {"name": name, "code": code, "unit": "hour", "lesson_hours": "2", "subject_id": str(subject)}
        course = _make(world, f"course:{key}", "course", {**values, "pricing": "hours"})
        rule = {"name": f"{name}标准价", "course_id": str(course), "unit_price": price, "floor_price": floor}
        _make(world, f"price:{key}", "price_rule", rule)
    for room in ("101", "102", "103", "201", "202"):
        home = world.ids["branch:east" if room.startswith("1") else "branch:west"]
        _make(world, f"room:{room}", "classroom", {"name": room, "capacity": 20, "branch_id": str(home)})
    for key, name, taught, branch, teacher, number, seats, _, _, own_price in CLASSES:
        group: dict[str, object] = {
            "name": name,
            "course_id": str(world.ids[f"course:{taught}"]),
            "branch_id": str(world.ids[f"branch:{branch}"]),
            "teacher_id": world.users[f"{branch}_{teacher}"].id,
            "classroom_id": str(world.ids[f"room:{number}"]),
            "capacity": seats,
            "stage": "open",
            **({"unit_price": own_price} if own_price else {}),
        }
        _make(world, f"class:{key}", "class_group", group)


def schedule_term(world: World) -> None:
    """Two hours a lesson, from eight weeks ago to eight weeks ahead; the academic office plans them."""
    first = (world.now.astimezone(ZONE) - timedelta(weeks=WEEKS_BACK)).date()
    last = first + timedelta(weeks=WEEKS_BACK + WEEKS_AHEAD)
    for key, _, _, branch, _, _, _, weekdays, hour, _ in CLASSES:
        pattern = timetable.Recurrence(first, frozenset(weekdays), time(hour), time(hour + 2), until=last)
        group = world.ids[f"class:{key}"]
        make = partial(timetable.create_lessons, class_group_id=group, recurrence=pattern, key=f"demo:{key}")
        world.run(make, f"{branch}_academic")


def _make(world: World, key: str, object_key: str, values: Mapping[str, object]) -> UUID:
    world.ids[key] = world.run(lambda tx: records.create(tx, object_key, values).id, "admin")
    return world.ids[key]
