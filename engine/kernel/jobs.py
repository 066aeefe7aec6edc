"""Wake-ups for the workers, through RQ. A job carries only the name of what to drain; the truth is in the tables.

At most one wake-up per drain waits in the queue: the mark in Redis is set with the enqueue and removed by the worker
before it looks, so a row committed later is either seen by that look or wakes again.
"""

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from engine.kernel.uow import Drain

QUEUE = "schoolflow"
DRAIN_FUNCTION = "webapp.worker.drain"
_MARK_TTL_S = 30


class RqWaker:
    """Enqueues one drain job per kind of due rows."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._queue = queue(redis)

    def wake(self, drains: frozenset[Drain]) -> None:
        """Sets the marks and enqueues where there was none."""
        for drain in drains:
            if self._redis.set(_mark(drain), "1", nx=True, ex=_MARK_TTL_S):
                self._queue.enqueue(DRAIN_FUNCTION, str(drain), result_ttl=0, failure_ttl=3600)


def queue(redis: "Redis") -> Queue:
    """The one queue; JSON, because RQ's default serializer would run code from the queue."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def clear_mark(redis: "Redis", drain: Drain) -> None:
    """The worker's first act: from here on a commit wakes again."""
    redis.delete(_mark(drain))


def _mark(drain: Drain) -> str:
    return f"schoolflow:wake:{drain}"
