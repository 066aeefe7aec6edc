"""Versions of the tables of `class_hours`."""
