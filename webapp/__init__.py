"""Room `webapp`: see docs/architecture.md."""
