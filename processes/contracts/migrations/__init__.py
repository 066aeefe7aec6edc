"""Versions of the tables of `contracts`."""
