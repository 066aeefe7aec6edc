"""Room `processes`: see docs/architecture.md."""
