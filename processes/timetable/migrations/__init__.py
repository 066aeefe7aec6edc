"""Versions of the tables of `timetable`."""
