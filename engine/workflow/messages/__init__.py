"""Messages and signals: from people, connectors and other instances, to whoever waits for them."""

from engine.workflow.messages.correlating import Correlation, correlate, post, signal
from engine.workflow.messages.undelivered import (
    Receiver,
    UndeliveredMessage,
    settle_message,
    undelivered_count,
    undelivered_messages,
)

__all__ = [
    "Correlation",
    "Receiver",
    "UndeliveredMessage",
    "correlate",
    "post",
    "settle_message",
    "signal",
    "undelivered_count",
    "undelivered_messages",
]
