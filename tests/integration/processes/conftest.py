"""A small school: two branches, a course, a room, a class, prices. Expected figures are worked by hand."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.uow import Boundary, Tx
from engine.metadata.organisation.branches import create_branch
from engine.metadata.organisation.installation import install
from engine.metadata.organisation.roles import assign_role
from engine.metadata.organisation.users import create_user
from processes.class_hours import api as class_hours
from processes.contracts import api as contracts
from processes.contracts.tables import price_rule
from processes.finance import api as finance
from processes.people.tables import guardian, student
from processes.stamping import created
from processes.timetable import api as timetable
from processes.timetable.tables import class_group, classroom, course


@dataclass(frozen=True)
class School:
    """Ids of what every test finds."""

    boundary: Boundary
    hq: UUID
    east: UUID
    west: UUID
    teacher: UUID
    course: UUID
    room: UUID
    group: UUID

    def run(self, use_case, actor: Actor = SYSTEM):  # type: ignore[no-untyped-def]
        return self.boundary.run(actor, use_case)

    def user(self, name: str, role: str, branch: UUID) -> Actor:
        def make(tx: Tx) -> UUID:
            user_id = create_user(tx, username=name, name=name, branch_id=branch)
            assign_role(tx, role, branch, user_id=user_id)
            return user_id

        return Actor(ActorKind.USER, str(self.run(make)), name)

    def student(self, name: str = "王小明", branch: UUID | None = None, phone: str = "13800138000") -> UUID:
        def make(tx: Tx) -> UUID:
            home = branch or self.east
            row = created(tx, home) | {"name": name, "stage": "prospective"}
            tx.execute(insert(student).values(row))
            contact = {"student_id": row["id"], "name": "王妈妈", "phone": phone, "is_primary": True}
            tx.execute(insert(guardian).values(created(tx, home) | contact | {"receives_sms": True}))
            return row["id"]  # type: ignore[return-value]

        return self.run(make)

    def klass(self, name: str, capacity: int = 12, room: UUID | None = None, teacher: UUID | None = None) -> UUID:
        def make(tx: Tx) -> UUID:
            row = created(tx, self.east) | {
                "name": name, "course_id": self.course, "classroom_id": room, "teacher_id": teacher,
                "capacity": capacity, "stage": "open",
            }  # fmt: skip
            tx.execute(insert(class_group).values(row))
            return row["id"]  # type: ignore[return-value]

        return self.run(make)

    def lots(self, student_id: UUID, hours: str, amount: str, key: str = "lots") -> UUID:
        order = class_hours.LotOrder(
            student_id=student_id,
            branch_id=self.east,
            portions=(class_hours.Portion(class_hours.LotKind.PAID, Decimal(hours), Decimal(amount)),),
            unit=class_hours.Unit.HOUR,
            opened_on=date(2026, 1, 1),
            courses=frozenset({self.course}),
        )
        return self.run(lambda tx: class_hours.open_lots(tx, order, key=f"{key}:{student_id}"))[0]

    def contract(self, student_id: UUID, *, paid: str = "40", gift: str = "0", paid_in: str = "6000",
                 policy: contracts.GiftPolicy = contracts.GiftPolicy.LAST, instalments: int = 1,
                 **draft: object) -> UUID:  # fmt: skip
        """An active contract at 150.00 an hour, with `paid_in` yuan received."""

        def make(tx: Tx) -> UUID:
            line = contracts.DraftLine(self.course, Decimal(paid), Decimal(gift), policy, title="英语")
            order = contracts.Draft(
                student_id,
                self.east,
                (line,),
                is_identity_checked=True,
                is_cost_approved=True,
                **draft,  # type: ignore[arg-type]
            )
            contract_id = contracts.draft_contract(tx, order, key=str(uuid4()))
            contracts.submit(tx, contract_id)
            contracts.approve(tx, contract_id)
            contracts.sign(tx, contract_id, date(2026, 9, 1))
            finance.plan_equal_instalments(tx, contract_id, instalments, first_due=date(2026, 9, 1))
            if Decimal(paid_in):
                order = finance.PaymentOrder(student_id, self.east, Decimal(paid_in), "wechat", (contract_id,))
                finance.record_payment(tx, order, key=f"first:{contract_id}")
            contracts.activate(tx, contract_id)
            return contract_id

        return self.run(make)

    def consume(self, student_id: UUID, hours: str, lesson_id: UUID | None = None) -> class_hours.ChargeResult:
        ref = class_hours.LessonRef(lesson_id or uuid4(), self.course, self.east, date(2026, 9, 1))
        terms = class_hours.Terms(Decimal(hours), Decimal(1))
        return self.run(lambda tx: class_hours.charge_lesson(tx, student_id, ref, terms))

    def lessons(self, group: UUID, *days: int, start: time = time(10), end: time = time(12), key: str = "series",
                **more: object) -> tuple[UUID, ...]:  # fmt: skip
        """One lesson on each of the September days, all by one weekly pattern per day."""
        made: tuple[UUID, ...] = ()
        for day in days:
            first = date(2026, 9, day)
            pattern = timetable.Recurrence(first, frozenset({first.weekday()}), start, end, count=1)
            made += self.run(lambda tx, p=pattern, d=day: timetable.create_lessons(
                tx, group, p, key=f"{key}:{group}:{d}:{start}", **more))  # type: ignore[misc] # fmt: skip
        return made

    def assert_books_are_sound(self) -> None:
        assert self.run(class_hours.nightly_proof) == []
        assert self.run(finance.nightly_proof) == []


@pytest.fixture
def school(boundary: Boundary) -> School:
    def make(tx: Tx) -> School:
        hq = install(tx, "启明教育")
        east = create_branch(tx, key="east", name="东城校区", parent_id=hq)
        west = create_branch(tx, key="west", name="西城校区", parent_id=hq)
        teacher = create_user(tx, username="teacher", name="李老师", branch_id=east)
        course_row = created(tx, hq) | {"name": "英语", "unit": "hour", "lesson_hours": Decimal(2)}
        tx.execute(insert(course).values(course_row))
        room_row = created(tx, east) | {"name": "101", "capacity": 20, "is_shared": False}
        tx.execute(insert(classroom).values(room_row))
        group_row = created(tx, east) | {
            "name": "英语一班", "course_id": course_row["id"], "teacher_id": teacher,
            "classroom_id": room_row["id"], "capacity": 12, "stage": "open",
        }  # fmt: skip
        tx.execute(insert(class_group).values(group_row))
        price = {"name": "英语标准价", "unit_price": Decimal(150), "floor_price": Decimal(120)}
        tx.execute(insert(price_rule).values(created(tx, hq) | price | {"course_id": course_row["id"]}))
        ids = (course_row["id"], room_row["id"], group_row["id"])
        return School(boundary, hq, east, west, teacher, *ids)  # type: ignore[arg-type]

    return boundary.run(SYSTEM, make)
