"""Runs every benchmark of this folder and writes docs/benchmarks.md with the machine and the day.

`python -m bench` runs all; `python -m bench http_list swipe_sms` only these.
"""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
REPORT = FOLDER.parent / "docs" / "benchmarks.md"


def main(wanted: list[str]) -> int:
    """Each benchmark in a process of its own; 1 when one of them failed."""
    names = wanted or sorted(path.stem for path in FOLDER.glob("*_*.py") if not path.stem.startswith("_"))
    parts, failed = [_heading()], False
    for name in names:
        found = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"],
            capture_output=True,
            text=True,
            cwd=FOLDER.parent,
            env={**os.environ, "PYTHONPATH": str(FOLDER)},
            check=False,
        )
        print(found.stdout, end="", flush=True)
        if found.returncode:
            failed = True
            print(found.stderr, file=sys.stderr)
        shown = found.stdout.strip() or "failed"
        parts.append(f"## {name}\n\n```\n{shown}\n```\n")
    if not wanted:
        REPORT.write_text("\n".join(parts), "utf-8")
    return int(failed)


def _heading() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.machine()}, Python {platform.python_version()}"
    return (
        "# Benchmarks\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {machine}, PostgreSQL of the embedded wheel. Written by `python -m bench`;\n"
        "each figure stands beside its floor of the same run.\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
