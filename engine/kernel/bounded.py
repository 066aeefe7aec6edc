"""What is worth keeping of what can be found anew: so many entries, those nobody asks for any more go first."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """The `size` values last asked for or put in, by key; for several threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._found: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, None when it is not there any more."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> V:
        """Keep it; the value."""
        with self._lock:
            self._found[key] = value
            self._found.move_to_end(key)
            if len(self._found) > self.size:
                self._found.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._found)
