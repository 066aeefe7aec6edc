"""Room `engine.metadata`: see docs/architecture.md."""
