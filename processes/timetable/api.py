"""What other folders may call of the timetable."""

from processes.timetable.agenda import OwnLesson, Place, lessons_of, place_of
from processes.timetable.attendance_rules import Decide, EntryType, Facts, Notice, Outcome, Status, decide_default
from processes.timetable.attending import (
    Marked,
    ask_leave,
    close_lesson,
    lesson_for,
    mark_attendance,
    roll_call,
)
from processes.timetable.bookings import Clash, TimetableClash
from processes.timetable.conflicts import Slot
from processes.timetable.lessons import (
    LessonView,
    cancel_lesson,
    create_lessons,
    move_lesson,
    preview_lessons,
    propose_slots,
    substitute_teacher,
    week,
)
from processes.timetable.recurrence import Recurrence
from processes.timetable.rosters import (
    EnrolPreview,
    classes_of,
    enrol,
    enrol_preview,
    leave_class,
    members,
    move_roster,
)
from processes.timetable.waiting import Waiting, queue, wait_for_seat

__all__ = [
    "Clash",
    "Decide",
    "EnrolPreview",
    "EntryType",
    "Facts",
    "LessonView",
    "Marked",
    "Notice",
    "Outcome",
    "OwnLesson",
    "Place",
    "Recurrence",
    "Slot",
    "Status",
    "TimetableClash",
    "Waiting",
    "ask_leave",
    "cancel_lesson",
    "classes_of",
    "close_lesson",
    "create_lessons",
    "decide_default",
    "enrol",
    "enrol_preview",
    "leave_class",
    "lesson_for",
    "lessons_of",
    "mark_attendance",
    "members",
    "move_lesson",
    "move_roster",
    "place_of",
    "preview_lessons",
    "propose_slots",
    "queue",
    "roll_call",
    "substitute_teacher",
    "wait_for_seat",
    "week",
]
