"""Where the documents and the product's code lie."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("engine", "forms", "processes", "connectors", "webapp")


@dataclass(frozen=True)
class Module:
    """One module of the product: path below the root, text, syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_migration(self) -> bool:
        """Migrations write every column down and never change after a release; their files may be long."""
        return "/migrations/" in self.path


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the five rooms, by path."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    return tuple(found)


@cache
def documents() -> dict[str, str]:
    """Every Markdown page of the repository's root and of ``docs/``: path below the root -> text."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
