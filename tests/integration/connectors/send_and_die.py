"""A worker that is killed while its peer takes a message; run as a process of its own by `test_outbox.py`."""

import os
import signal
import sys
from uuid import UUID

from engine.kernel.clock import FixedClock
from engine.kernel.connector import Outbound
from engine.kernel.database import open_engine
from engine.kernel.delivery import drain_outbox
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.uow import Boundary, SilentWaker
from tests.integration.connectors.peers import Scripted, live, sent
from tests.unit.connectors.lent import NOW


def die(out: Outbound) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    database_url, connector_id, knows_repeats = sys.argv[1:]
    boundary = Boundary(open_engine(database_url), FixedClock(NOW), SilentWaker())
    peer = Scripted(sent())
    peer.before_answer = die
    drain_outbox(boundary, live(UUID(connector_id), peer, SendPolicy(idempotent=knows_repeats == "yes")))


if __name__ == "__main__":
    main()
