"""One key, one effect."""

import threading
from datetime import timedelta

import pytest

from engine.kernel import idempotency
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import FixedClock
from engine.kernel.history import Event
from engine.kernel.idempotency import Answer, KeyReused, Request
from engine.kernel.uow import Boundary, Tx

REQUEST = Request("POST", "/records/lead", "k1", b'{"name":"a"}')


def _write(boundary: Boundary, request: Request = REQUEST) -> tuple[Answer, bool]:
    def use_case(tx: Tx) -> tuple[Answer, bool]:
        stored = idempotency.begin(tx, request)
        if stored:
            return stored, True
        tx.record(Event("lead:created", ("lead", "1")))
        answer = Answer(201, {"id": "1"})
        idempotency.finish(tx, request, answer)
        return answer, False

    return boundary.run(SYSTEM, use_case)


def test_second_request_gets_the_first_answer(boundary: Boundary) -> None:
    assert [_write(boundary), _write(boundary)] == [(Answer(201, {"id": "1"}), False), (Answer(201, {"id": "1"}), True)]


def test_other_body_under_the_same_key_is_refused(boundary: Boundary) -> None:
    _write(boundary)
    with pytest.raises(KeyReused):
        _write(boundary, Request("POST", "/records/lead", "k1", b"{}"))


def test_key_is_free_again_after_a_day(boundary: Boundary, clock: FixedClock) -> None:
    _write(boundary)
    clock.advance(timedelta(hours=25))
    assert _write(boundary)[1] is False


def test_eight_at_once_write_once(boundary: Boundary) -> None:
    replays: list[bool] = []
    threads = [threading.Thread(target=lambda: replays.append(_write(boundary)[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(replays) == [False] + [True] * 7
