"""At most so many requests of one address in a window, counted in Redis for all web processes together."""

from engine.kernel.errors import TooManyRequests
from webapp.composition import Platform


def allow(platform: Platform, name: str, address: str, *, limit: int, window_s: int) -> None:
    """Counts one request. Raises: TooManyRequests above the limit."""
    key = f"schoolflow:throttle:{name}:{address}"
    count = platform.redis.incr(key)
    if count == 1:
        platform.redis.expire(key, window_s)
    if int(str(count)) > limit:
        raise TooManyRequests
