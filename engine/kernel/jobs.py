"""Wake-ups for the workers, through RQ. A job carries only the name of what to drain; the truth is in the tables.

At most one wake-up per drain waits in the queue: the mark in Redis is set together with the enqueue and removed by the
worker before it looks, so a row committed later is either seen by that look or wakes again. Without the queue server
nothing is lost but speed: whoever sweeps sees that nobody could be told and does the work himself.
"""

import logging
import time

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from engine.kernel.uow import Drain

log = logging.getLogger(__name__)

QUEUE = "schoolflow"
DRAIN_FUNCTION = "webapp.worker.drain"
PATIENCE_S = 2.0
REST_S = 5.0
"""How long a queue that did not answer is left alone, so that it costs a person's request at most one wait."""
_MARK_TTL_S = 30


def connect(url: str) -> "Redis":
    """A client that soon says when the server is away: one more try for a connection that had died, no waiting."""
    once_more = Retry(NoBackoff(), 1)
    return Redis.from_url(url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S, retry=once_more)


class RqWaker:
    """Enqueues one drain job per kind of due rows."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._queue = queue(redis)
        self._rests_until = 0.0

    def wake(self, drains: frozenset[Drain]) -> bool:
        """Sets the marks and enqueues where there was none. False when the queue server is away."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            for drain in drains:
                self._wake(drain)
        except RedisError as error:
            self._rests_until = time.monotonic() + REST_S
            log.warning("the queue server does not answer, the sweeper does the work: %s", error)
            return False
        return True

    def _wake(self, drain: Drain) -> None:
        """Mark and job come together or not at all: a mark without its job would keep the drain asleep.

        Two that wake at once make two jobs; the second one finds nothing to do.
        """
        if self._redis.exists(_mark(drain)):
            return
        with self._redis.pipeline() as both:
            self._queue.enqueue(DRAIN_FUNCTION, str(drain), result_ttl=0, failure_ttl=3600, pipeline=both)
            both.set(_mark(drain), "1", ex=_MARK_TTL_S)
            both.execute()


def queue(redis: "Redis") -> Queue:
    """The one queue; JSON, because RQ's default serializer would run code from the queue."""
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def clear_mark(redis: "Redis", drain: Drain) -> None:
    """The worker's first act: from here on a commit wakes again. Without the server there is no mark to clear."""
    try:
        redis.delete(_mark(drain))
    except RedisError:
        log.debug("no mark to clear: the queue server does not answer")


def _mark(drain: Drain) -> str:
    return f"schoolflow:wake:{drain}"
