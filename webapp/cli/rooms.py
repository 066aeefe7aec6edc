"""The rooms have plain names (``engine``, ``forms`` …): a look that no other package stands in for one of them, and
that there is more than the engine alone runs on.

Imports nothing of ours and nothing installed: it must work when that has happened.
"""

import importlib.util
import sys
from pathlib import Path

ROOMS = ("engine", "forms", "processes", "connectors", "webapp")


def require_own_rooms() -> None:
    """Ends the program with one sentence unless every room lies in the folder that this one lies in."""
    home = Path(__file__).resolve().parents[2]
    for name in ROOMS:
        found = _folder_of(name)
        if found != home / name:
            sys.stderr.write(
                f"模块 {name} 来自 {found}，应为 {home / name}：请在独立的虚拟环境中运行"
                f" / The package {name} comes from {found}, expected {home / name}:"
                " run Schoolflow in a virtual environment of its own\n"
            )
            sys.exit(1)


def require_packages(names: tuple[str, ...] = ("click", "flask", "sqlalchemy")) -> None:
    """Ends the program with one sentence where only the engine was installed."""
    missing = ", ".join(name for name in names if importlib.util.find_spec(name) is None)
    if missing:
        sys.stderr.write(
            f"只安装了引擎，缺少 {missing}：请运行 pip install 'schoolflow[school]'"
            f" / Only the engine is installed, {missing} is missing: run pip install 'schoolflow[school]'\n"
        )
        sys.exit(1)


def _folder_of(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not (spec.origin or spec.submodule_search_locations):
        return None
    if spec.origin:
        return Path(spec.origin).resolve().parent
    return Path(next(iter(spec.submodule_search_locations or ()))).resolve()
