"""Runs every benchmark of this folder; writes docs/benchmarks.md and the curves of docs/benchmarks/.

`python -m bench` runs all, in about a quarter of an hour; `--quick` takes smaller tables, in about five minutes;
`python -m bench http_list swipe_sms` runs only these and writes nothing.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
REPORT = FOLDER.parent / "docs" / "benchmarks.md"
CURVES = FOLDER.parent / "docs" / "benchmarks"
QUICK = {
    "engine_durable": ["--steps", "240"],
    "engine_inbox": ["--tasks", "200000"],
    "engine_memory": ["--instances", "150"],
    "engine_timers": ["--timers", "20000"],
    "http_complete": ["--tasks", "360"],
}
DRAWN = ("engine_durable", "engine_memory")
PICTURES = (
    ("durable.svg", "durable steps a second over the number of workers, beside the bare SQL statement"),
    ("multi-instance.svg", "CPU of a stored step over 2,000 items of a multi-instance activity"),
    ("loop.svg", "CPU of a stored step over 10,000 rounds of a loop"),
)


def main(arguments: list[str]) -> int:
    """Each benchmark in a process of its own; 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(arguments)
    names = asked.names or sorted(path.stem for path in FOLDER.glob("*_*.py") if not path.stem.startswith("_"))
    parts, failed = [_heading(asked.quick)], False
    for name in names:
        options = [*(QUICK.get(name, []) if asked.quick else [])]
        if not asked.names and name in DRAWN:
            options += ["--curves", str(CURVES)]
        shown, is_right = _run(name, options)
        failed = failed or not is_right
        parts.append(f"## {name}\n\n```\n{shown}\n```\n")
    if not asked.names:
        REPORT.write_text("\n".join([*parts, _pictures()]), "utf-8")
    return int(failed)


def _run(name: str, options: list[str]) -> tuple[str, bool]:
    """What the benchmark printed, and whether it came to its end."""
    begun = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *options],
        capture_output=True,
        text=True,
        cwd=FOLDER.parent,
        env={**os.environ, "PYTHONPATH": str(FOLDER.parent)},
        check=False,
    )
    print(f"{name} ({time.monotonic() - begun:.0f} s)\n{found.stdout}", flush=True)
    if found.returncode:
        print(found.stderr, file=sys.stderr)
    return found.stdout.strip() or "failed", not found.returncode


def _heading(is_quick: bool) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.machine()}, Python {platform.python_version()}"
    how = "python -m bench --quick" if is_quick else "python -m bench"
    return (
        "# Benchmarks\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, PostgreSQL of the embedded wheel. Written by `{how}`;\n"
        "each figure stands beside its floor or its peer of the same run.\n"
    )


def _pictures() -> str:
    lines = [f"![{told}](benchmarks/{name})" for name, told in PICTURES if (CURVES / name).exists()]
    return "\n\n".join(["## Curves", *lines]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
