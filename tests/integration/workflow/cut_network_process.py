"""A web process whose network to the database goes down: `python cut_network_process.py URL NOW TASK`.

To be run in a network namespace of its own (`unshare --net`). The database is reached over TCP through a relay, so that
taking the loopback device down swallows every packet, as a pulled cable does. KILL_AT names the point, CUT_S how long
the cable is out. Prints the outcome as JSON: what the person was told, seconds until then; stands until told to end.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from uuid import UUID

import worker_process  # type: ignore[import-not-found]
from conftest import user  # type: ignore[import-not-found]
from sqlalchemy.engine import make_url

from engine.kernel.errors import SchoolflowError
from engine.workflow import tasks

PATIENCE_S = 2


def device(state: str) -> None:
    """Loopback up or down."""
    subprocess.run(["/usr/sbin/ip", "link", "set", "lo", state], check=True)


def cut() -> None:
    """Pull the cable once; it is put back after a while."""
    worker_process.KILL_AT = ""
    device("down")
    back = threading.Timer(float(os.environ["CUT_S"]), device, ["up"])
    back.daemon = True
    back.start()


def relay(path: str) -> int:
    """The port of a relay to the server's socket."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            near, _ = server.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(path)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=copy, args=(source, target), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(server.getsockname()[1])


def copy(source: socket.socket, target: socket.socket) -> None:
    """Everything from one to the other; then the other is told that it is over."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def main() -> None:
    """Complete the task while the network goes."""
    url, now, task_id = make_url(sys.argv[1]), sys.argv[2], UUID(sys.argv[3])
    device("up")
    port = relay(f"{url.query['host']}/.s.PGSQL.5432")
    near = url.set(host="127.0.0.1", port=port, query={}).render_as_string(False)
    boundary = worker_process.opened(near, now, patience_s=PATIENCE_S)
    boundary.engine.connect().close()
    worker_process.kill = cut
    began, told = time.monotonic(), "done"
    try:
        boundary.run(user("ann"), lambda tx: tasks.complete(tx, task_id))
    except SchoolflowError as error:
        told = error.code
    print(json.dumps({"told": told, "seconds": time.monotonic() - began}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
