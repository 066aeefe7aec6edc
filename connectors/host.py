"""The connectors of one process: built from their rows, polled in threads, each by one process at a time.

`Fleet` gives the live connectors; `Supervisor` runs those that poll or own a port. The worker starts both.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from connectors.http_client import GuardedHttp
from connectors.ports import open_serial
from connectors.registry import Kind, kinds
from engine.kernel import connector_store, delivery_health
from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.connector import ConnectorFault, Ctx, Health, HealthState, Polled
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.delivery import Live, drain_outbox, take_in
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.secrets import Vault, redact
from engine.kernel.uow import Boundary, Unavailable

log = logging.getLogger(__name__)

LEASE_S = 30.0
LOOK_S = 2.0
POLL_LIMIT = 100
RECONNECT_CAP_S = 30.0


def build_live(row: ConnectorRow, vault: Vault, boundary: Boundary) -> Live:
    """A usable connector from its row. Does no I/O.

    Raises:
        KeyError: the kind is no longer installed.
        SetupError: the secrets cannot be decrypted.
    """
    kind: Kind = kinds()[row.kind]
    ctx = Ctx(
        connector_id=str(row.id),
        clock=boundary.clock,
        http=GuardedHttp(frozenset(row.config.get("allow_hosts", ()))),
        serial_open=open_serial,
        log=logging.getLogger(f"connectors.{row.kind}"),
        rng=random.Random(),  # noqa: S311 - jitter and choice, not a secret
    )
    config = {"zone": row.zone, **with_defaults(kind, row.config), **vault.open(row.sealed)}
    manifest = kind.manifest
    policy = SendPolicy(
        idempotent=manifest.idempotent_send,
        exclusive=manifest.exclusive,
        collected=manifest.collected,
        rate_per_s=manifest.rate_per_s,
        burst=manifest.burst,
    )
    return Live(row.id, row.name, kind.connector(config, ctx), policy)


def with_defaults(kind: Kind, config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration completed by what the kind's schema says of fields left out."""
    properties: Mapping[str, Mapping[str, Any]] = kind.connector.config_schema["properties"]
    given = {name: field["default"] for name, field in properties.items() if "default" in field}
    return {**given, **config}


class Fleet:
    """The enabled connectors, rebuilt when their rows change. Safe to use from several threads."""

    def __init__(self, boundary: Boundary, vault: Vault) -> None:
        self._boundary, self._vault = boundary, vault
        self._lock = threading.Lock()
        self._built: dict[UUID, tuple[int, ConnectorRow, Live]] = {}
        self._broken: dict[UUID, int] = {}

    def refresh(self) -> Mapping[UUID, Live]:
        """The live connectors by id, as the rows are now. One that cannot be built is reported, not raised."""
        rows = self._boundary.run(SYSTEM, lambda tx: connector_store.all_rows(tx, enabled_only=True))
        with self._lock:
            gone = set(self._built) - {row.id for row in rows}
            for connector_id in gone:
                self._built.pop(connector_id)[2].connector.close()
            for row in rows:
                self._build(row)
            return {key: live for key, (_version, _row, live) in self._built.items()}

    def rows(self) -> list[ConnectorRow]:
        """The rows behind the live connectors, as of the last refresh."""
        with self._lock:
            return [row for _version, row, _live in self._built.values()]

    def _build(self, row: ConnectorRow) -> None:
        known = self._built.get(row.id)
        if (known is not None and known[0] == row.version) or self._broken.get(row.id) == row.version:
            return
        if known is not None:
            known[2].connector.close()
            del self._built[row.id]
        try:
            live = build_live(row, self._vault, self._boundary)
        except Exception as fault:
            self._broken[row.id] = row.version
            log.error("connector %s (%s) cannot be built: %s", row.name, row.kind, fault)
            health = Health(HealthState.DOWN, "bad_config", {"error": str(fault)[:300]})
            self._boundary.run(SYSTEM, lambda tx: delivery_health.report(tx, row.id, health))
            return
        self._built[row.id] = (row.version, row, live)


@dataclass(frozen=True, slots=True)
class _Runner:
    version: int
    stop: threading.Event
    thread: threading.Thread


def check_now(boundary: Boundary, live: Live, *, deep: bool = False) -> Health:
    """How a connector does. One whose port another process owns is judged by what that process last said."""
    manifest = kinds()[live.connector.kind].manifest
    if manifest.exclusive:
        return boundary.run(live.actor, lambda tx: delivery_health.stored(tx, live.id))
    try:
        return live.connector.check(deep)
    except ConnectorFault as fault:
        return Health(HealthState.DOWN, fault.code, {"error": redact(fault.detail)[:300]})


class Supervisor:
    """One thread per connector that polls; a lease in the database keeps other processes off the same port."""

    def __init__(self, boundary: Boundary, vault: Vault, owner: str | None = None) -> None:
        self._boundary, self._vault = boundary, vault
        self._owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self._runners: dict[UUID, _Runner] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the connector rows and run what they ask for, in the background."""
        self._thread = threading.Thread(target=self._watch, name="connector-supervisor", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop all threads, release ports and leases."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        for runner in self._runners.values():
            runner.stop.set()
        for runner in self._runners.values():
            runner.thread.join(timeout_s)

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Unavailable:
                log.warning("the database is away; connectors keep what they have")
            except Exception:
                log.exception("the connector supervisor failed; it goes on")
            self._stop.wait(LOOK_S)

    def look(self) -> None:
        """Start, restart and stop threads so that they match the rows."""
        rows = self._boundary.run(SYSTEM, lambda tx: connector_store.all_rows(tx, enabled_only=True))
        wanted = {row.id: row for row in rows if row.kind in kinds() and kinds()[row.kind].manifest.polls}
        for connector_id, runner in list(self._runners.items()):
            row = wanted.get(connector_id)
            if row is None or row.version != runner.version or not runner.thread.is_alive():
                runner.stop.set()
                runner.thread.join(5.0)
                if not runner.thread.is_alive():
                    del self._runners[connector_id]
        for connector_id, row in wanted.items():
            if connector_id not in self._runners and self._lease(connector_id):
                self._runners[connector_id] = self._start(row)

    def _lease(self, connector_id: UUID) -> bool:
        return self._boundary.run(SYSTEM, lambda tx: delivery_health.take_lease(tx, connector_id, self._owner, LEASE_S))

    def _start(self, row: ConnectorRow) -> _Runner:
        stop = threading.Event()
        loop = PollLoop(self._boundary, self._vault, row, self._owner)
        thread = threading.Thread(target=loop.run, args=(stop,), name=f"connector-{row.name}", daemon=True)
        thread.start()
        return _Runner(row.version, stop, thread)


class PollLoop:
    """Polls one connector until told to stop: commit what came, then acknowledge, then send what waits."""

    def __init__(self, boundary: Boundary, vault: Vault, row: ConnectorRow, owner: str) -> None:
        self._boundary, self._vault, self._row, self._owner = boundary, vault, row, owner
        self._failures = 0
        self._told = HealthState.DISABLED
        self._code = ""
        self._leased_at_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """The thread's body."""
        actor = SYSTEM
        live: Live | None = None
        try:
            live = build_live(self._row, self._vault, self._boundary)
            actor = live.actor
            while not stop.is_set() and self._keep_lease(actor):
                stop.wait(self.round(live, stop))
        except Exception as fault:
            log.exception("connector %s stopped", self._row.name)
            self._report(actor, Health(HealthState.DOWN, "internal", {"error": type(fault).__name__}))
        finally:
            if live is not None:
                _quietly(live.connector.close)
            drop = self._row.id
            _quietly(lambda: self._boundary.run(actor, lambda tx: delivery_health.drop_lease(tx, drop, self._owner)))

    def round(self, live: Live, stop: threading.Event) -> float:
        """One poll and one drain; returns the seconds to wait before the next."""
        try:
            cursor = self._boundary.run(live.actor, lambda tx: delivery_health.cursor(tx, live.id))
            polled = live.connector.poll(cursor, POLL_LIMIT)
            self.commit(live, polled, stop)
            if live.policy.exclusive and kinds()[self._row.kind].manifest.sends:
                drain_outbox(self._boundary, {live.id: live}, exclusive=True)
            self._report(live.actor, live.connector.check())
        except ConnectorFault as fault:
            self._failures += 1
            facts = {"error": redact(fault.detail)[:300], "failures": self._failures}
            self._report(live.actor, Health(HealthState.DOWN, fault.code, facts))
            return min(RECONNECT_CAP_S, 2.0 ** min(self._failures - 1, 5))
        except Unavailable:
            log.warning("%s: the database is away", live.name)
            return 2.0
        self._failures = 0
        return float(with_defaults(kinds()[self._row.kind], self._row.config).get("poll_s", 0))

    def commit(self, live: Live, polled: Polled, stop: threading.Event) -> None:
        """Keep the events in memory until the database takes them: a reader does not send a swipe twice."""
        while True:
            try:
                take_in(self._boundary, live, polled)
                return
            except Unavailable:
                log.warning("%s: %d events wait for the database", live.name, len(polled.items))
                if stop.wait(1.0):
                    raise

    def _keep_lease(self, actor: Actor) -> bool:
        now_s = self._boundary.clock.now().timestamp()
        if now_s - self._leased_at_s < LEASE_S / 3:
            return True
        try:
            kept = self._boundary.run(
                actor, lambda tx: delivery_health.take_lease(tx, self._row.id, self._owner, LEASE_S)
            )
        except Unavailable:
            return True
        self._leased_at_s = now_s
        return kept

    def _report(self, actor: Actor, health: Health) -> None:
        """Store the state when it changes, so that an idle reader does not write every second."""
        if (health.state, health.code) == (self._told, self._code):
            return
        log.log(
            logging.INFO if health.state is HealthState.OK else logging.WARNING,
            "connector %s is %s %s", self._row.name, health.state, health.code,
        )  # fmt: skip
        _quietly(lambda: self._boundary.run(actor, lambda tx: delivery_health.report(tx, self._row.id, health)))
        self._told, self._code = health.state, health.code


def _quietly(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception:
        log.debug("while closing", exc_info=True)
