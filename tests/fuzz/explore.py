"""Coverage-guided search for inputs that break a parser: `make fuzz`, or `python -m tests.fuzz.explore TARGET SECONDS`.

Starts from the kept inputs and ends with exit code 0, or with the traceback and the input of what is not answered as it
should be. `--keep N` adds N of the inputs that reached new code to the kept ones.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.corpus import keep, kept

_LONGEST = 2_000
_WORKER = "tests.fuzz.worker"


def main() -> int:
    """Search; see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target")
    parser.add_argument("seconds", type=int)
    parser.add_argument("--keep", type=int, default=0, metavar="N")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "inputs")
        folder.mkdir()
        for number, data in enumerate(kept(wanted.target)):
            (folder / f"kept-{number}").write_bytes(data)
        limits = [f"-max_total_time={wanted.seconds}", "-timeout=20", "-rss_limit_mb=2048", f"-max_len={_LONGEST}"]
        quiet = ["-verbosity=0", f"-artifact_prefix={name}/", str(folder)]
        command = [sys.executable, "-m", _WORKER, wanted.target, *limits, *quiet]
        ended = subprocess.run(command, check=False).returncode
        if wanted.keep:
            keep(wanted.target, [path.read_bytes() for path in folder.iterdir()], wanted.keep)
    return ended


if __name__ == "__main__":
    sys.exit(main())
