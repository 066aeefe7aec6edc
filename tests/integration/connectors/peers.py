"""A peer whose answers a test decides: it follows the Connector protocol and records what it was asked to send."""

from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import UUID

from engine.kernel.connector import ConnectorBase, Json, Outbound, SendResult, SendStatus
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
