"""What pages and other folders may call of attendance."""

from processes.attendance.calling import call_roll, finish_lesson
from processes.attendance.swipes import Swipe, take
from processes.attendance.terms import terms_of

__all__ = ["Swipe", "call_roll", "finish_lesson", "take", "terms_of"]
