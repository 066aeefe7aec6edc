"""What a worker runs beside the queue: readers of serial ports, the modem, mailboxes."""

import threading
from collections.abc import Callable

from connectors.host import Supervisor
from engine.kernel.secrets import Vault
from engine.kernel.uow import Boundary


def device_companion(boundary: Boundary, vault: Vault) -> Callable[[threading.Event], None]:
    """Runs the connectors that poll or own a port until the event is set."""

    def run(stop: threading.Event) -> None:
        supervisor = Supervisor(boundary, vault)
        supervisor.start()
        try:
            stop.wait()
        finally:
            supervisor.stop()

    return run
