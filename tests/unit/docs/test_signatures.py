"""What the reference says can be imported or called is there."""

import importlib
import importlib.util
import re

import pytest

from tests.unit.docs.places import documents

_IMPORT = re.compile(r"\bfrom ((?:engine|forms|processes|connectors|webapp)[\w.]*) import ([\w, ]+)")
_CALL = re.compile(r"\b([a-z_]+)\.([a-z_]\w*)\(")
_ROOMS = {"docs/reference/metadata.md": "engine.metadata", "docs/reference/workflow.md": "engine.workflow"}

IMPORTS = sorted(
    {
        (module, name.strip().split(" as ")[0])
        for page, text in documents().items()
        if page.startswith("docs/")
        for module, names in _IMPORT.findall(text)
        for name in names.split(",")
    }
)


@pytest.mark.parametrize(("module", "name"), IMPORTS)
def test_documented_import_works(module: str, name: str) -> None:
    found = importlib.import_module(module)
    assert hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}") is not None


@pytest.mark.parametrize("page", _ROOMS)
def test_documented_functions_exist(page: str) -> None:
    missing = []
    for module, name in _CALL.findall(documents()[page]):
        is_ours = (_ROOMS[page], module) in IMPORTS
        if is_ours and not hasattr(importlib.import_module(f"{_ROOMS[page]}.{module}"), name):
            missing.append(f"{module}.{name}")
    assert missing == []
