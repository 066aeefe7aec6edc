"""Domain folder `timetable`: courses, rooms, classes, lessons, bookings, attendance. Others use `api` only."""
