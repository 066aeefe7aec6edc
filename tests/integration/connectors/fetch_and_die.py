"""A worker that fetches mail and is killed at a chosen moment; run as a process of its own by `test_mail.py`."""

import os
import signal
import sys
from dataclasses import replace
from uuid import UUID

from connectors.email.connector import Email
from engine.kernel import delivery_health
from engine.kernel.clock import SystemClock
from engine.kernel.database import open_engine
from engine.kernel.delivery import Live, take_in
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.uow import Boundary, SilentWaker
from tests.integration.connectors.peers import real_context


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    database_url, connector_id, port, moment = sys.argv[1:]
    boundary = Boundary(open_engine(database_url), SystemClock(), SilentWaker())
    config = {
        "from_address": "school@qiming.example", "smtp_host": "127.0.0.1", "pop3_host": "127.0.0.1",
        "pop3_port": int(port), "pop3_security": "none", "pop3_user": "school", "pop3_password": "school",
    }  # fmt: skip
    live = Live(UUID(connector_id), "邮件", Email(config, real_context()), SendPolicy())
    cursor = boundary.run(live.actor, lambda tx: delivery_health.cursor(tx, live.id))
    polled = live.connector.poll(cursor, 10)
    if moment == "before commit":
        die()
    take_in(boundary, live, replace(polled, acknowledge=die))


if __name__ == "__main__":
    main()
