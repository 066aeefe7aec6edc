"""What happens to a wide case besides: its messages leave or do not, people choose steps, operators move its tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from engine.kernel import connector_store, outbox
from engine.kernel.actor import SYSTEM
from engine.kernel.connector import ConnectorBase, Json, Outbound, ReplyLost, SendResult, SendStatus
from engine.kernel.connector_store import ConnectorDraft
from engine.kernel.delivery import Live, drain_outbox
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.secrets import Vault
from engine.workflow import instances, stores
from engine.workflow.instances import adhoc

from .random_surprises import running
from .random_wide import TASKS, renew

_SENT = "select id, state, attempts from outbox order by id"
_UNKNOWN = "select id from outbox where state in ('unknown', 'failed', 'dead') order by id"
_COUNTED = """select count(*) from history h, jsonb_array_elements(h.data->'trail') t
 where h.instance_id in (select id from instance where root_id = any(%(ids)s)) and h.data ? 'trail'
 and t->>0 = 'completed' and t->>1 like 'k%%'"""


@dataclass
class Peer(ConnectorBase):
    """Whom messages go to: what it took is done, whatever becomes of the answer. `moods`: of its next answers."""

    kind: ClassVar[str] = "peer"
    config_schema: ClassVar[Json] = {}
    took: Counter[UUID] = field(default_factory=Counter)
    again: Counter[UUID] = field(default_factory=Counter)
    moods: list[int] = field(default_factory=list)

    def send(self, out: Outbound) -> SendResult:
        """Take it and say so; or take it and be silent; or refuse it for now or for ever."""
        mood = self.moods.pop() if self.moods else 0
        if mood == 2:
            return SendResult(SendStatus.RETRY, code="busy")
        if mood == 3:
            return SendResult(SendStatus.PERMANENT, code="no")
        self.took[out.id] += 1
        if mood == 1:
            raise ReplyLost("gone", "no answer")
        return SendResult(SendStatus.SENT, str(out.id))


PEERS: dict[str, tuple[Peer, dict[UUID, Live]]] = {}
"""By database: the peer, and the fleet of one that reaches it."""


def connect(world: Any) -> Peer:
    """A peer for the messages of this world's cases."""
    database = str(world.boundary.engine.url.database)
    if database not in PEERS:
        PEERS.clear()
        draft = ConnectorDraft(kind="gsm_modem", channel="sms", name="peer", config={}, secrets={})
        row = world.run(SYSTEM, lambda tx: connector_store.create(tx, Vault(["a key for tests"]), draft))
        peer = Peer()
        PEERS[database] = peer, {row.id: Live(row.id, "peer", peer, SendPolicy(rate_per_s=1000, burst=1000))}
    return PEERS[database][0]


def post(world: Any, case: UUID, seed: int) -> None:
    """What waits to be sent is sent, in the mood of the peer."""
    peer = connect(world)
    rng = Random(seed)
    peer.moods[:] = [rng.choice((0, 0, 0, 1, 2, 3)) for _ in range(4)]
    drain_outbox(world.boundary, PEERS[str(world.boundary.engine.url.database)][1], rng=rng)
    peer.moods.clear()


def judge(world: Any, case: UUID, seed: int) -> None:
    """A person decides what became of a message whose fate nobody knows, or sends a refused one again."""
    peer = connect(world)
    for number, (one,) in enumerate(world.sql(_UNKNOWN)):
        decision = ("sent", "again", "failed")[(seed + number) % 3]
        peer.again[one] += decision == "again"
        world.run("adm", partial(outbox.resolve_unknown, outbox_id=one, decision=decision, note="asked"))


def choose(world: Any, case: UUID, seed: int) -> None:
    """Whoever takes part begins a step of an ad-hoc sub-process, or ends it."""
    for one in running(world, case):
        for body in world.run("adm", lambda tx, one=one: adhoc.offers(tx, one)):
            if body.may_finish and seed % 3 == 0:
                world.run("adm", lambda tx, one=one, body=body: adhoc.finish(tx, one, body.activation))
                return
            nodes = [activity.node_id for activity in body.activities if activity.may_begin]
            if nodes:
                node = nodes[seed % len(nodes)]
                world.run("adm", lambda tx, one=one, body=body, node=node: adhoc.begin(tx, one, body.activation, node))
                return


def renew_called(world: Any, case: UUID, seed: int) -> None:
    renew(world)


def pile(world: Any, case: UUID, seed: int) -> None:
    """An operator sets a value too large to lie in the state, or a small one in its place."""
    one = running(world, case)[seed % len(running(world, case))]
    rows = [{"number": number, "text": "twenty letters or so"} for number in range(300 if seed % 3 else 2)]
    world.run("adm", lambda tx: instances.set_variables(tx, one, {"pile": rows, "noted": seed % 10}, "x"))


def wander(world: Any, case: UUID, seed: int) -> None:
    """An operator moves a token to any task; what the preview says is cancelled is, and nothing else of the case."""
    one = running(world, case)[seed % len(running(world, case))]
    view = world.view(one)
    targets = [*TASKS.get(view.process_key, ()), "ask", "end"]
    if not view.tokens or view.process_key not in TASKS:
        return
    token = view.tokens[seed % len(view.tokens)]
    target = targets[seed // 7 % len(targets)]
    moving = partial(instances.move, instance_id=one, cancel=[token.activation], target=target, reason="x")
    shown = world.run("adm", lambda tx: moving(tx, dry_run=True))
    MOVED.add(case)
    world.run("adm", moving)
    still = {row.id for row in world.view(one).tasks if row.status in ("open", "waiting")}
    assert [row.node_id for row in shown.cancels if row.id in still] == [], (token, target)


MOVED: set[UUID] = set()
"""Cases whose tokens an operator has moved where the model would not have: joins may wait for ever."""
REACH: dict[str, Callable[[Any, UUID, int], None]] = {
    "post": post,
    "judge": judge,
    "choose": choose,
    "renew": renew_called,
    "pile": pile,
    "wander": wander,
}


def missent(world: Any) -> list[Any]:
    """Messages the peer took more often than it was asked to by people, or that say `sent` and never left."""
    peer = connect(world)
    found: list[Any] = []
    for one, state, attempts in world.sql(_SENT):
        if peer.took[one] > 1 + peer.again[one]:
            found.append((one, "doubled", peer.took[one]))
        if state in ("queued", "sending") and attempts == 0 and peer.took[one]:
            found.append((one, "taken and not begun", state))
    return found


def miscounted_store(world: Any, key: str, cases: list[UUID]) -> list[Any]:
    """The stores of the process, one a branch, hold as many as its cases have counted."""
    told = world.sql(_COUNTED, ids=cases)[0][0]
    mine = [one.branch_id for one in world.run(SYSTEM, stores.listed) if one.name == f"store_{key}"]
    held = [world.run(SYSTEM, lambda tx, one=one: stores.get(tx, one, f"store_{key}"))[1] for one in mine]
    return [] if sum(map(int, held)) == told else [(held, told)]
