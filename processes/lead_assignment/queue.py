"""Whose turn it is."""

from collections.abc import Mapping, Sequence


def least_loaded(queue: Sequence[str], load: Mapping[str, int], tried: frozenset[str]) -> str | None:
    """The member of the queue with the fewest open items who was not asked yet; of equals, the first in the queue.

    >>> least_loaded(["li", "wang", "zhao"], {"li": 3, "zhao": 1}, frozenset())
    'wang'
    >>> least_loaded(["li", "wang"], {}, frozenset({"li", "wang"})) is None
    True
    """
    free = [user for user in queue if user not in tried]
    return min(free, key=lambda user: load.get(user, 0), default=None)
