"""What pages and other folders may call of attendance."""

from processes.attendance.swipes import Swipe, take
from processes.attendance.terms import terms_of

__all__ = ["Swipe", "take", "terms_of"]
