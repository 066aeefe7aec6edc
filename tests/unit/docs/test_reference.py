"""Commands, settings and words: nothing is left out of the documents, nothing is there that is not."""

import re

import click
import pytest

from engine.kernel.settings import SETTINGS
from tests.unit.docs.places import ROOT, documents
from webapp.cli import cli

_COMMANDS = "docs/reference/commands.md"
_OPERATIONS = "docs/guide/operations.md"
_GLOSSARY = "docs/glossary.md"
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
_SCHOOLFLOW = re.compile(r"(?:`|^|bin/)schoolflow ([a-z][a-z-]*)(?: (seal|verify|add|list|password))?", re.MULTILINE)


def _commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= _commands(command, f"{prefix}{name} ")
        else:
            found[f"{prefix}{name}"] = command
    return found


COMMANDS = _commands(cli)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented_with_every_option(name: str) -> None:
    page = documents()[_COMMANDS]
    lines = [line for line in page.splitlines() if line.startswith(f"| `{name}")]
    assert len(lines) == 1
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")]
    assert [option for option in options if option not in lines[0]] == []


@pytest.mark.parametrize("page", documents())
def test_document_names_commands_that_exist(page: str) -> None:
    named = {" ".join(part for part in found if part) for found in _SCHOOLFLOW.findall(documents()[page])}
    groups = {name.split()[0] for name in COMMANDS}
    assert {name for name in named if name not in COMMANDS and name not in groups} == set()


@pytest.mark.parametrize("page", documents())
def test_document_names_make_targets_that_exist(page: str) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    in_code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", documents()[page], re.DOTALL))
    assert set(_MAKE.findall(in_code)) <= targets


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_setting_is_documented_with_its_default(setting: object) -> None:
    name, default = setting.name, setting.default  # type: ignore[attr-defined]
    line = next(line for line in documents()[_OPERATIONS].splitlines() if line.startswith(f"| `{name}`"))
    assert not default or f"`{default}`" in line


def test_documented_settings_exist() -> None:
    named = set(
        re.findall(r"\bSCHOOLFLOW_[A-Z_]+\b|\b(?:DATABASE|REDIS)[A-Z_]*_URL\b", "\n".join(documents().values()))
    )
    assert named == {setting.name for setting in SETTINGS}


def test_glossary_has_each_word_once() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in documents()[_GLOSSARY].splitlines()
        if line.startswith("| ") and not line.startswith("| 中文")
    ]
    assert all(len(row) == 3 and all(row) for row in rows)
    chinese = [word for row in rows for word in re.split(r"[、，]", row[0])]
    english = [row[1] for row in rows]
    assert len(chinese) == len(set(chinese))
    assert len(english) == len(set(english))
