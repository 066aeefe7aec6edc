"""Room `forms`: see docs/architecture.md."""
