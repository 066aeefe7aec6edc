"""At most so many requests of one address in a window, counted in Redis for all web processes together."""

import logging

from redis import RedisError

from engine.kernel.errors import TooManyRequests
from webapp.composition import Platform

log = logging.getLogger(__name__)


def allow(platform: Platform, name: str, address: str, *, limit: int, window_s: int) -> None:
    """Counts one request. While the queue server is away nobody is turned away: a lead lost is worse than one too many.

    Raises: TooManyRequests above the limit.
    """
    key = f"schoolflow:throttle:{name}:{address}"
    try:
        with platform.redis.pipeline() as both:  # a count without an end shuts an address out for ever
            both.set(key, 0, ex=window_s, nx=True)
            both.incr(key)
            count = int(both.execute()[1])
    except RedisError:
        log.warning("requests for %s are not counted: the queue server does not answer", name)
        return
    if count > limit:
        raise TooManyRequests
