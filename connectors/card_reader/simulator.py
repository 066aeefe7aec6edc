"""A card reader without hardware: writes real RDM6300 frames to a pseudo-terminal.

`python -m connectors.card_reader.simulator serve --link PORT --control SOCKET` runs it;
`python -m connectors.card_reader.simulator swipe --control SOCKET 0008075634` holds a card to it. Other commands:
`damage` (a frame with a wrong checksum), `noise HEX`, `unplug`, `plug`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from connectors.card_reader.decoding import em4100_frame
from connectors.simulators import control
from connectors.simulators.pty_port import PtyPort
from engine.kernel.card_number import canonical

REPEATS = 4
REPEAT_S = 0.06
VERSION = 0x6F


def swipe(control_path: Path, card: str) -> str:
    """Hold a card to a running simulator; any printed form of the number works."""
    return control.tell(control_path, "swipe", card)


def serve(link: Path, control_path: Path) -> None:
    """Run until SIGTERM or SIGINT."""
    control.block_stop()
    port = PtyPort(link)
    server = control.serve(
        control_path,
        {
            "swipe": lambda words: _swipe(port, words[0]),
            "damage": lambda words: _write(port, b"\x02" + b"6F007B39725E" + b"\x03"),
            "noise": lambda words: _write(port, bytes.fromhex(words[0])),
            "unplug": lambda words: _done(port.unplug),
            "plug": lambda words: _done(port.plug),
            "ping": lambda words: "ok",
        },
    )
    control.wait_for_stop()
    server.close()
    port.unplug()
    control_path.unlink(missing_ok=True)


def _swipe(port: PtyPort, card: str) -> str:
    key = canonical(card)
    identity = int(key[1:], 16) if key.startswith("W") else int(key, 16)
    for _repeat in range(REPEATS):
        port.write(em4100_frame(VERSION, identity & 0xFFFFFFFF))
        time.sleep(REPEAT_S)
    return f"ok {key}"


def _write(port: PtyPort, data: bytes) -> str:
    port.write(data)
    return "ok"


def _done(action: Callable[[], None]) -> str:
    action()
    return "ok"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.card_reader.simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("serve")
    running.add_argument("--link", type=Path, required=True)
    running.add_argument("--control", type=Path, required=True)
    for name in ("swipe", "damage", "noise", "unplug", "plug"):
        one = commands.add_parser(name)
        one.add_argument("--control", type=Path, required=True)
        one.add_argument("words", nargs="*")
    told = parser.parse_args()
    if told.command == "serve":
        serve(told.link, told.control)
        return 0
    answer = control.tell(told.control, told.command, *told.words)
    sys.stdout.write(answer + "\n")
    return 0 if answer.startswith("ok") else 1


if __name__ == "__main__":
    sys.exit(main())
