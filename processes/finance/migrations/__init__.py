"""Versions of the tables of `finance`."""
