"""Keys of rows: UUID version 7 (RFC 9562 5.7), ordered by time, so that new rows land at the end of an index."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A fresh key. Within one process each is greater than the one before.

    Layout: 48 bits Unix milliseconds, 12 bits sub-millisecond counter, 62 random bits.
    """
    global _last  # noqa: PLW0603 - the monotonic counter of this process
    with _lock:
        stamp = max((time.time_ns() // 1_000_000) << 12, _last + 1)
        _last = stamp
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = ((stamp >> 12) << 80) | (0x7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | random
    return UUID(int=value)
