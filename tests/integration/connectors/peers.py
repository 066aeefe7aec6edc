"""A peer whose answers a test decides: it follows the Connector protocol and records what it was asked to send."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import UUID

from connectors.http_client import GuardedHttp
from connectors.ports import open_serial
from engine.kernel.clock import Clock, SystemClock
from engine.kernel.connector import ConnectorBase, Ctx, Json, Outbound, SendResult, SendStatus
from engine.kernel.delivery import Live
from engine.kernel.delivery_policy import SendPolicy


class Scripted(ConnectorBase):
    """Answers each send with the next of `answers`, the last one for ever."""

    kind: ClassVar[str] = "scripted"
    config_schema: ClassVar[Json] = {}

    def __init__(self, *answers: SendResult | Exception) -> None:
        self._answers = list(answers)
        self.sent: list[Outbound] = []
        self.before_answer: Callable[[Outbound], None] = lambda out: None

    def send(self, out: Outbound) -> SendResult:
        self.sent.append(out)
        self.before_answer(out)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def live(connector_id: UUID, peer: Scripted, policy: SendPolicy | None = None) -> dict[UUID, Live]:
    """A fleet of one."""
    return {connector_id: Live(connector_id, "短信", peer, policy or SendPolicy(rate_per_s=1000, burst=1000))}


def sent(provider_id: str = "", *more: str) -> SendResult:
    return SendResult(SendStatus.SENT, provider_id, (provider_id, *more) if more else ())


def texts(peer: Scripted) -> Sequence[str]:
    return [str(out.payload["text"]) for out in peer.sent]


def wait_until(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    until_s = time.monotonic() + timeout_s
    pause = threading.Event()
    while not _holds(condition):
        assert time.monotonic() < until_s, "the condition did not come to hold"
        pause.wait(0.02)


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except OSError:
        return False


def real_context(clock: Clock | None = None) -> Ctx:
    """A context with the real serial ports and the real network on loopback."""
    http = GuardedHttp(frozenset({"127.0.0.1"}))
    return Ctx("c1", clock or SystemClock(), http, open_serial, logging.getLogger("test"), random.Random(1))
