"""Room `engine.feel`: see docs/architecture.md."""
