"""Migrations of the workflow room."""
