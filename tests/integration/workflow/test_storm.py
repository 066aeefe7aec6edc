"""Random cases of several people in a storm: whatever is killed or cut at whatever moment, nothing is lost or doubled.

Workers and the web process are killed with -9, the database with -9 or told to stop at once, the queue with -9,
connections to both after any byte, while people go on and operators move and migrate cases. Afterwards every rule
holds, what people were told was done is done and nothing else, and every case ends.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import create_engine

from engine.kernel import connector_store, jobs, migrate
from engine.kernel.actor import SYSTEM
from engine.kernel.connector_store import ConnectorDraft
from engine.kernel.database import open_engine
from engine.kernel.errors import UserError
from engine.kernel.secrets import Vault
from engine.kernel.servers.postgres import APPLICATION
from engine.kernel.uow import Boundary, Unavailable
from engine.workflow import deployments, instances, tasks
from engine.workflow.invariants import violations

from . import random_outside, storm_school
from .conftest import World
from .random_checks import miscounted
from .random_events import random_events_block
from .random_outside import MOVED, PEERS, miscounted_store, missent
from .random_play import ended, strands, told_wrongly
from .random_seeds import new_seeds, told_by
from .random_steps import MAPPINGS, NEWER, actor_of, rows_of
from .random_surprises import OFTEN, SELDOM
from .random_wide import TASKS, WIDE, cases_of, deploy_wide
from .storm import KINDS, Storm, storm_of
from .storm_web import ask_until_answered
from .test_random_reach import HELPS, act

_NOT_HERE = ("crowd", "two", "migrate", "go_back", "wander")
"""They take threads of their own, or know what becomes of them because nobody else acts."""
_DONE = [*OFTEN, *OFTEN, *SELDOM, "judge", "choose", "pile", "renew", "change", "change", "undo", "stray"]
NAMES = [name for name in _DONE if name not in _NOT_HERE]


@dataclass
class People:
    """What the people of a storm do until it is over.

    `told`: keys under which they were told that a task is done; `asked`: all they asked under; `failed`: what nobody
    foresaw; `met`: how their operations went; `batches`: migrations by case.
    """

    world: World
    cases: list[UUID]
    web: Path
    over: threading.Event = field(default_factory=threading.Event)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    batches: dict[UUID, UUID] = field(default_factory=dict)

    def live(self, seed: int) -> None:
        """One person after another does something, until the storm is over."""
        rng = Random(seed)
        own = {"complete": self._complete, "change": self._change, "undo": self._undo, "stray": self._stray}
        while not self.over.is_set():
            name, case = rng.choice(NAMES), rng.choice(self.cases)
            try:
                if name in own:
                    own[name](case, rng)
                else:
                    act(self.world, case, name, rng.randrange(10**6))
                self.met["done"] += 1
            except UserError:
                self.met["refused"] += 1
            except Unavailable:
                self.met["unavailable"] += 1
            except ZeroDivisionError:
                self.met["over"] += 1  # the case has ended: nothing of it is left to choose from
            except Exception:
                self.failed.append(f"{name}\n{traceback.format_exc()}")

    def _complete(self, case: UUID, rng: Random) -> None:
        """Over HTTP, asked until there is an answer."""
        live = [row for row in rows_of(self.world, case) if row.status == "open" and not row.delegated_by]
        if not live:
            return
        row = rng.choice(live)
        outcome = self.world.run(SYSTEM, lambda tx: tasks.get(tx, row.id)).outcomes[0].name
        body = {"task": str(row.id), "who": actor_of(self.world, row), "outcome": str(outcome)}
        key = f"{row.id} {rng.randrange(10**9)}"
        self.asked.append(key)
        status, times = ask_until_answered(self.web, body, key)
        self.met["asked again"] += times > 1
        if status == 200:
            self.told.append(key)
        elif status >= 500:
            self.failed.append(f"complete: {status}")

    def _change(self, case: UUID, rng: Random) -> None:
        """An operator brings the case to the newer version."""
        key = self.world.view(case).process_key
        newer, older = [one.id for one in self.world.run("adm", lambda tx: deployments.versions(tx, key))][:2]
        change = partial(instances.migrate, from_version_id=older, to_version_id=newer, mapping=MAPPINGS[key])
        self.batches[case] = self.world.run("adm", lambda tx: change(tx, ids=[case])).batch_id

    def _undo(self, case: UUID, rng: Random) -> None:
        """And back."""
        if case in self.batches:
            self.world.run("adm", lambda tx: instances.undo_migration(tx, self.batches[case]))

    def _stray(self, case: UUID, rng: Random) -> None:
        """An operator moves a token to any task."""
        view = self.world.view(case)
        if view.tokens:
            token, target = rng.choice(view.tokens), rng.choice([*TASKS[view.process_key], "end"])
            MOVED.add(case)
            self.world.run("adm", lambda tx: instances.move(tx, case, [token.activation], target, "x"))


def school(storm: Storm) -> World:
    """The world of this process: behind the relay, with the clock of all."""
    owner = create_engine(storm.database.owner_url)
    migrate.upgrade(owner, APPLICATION)
    owner.dispose()
    handlers, store = storm_school.install()
    clock = storm_school.SharedClock(storm.home / "clock")
    engine = open_engine(storm.url, patience_s=storm_school.PATIENCE_S)
    boundary = Boundary(engine, clock, jobs.RqWaker(jobs.connect(storm.valkey)))
    return World(boundary, clock, store, handlers)  # type: ignore[arg-type]


def connect(world: World, home: Path) -> UUID:
    """The peer of the storm, for this process too."""
    draft = ConnectorDraft(kind="gsm_modem", channel="sms", name="peer", config={}, secrets={})
    row = world.run(SYSTEM, lambda tx: connector_store.create(tx, Vault(["a key for tests"]), draft))
    sender = storm_school.live(row.id, home)
    PEERS.clear()
    assert isinstance(sender.connector, random_outside.Peer)
    PEERS[str(world.boundary.engine.url.database)] = sender.connector, {row.id: sender}
    return row.id


def endure(home: Path, seed: int, wanted: int, people: int = 3) -> tuple[Counter[str], Counter[str]]:
    """Four cases of two models in a storm; what people met with, what was killed. The servers are new for each seed."""
    rng = Random(seed)
    before = dict(PEERS)
    with storm_of(home, rng) as storm:
        world = school(storm)
        for old in ("took", "errors"):
            (home / old).unlink(missing_ok=True)
        connector_id = connect(world, home)
        keys = [deploy_wide(world, random_events_block(rng, 3, WIDE), rng, rng.randrange(10**9)) for _ in range(2)]
        cases = [world.start(key) for key in keys * 2]
        world.deploy(*(NEWER[key].pop() for key in keys))
        for case in cases:
            values = {"case": str(case)}
            world.run("adm", partial(instances.set_variables, instance_id=case, variables=values, reason="x"))
        storm.spawn(str(connector_id), 3)
        met = People(world, cases, storm.door)
        blow(storm, met, people, wanted)
        storm.calm()
        settle(storm, world, met, cases)
        check(world, home, keys)
        world.boundary.engine.dispose()
    PEERS.clear()
    PEERS.update(before)
    return met.met, storm.killed


def blow(storm: Storm, met: People, people: int, wanted: int) -> None:
    """People act, and after a few of their operations something breaks; or after a while, should they wait.

    wanted: operations that must have been done before it is over; everything has broken by then.
    """
    threads = [threading.Thread(target=met.live, args=(storm.rng.randrange(10**9),)) for _ in range(people)]
    for thread in threads:
        thread.start()
    pause = threading.Event()
    while not met.failed and (met.met["done"] < wanted or storm.killed.total() < len(KINDS)):
        patience = time.monotonic() + 2
        after = met.met.total() + storm.rng.randrange(12)
        while met.met.total() < after and time.monotonic() < patience:
            pause.wait(storm.rng.uniform(0, 0.05))
        storm.strike()
    met.over.set()
    for thread in threads:
        thread.join()


def settle(storm: Storm, world: World, met: People, cases: list[UUID]) -> None:
    """The sea is calm: nobody met what nobody foresaw, and what was acknowledged has been done."""
    assert met.failed == []
    errors = storm.home / "errors"
    assert not errors.exists() or errors.read_text() == ""
    took = storm.home / "took"
    noted = took.read_bytes() if took.exists() else b""
    peer = next(iter(PEERS.values()))[0]
    peer.took = Counter(UUID(bytes=noted[at : at + 16]) for at in range(0, len(noted), 16))
    world.boundary.engine.dispose()
    assert world.run(SYSTEM, violations) == []
    assert missent(world) == []
    assert misremembered(world, met) == []
    for case in cases:
        assert miscounted(world, case) == []
        assert case in MOVED or strands(world, case) == []


_SAID = """select v.comment, t.status from task_vote v join user_task t on t.id = v.task_id
 where v.comment = any(%(keys)s)
 union all select e.comment, 'decided' from task_event e where e.kind = 'decided_awaiting_signers'
 and e.comment = any(%(keys)s) and not exists (select 1 from task_vote v where v.comment = e.comment)"""


def misremembered(world: World, met: People) -> list[object]:
    """Tasks somebody was told are done and are not on record as his, or are and he was not told; or are not done.

    Each decision carries the key it was asked under. One that waits for signers behind it is on record as such; should
    a signer overrule it, that signer's words stand in its vote.
    """
    said = Counter(key for key, _ in world.sql(_SAID, keys=met.asked))
    told = Counter(met.told)
    undone = [tuple(row) for row in world.sql(_SAID, keys=met.asked) if row[1] not in ("done", "decided")]
    return [*((key, told[key], said[key]) for key in told | said if told[key] != said[key]), *undone]


def check(world: World, home: Path, keys: list[str]) -> None:
    """Every case comes to its end, and all that was done is told once."""
    for key in keys:
        found = cases_of(world, key)
        assert [one for one in found if not ended(world, one, HELPS)] == []
        assert [*told_wrongly(world, key, found), *miscounted_store(world, key, found)] == []
    assert missent(world) == []


@pytest.mark.timeout(300)
def test_storm_loses_and_doubles_nothing(server_home: Path) -> None:
    met, killed = endure(_home(server_home), seed=1, wanted=20)
    assert met["done"] >= 20 and set(killed) == set(KINDS)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(400))
def test_many_storms_lose_and_double_nothing(server_home: Path, batch: int) -> None:
    """New seeds in every run; a seed repeats models and moves, not the moments."""
    for seed in new_seeds(1):
        with told_by(seed):
            met, killed = endure(_home(server_home), seed, wanted=400, people=4)
            print(f"storm {seed}: {dict(met)}, struck {killed}")


def _home(server_home: Path) -> Path:
    home = server_home / "storm"
    home.mkdir(exist_ok=True)
    return home
