"""What the school's own pages show: the timetable, planning, absences, the roll."""
