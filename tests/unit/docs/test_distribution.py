"""What a wheel carries and asks for: every file the rooms read, and few packages for the engine alone."""

import json
import subprocess
import sys

import pytest
from setuptools import Distribution

from tests.unit.docs.places import ROOMS, ROOT

# What only building the front end and its texts needs, and what is made on the way.
NOT_CARRIED = ("webapp/frontend/", "webapp/babel.cfg", "webapp/static/build/")
ENGINE_ALONE = """
import json, sys
before = set(sys.modules)
import engine.feel, engine.workflow, engine.workflow.bpmn.schema
names = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print(json.dumps(sorted(names)))
"""


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> Distribution:
    """What setuptools reads from the project's files."""
    monkeypatch.chdir(ROOT)
    distribution = Distribution({"script_name": "setup.py"})
    distribution.parse_config_files()
    return distribution


def _is_carried(path: str) -> bool:
    return "__pycache__" not in path and not path.endswith(".mo") and not path.startswith(NOT_CARRIED)


def test_wheel_carries_every_file_of_the_rooms(distribution: Distribution) -> None:
    build = distribution.get_command_obj("build_py")
    build.ensure_finalized()
    carried = {path for _, _, path in build.find_all_modules()}
    carried |= {f"{folder}/{name}" for _, folder, _, names in build.data_files for name in names}
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    written = {path.relative_to(ROOT).as_posix() for path in files}
    assert sorted(path for path in written - carried if _is_carried(path)) == []


def test_engine_alone_needs_what_the_wheel_asks_for(distribution: Distribution) -> None:
    answer = subprocess.run([sys.executable, "-c", ENGINE_ALONE], cwd=ROOT, capture_output=True, check=True)
    known = {"SpiffWorkflow", "cython_runtime", "engine", "lxml", "msgpack", "re2"}
    assert {name for name in json.loads(answer.stdout) if not name.startswith("_")} == known
    asked = [requirement.partition(">")[0] for requirement in distribution.install_requires]
    assert asked == ["google-re2", "lxml", "msgpack", "SpiffWorkflow", "tzdata"]
    assert set(asked) < set(distribution.extras_require["school"])
