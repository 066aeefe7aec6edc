"""The kept inputs: one line of base64 each, a file a target."""

import base64
from collections.abc import Iterable
from pathlib import Path


def kept(target: str) -> list[bytes]:
    """All of a target."""
    path = _file(target)
    return [base64.b64decode(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def keep(target: str, inputs: Iterable[bytes], number: int) -> None:
    """Add some of the inputs, from the shortest to the longest; what is kept stays."""
    before = kept(target)
    found = sorted(set(inputs) - set(before), key=lambda data: (len(data), data))
    found = found[:: max(1, len(found) // number)][:number]
    lines = [base64.b64encode(data).decode("ascii") for data in (*before, *found)]
    _file(target).write_text("".join(f"{line}\n" for line in lines), "ascii")


def _file(target: str) -> Path:
    return Path(__file__).with_name("kept") / f"{target}.txt"
