"""What the workflow engine asks of its surroundings, answered by metadata, forms and processes."""

from webapp.runtime.build import build_runtime

__all__ = ["build_runtime"]
