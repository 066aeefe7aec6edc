"""Connections cut before every single statement, servers killed with -9, clocks that jump: the invariants hold."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from engine.kernel.actor import SYSTEM
from engine.kernel.jobs import RqWaker
from engine.kernel.servers.valkey import start_valkey
from engine.workflow import instances, tasks

from .scissors import again, scissors

NOTE = """insert into task_turn values ('book', %(id)s, 'x', 1) on conflict (process_key, node_id, user_id)
 do update set turn = task_turn.turn + 1"""
THREE = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
NODES = ("s", "ask", "first", "sign", "w", "again", "last")


def journey(world: Any) -> str:
    """Handler, decision of a person under a timer, countersign of three, message, timer, handler."""
    book = (
        '<extensionElements><school:handler name="book"><school:input name="n" value="=n"/></school:handler>'
        "</extensionElements>"
    )
    signers = world.decides("role:teacher").replace("/>", ' strategy="all"/>', 1) + '<school:countersign mode="all"/>'
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>')
        + f'<serviceTask id="first">{book}</serviceTask>'
        + world.task("sign", signers, children=THREE)
        + '<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
        + f'<serviceTask id="again">{book}</serviceTask>'
        + world.task("last", '<school:assignee rule="starter"/>')
        + world.flows(
            ("s", "ask"), ("ask", "first"), ("first", "sign"), ("sign", "w"), ("w", "again"), ("again", "last")
        )
    )
    return str(world.model(body))


def book(tx: Any, inputs: Any) -> dict[str, Any]:
    tx.connection.exec_driver_sql(NOTE, {"id": str(inputs["n"])})
    return {}


def booked(world: Any, number: int) -> int:
    rows = world.sql("select turn from task_turn where process_key = 'book' and node_id = %(n)s", n=str(number))
    return int(rows[0][0]) if rows else 0


def sign(world: Any, case: UUID) -> None:
    """Every countersigner agrees."""
    for who, task_id in again(lambda: signatures(world, case)):
        again(partial(world.run, who, partial(tasks.complete, task_id=task_id, outcome="approve", comment="ok")))


def walk(world: Any, number: int) -> UUID:
    """From the start to the last task, everything in the order a school would do it."""
    case: UUID = again(lambda: world.start(n=number))
    again(lambda: world.done("ann", case, "ask"))
    sign(world, case)
    world.clock.advance(timedelta(hours=2))
    again(world.drain)
    return case


def signatures(world: Any, case: UUID) -> list[tuple[str, UUID]]:
    view = world.run(SYSTEM, lambda tx: instances.get(tx, case))
    return [(row.assignee, row.id) for row in view.tasks if row.status == "open" and row.assignee]


def test_connection_cut_before_any_statement_loses_and_doubles_nothing(cut: Any) -> None:
    cut.add("book", book)
    cut.deploy(journey(cut))
    walk(cut, 0)
    for number in range(1, 400):
        scissors.left = number
        case = walk(cut, number)
        was_cut, scissors.left = scissors.left is None, None
        assert (set(cut.open(case)), booked(cut, number)) == ({"last"}, 2), f"cut before statement {number}"
        if not was_cut:
            break
    assert number > 40
    cut.check()


def test_clock_that_jumps_fires_each_timer_once(world: Any) -> None:
    world.add("book", book)
    world.deploy(journey(world))
    cases = []
    for number, jump in enumerate((timedelta(days=400), timedelta(days=-30), timedelta(days=2), -timedelta(hours=1))):
        case = world.start(n=number)
        world.done("ann", case, "ask")
        sign(world, case)
        cases.append(case)
        world.clock.advance(jump)
        world.drain()
        world.check()
    world.clock.advance(timedelta(days=800))
    world.drain()
    assert [booked(world, number) for number in range(4)] == [2, 2, 2, 2]
    assert [set(world.open(case)) for case in cases] == [{"last"}] * 4


def test_lost_queue_server_costs_wake_ups_only(world: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    world.add("book", book)
    world.deploy(journey(world))
    folder = tmp_path_factory.mktemp("valkey")
    server = start_valkey(folder)
    redis = Redis.from_url(server.url)
    world.boundary.waker = RqWaker(redis)
    assert server.child is not None
    server.child.kill()
    server.child.wait()
    walk(world, 1)
    assert booked(world, 1) == 2


def random_round(world: Any, moves: random.Random, cases: list[UUID]) -> None:
    """One random thing a person or a worker does; a cut is somewhere in it, or nowhere."""
    scissors.left = moves.choice([None, moves.randrange(12)])
    move = moves.random()
    if move < 0.2 or not cases:
        cases.append(again(lambda: world.start(n=len(cases))))
    elif move < 0.3:
        world.clock.advance(timedelta(minutes=moves.choice([-30, 20, 90, 600])))
        again(world.drain)
    else:
        case = moves.choice(cases)
        for who, task_id in again(lambda: signatures(world, case))[:1]:
            outcome = "approve" if "sign" in again(lambda: world.open(case)) else None
            again(partial(world.run, who, partial(tasks.complete, task_id=task_id, outcome=outcome, comment="ok")))
    scissors.left = None


def rounds(world: Any, count: int, seed: int) -> None:
    """Random rounds; afterwards every handler has run once for each service task passed."""
    moves, cases = random.Random(seed), []
    for number in range(count):
        random_round(world, moves, cases)
        if number % 250 == 0:
            world.check()
    world.check()
    for number, case in enumerate(cases):
        trail = world.run(SYSTEM, lambda tx, case=case: instances.history(tx, case, limit=500))
        passed = [
            entry
            for one in trail
            for entry in one["data"].get("trail", [])
            if entry[0] == "completed" and entry[1] in ("first", "again")
        ]
        assert booked(world, number) == len(passed)


def test_random_rounds_with_cut_connections_keep_the_invariants(cut: Any) -> None:
    cut.add("book", book)
    cut.deploy(journey(cut))
    rounds(cut, 150, seed=20260901)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(20))
def test_thousands_of_random_rounds_keep_the_invariants(cut: Any, seed: int) -> None:
    cut.add("book", book)
    cut.deploy(journey(cut))
    rounds(cut, 5_000, seed)
