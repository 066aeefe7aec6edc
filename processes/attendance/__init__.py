"""Attendance 考勤: swipes and their exceptions."""
