"""Room `engine.workflow`: see docs/architecture.md."""
