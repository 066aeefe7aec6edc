"""What the command says where it cannot run: another package in place of a room, or the engine alone installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from webapp.cli.rooms import require_packages

ROOT = Path(__file__).parents[3]


def test_command_refuses_another_package_in_place_of_a_room(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").touch()
    start = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import webapp.cli"
    answer = subprocess.run([sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert f"The package engine comes from {tmp_path / 'engine'}, expected {ROOT / 'engine'}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_command_says_how_to_install_the_school(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        require_packages(("click", "no_such_package"))
    assert stopped.value.code == 1
    assert capsys.readouterr().err == (
        "只安装了引擎，缺少 no_such_package：请运行 pip install 'schoolflow[school]'"
        " / Only the engine is installed, no_such_package is missing: run pip install 'schoolflow[school]'\n"
    )


def test_command_starts_where_everything_is_there() -> None:
    require_packages()
