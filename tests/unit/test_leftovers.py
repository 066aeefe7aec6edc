"""What killed test runs leave behind is swept by the next one."""

import os
import subprocess
import sys
from pathlib import Path

from tests.leftovers import make_folder


def test_folder_of_a_process_that_is_gone_is_swept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"schoolflow-test-{gone.pid}-abc"
    (left / "postgres").mkdir(parents=True)
    make_folder(tmp_path)
    assert not left.exists()


def test_folders_of_living_processes_and_of_others_stay(tmp_path: Path) -> None:
    stay = [tmp_path / name for name in (f"schoolflow-test-{os.getppid()}-abc", "schoolflow-test-abc", "other-1-abc")]
    for folder in stay:
        folder.mkdir()
    mine = make_folder(tmp_path)
    assert mine.name.startswith(f"schoolflow-test-{os.getpid()}-")
    assert sorted(tmp_path.iterdir()) == sorted([*stay, mine])
