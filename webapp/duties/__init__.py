"""Duties by the clock: found in the rooms, run by the one worker on duty."""

from webapp.duties.schedule import duties_of, run_due, run_now

__all__ = ["duties_of", "run_due", "run_now"]
