"""Room `connectors`: see docs/architecture.md."""
