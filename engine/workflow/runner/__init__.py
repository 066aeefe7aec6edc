"""The durable runner: one locked instance, one pure advance, one statement, one commit."""

from engine.workflow.runner.step import begin, step

__all__ = ["begin", "step"]
