"""Room `engine.kernel`: see docs/architecture.md."""
