"""Versions of the tables of `people`."""
