"""What happens to a running case besides what people do with its tasks: messages, signals, failures, two at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow import instances, jobs, messages
from engine.workflow.handlers import BpmnError, Handler, Parameter

from .random_steps import ACTS, ON_CASE, PEOPLE, actor_of, apply, rows_of

_NOTE = """insert into task_turn values ('book', %(id)s, 'x', 1) on conflict (process_key, node_id, user_id)
 do update set turn = task_turn.turn + 1"""
_WAITING = """select s.name, s.kind from subscription s join instance i on i.id = s.instance_id
 where i.root_id = %(id)s order by s.instance_id, s.activation"""
_RUNNING = "select id from instance where root_id = %(id)s and ended_at is null order by id"


@dataclass
class Mood:
    """How the next calls of a handler go: `left` of them fail, in the way of `kind`."""

    left: int = 0
    kind: int = 0


MOOD = Mood()


def work(tx: Any, inputs: Any) -> dict[str, Any]:
    """Note that it has worked; or fail as the mood is."""
    if MOOD.left:
        MOOD.left -= 1
        if MOOD.kind == 0:
            raise RuntimeError("out of order")
        if MOOD.kind == 1:
            raise BpmnError("bad")
        raise UserError("refused", Text("不行", "No"))
    tx.connection.exec_driver_sql(_NOTE, {"id": str(inputs["n"])})
    return {}


def register(world: Any) -> None:
    """The handlers of the random models."""
    MOOD.left = 0
    for name in ("works", "unworks"):
        world.handlers.add(Handler(name, Text(name, name), work, {"n": Parameter("string")}))


def running(world: Any, case: UUID) -> list[UUID]:
    """The case and what it has called, as far as it runs."""
    return [row[0] for row in world.sql(_RUNNING, id=case)]


def send(world: Any, case: UUID, seed: int) -> None:
    """Something that is waited for comes; now and then twice, or once more with the same id."""
    found = world.sql(_WAITING, id=case)
    if not found:
        return
    name, kind = found[seed % len(found)]
    values, keys = {"noted": seed % 10}, {"case": str(case)}
    for number in range(1 + (seed % 3 == 0)):
        identity = f"test:{case}:{seed}:{number if seed % 2 else 0}"
        if kind == "signal":
            world.run(SYSTEM, partial(messages.signal, name=name, payload=values, message_id=identity))
        else:
            sent = partial(messages.correlate, name=name, keys=keys, payload=values, message_id=identity)
            world.run(SYSTEM, sent)


def flag(world: Any, case: UUID, seed: int) -> None:
    """A condition becomes true, or false again."""
    one = running(world, case)[seed % len(running(world, case))]
    values = {"flag": seed % 2 == 0, "noted": seed % 10}
    world.run("adm", lambda tx: instances.set_variables(tx, one, values, "x"))


def spoil(world: Any, case: UUID, seed: int) -> None:
    MOOD.left, MOOD.kind = 1 + seed % 3, seed // 3 % 3


def retry(world: Any, case: UUID, seed: int) -> None:
    """An operator retries what stopped."""
    stopped = [
        (one, token.activation) for one in running(world, case) for token in world.view(one).tokens if token.wait == "i"
    ]
    if stopped:
        one, activation = stopped[seed % len(stopped)]
        world.run("adm", lambda tx: instances.retry(tx, one, activation))


def report(world: Any, case: UUID, seed: int) -> None:
    """An outside worker fetches what there is and says how it went."""
    for job in world.run("adm", lambda tx: jobs.fetch(tx, "report", "w", lease_s=1.0)):
        with contextlib.suppress(UserError):
            world.run("adm", lambda tx, job=job: _REPORTS[seed % len(_REPORTS)](tx, job))


_REPORTS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda tx, job: jobs.complete(tx, job.id, "w", {"noted": 5}),
    lambda tx, job: jobs.complete(tx, job.id, "w"),
    lambda tx, job: jobs.fail(tx, job.id, "w", "later"),
    lambda tx, job: jobs.error(tx, job.id, "w", "bad"),
    lambda tx, job: None,
)


def hold(world: Any, case: UUID, seed: int) -> None:
    one = running(world, case)[seed % len(running(world, case))]
    world.run("adm", lambda tx: instances.suspend(tx, one, "x"))


def release(world: Any, case: UUID, seed: int) -> None:
    for one in running(world, case):
        if world.view(one).suspended:
            world.run("adm", lambda tx, one=one: instances.resume(tx, one, "x"))


def skip_inside(world: Any, case: UUID, seed: int) -> None:
    """An operator passes over whatever the case waits for."""
    one = running(world, case)[seed % len(running(world, case))]
    tokens = world.view(one).tokens
    if tokens:
        token = tokens[seed % len(tokens)]
        world.run("adm", lambda tx: instances.skip(tx, one, token.activation, "x", dry_run=True))
        world.run("adm", lambda tx: instances.skip(tx, one, token.activation, "x"))


def back(world: Any, case: UUID, seed: int) -> None:
    """An operator lets what waits begin again where it stands."""
    one = running(world, case)[seed % len(running(world, case))]
    tokens = world.view(one).tokens
    if tokens:
        token = tokens[seed % len(tokens)]
        world.run("adm", lambda tx: instances.move(tx, one, [token.activation], token.node_id, "again"))


def jump(world: Any, case: UUID, seed: int) -> None:
    """The clock is set: days ahead, or back."""
    world.pass_time(days=seed % 8 - 2, hours=seed % 5)


def crowd(world: Any, case: UUID, seed: int) -> None:
    """Six workers and people on one case at once."""
    rng = Random(seed)
    together([partial(_in_crowd, world, case, rng.choice(_CROWD), rng.randrange(10**6)) for _ in range(6)])


def _in_crowd(world: Any, case: UUID, name: str, seed: int) -> None:
    if running(world, case):
        happen(world, case, name, seed)
    world.drain()


def together(actions: Sequence[Callable[[], object]]) -> None:
    """All of them in the same moment; who is refused is told so, anything else is raised."""
    failed: list[Exception] = []

    def attempt(action: Callable[[], object]) -> None:
        try:
            action()
        except UserError:
            return
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=attempt, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def cancel(world: Any, case: UUID, seed: int) -> None:
    """An operator ends a called case, or all of it."""
    one = running(world, case)[seed % len(running(world, case))]
    if one != case or seed % 4 == 0:
        world.run("adm", lambda tx: instances.cancel(tx, one, "x"))


def settle(world: Any, case: UUID, seed: int) -> None:
    """A person decides about messages that several wait for: to look again, for nobody, or for one of them."""
    for row in world.run("adm", messages.undelivered_messages):
        to = row.receivers[seed % len(row.receivers)].instance_id if row.receivers else None
        decision = ("again", "drop", "give" if to else "drop")[seed % 3]
        world.run("adm", partial(messages.settle_message, incident_id=row.id, decision=decision, reason="x", to=to))


def two_at_once(world: Any, case: UUID, seed: int) -> None:
    """Two people act on the same task in the same moment; at most the slower one is told so."""
    live = [row for row in rows_of(world, case) if row.status == "open"]
    if not live:
        return
    row = live[seed % len(live)]
    who = actor_of(world, row)
    names = [_BOTH[seed % len(_BOTH)], _BOTH[seed // 7 % len(_BOTH)]]
    together([partial(_on_task, world, who, row, name, seed // 3 + place) for place, name in enumerate(names)])


def _on_task(world: Any, who: str, row: Any, name: str, seed: int) -> None:
    world.run(who, lambda tx: ACTS[name](tx, row, PEOPLE[seed % len(PEOPLE)], seed))


_BOTH = ("complete", "complete", "transfer", "return", "claim", "before", "save", "delegate", "reject", "withdraw")
_CROWD = ("complete", "complete", "complete", "send", "time", "report", "flag", "withdraw", "return", "unvote", "after")
SURPRISES: dict[str, Callable[[Any, UUID, int], None]] = {
    "send": send,
    "flag": flag,
    "spoil": spoil,
    "retry": retry,
    "report": report,
    "hold": hold,
    "release": release,
    "skip_inside": skip_inside,
    "cancel": cancel,
    "settle": settle,
    "two": two_at_once,
    "back": back,
    "jump": jump,
    "crowd": crowd,
}
OFTEN = ["complete", "complete", "complete", "complete", "send", "send", "flag", "report", "time", "return", "withdraw"]
SELDOM = [*(name for name in (*ON_CASE, *ACTS) if name != "move"), "release", *SURPRISES]


def happen(world: Any, case: UUID, name: str, seed: int) -> None:
    """One operation or surprise; what is not allowed there is refused and changes nothing."""
    if name in SURPRISES:
        SURPRISES[name](world, case, seed)
    else:
        apply(world, case, name, seed)
