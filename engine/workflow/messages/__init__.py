"""Messages and signals: from people, connectors and other instances, to whoever waits for them."""

from engine.workflow.messages.correlating import Correlation, correlate, post, signal

__all__ = ["Correlation", "correlate", "post", "signal"]
