"""Keys ordered by time."""

import threading
from uuid import UUID

from engine.kernel.ids import new_id


def test_new_id_is_a_version_7_uuid() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_new_id_grows() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)


def test_new_id_is_unique_across_threads() -> None:
    made: list[UUID] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(2_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000
