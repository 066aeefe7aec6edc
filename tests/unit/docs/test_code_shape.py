"""How the product's code is cut: docstrings, small files, short functions, examples that run."""

import ast
import doctest
import importlib
import re
import statistics

import pytest

from tests.unit.docs.places import Module, modules

WRITTEN = tuple(module for module in modules() if not module.is_migration)
WITH_EXAMPLES = [module.path for module in WRITTEN if ">>> " in module.text]


def _functions(module: Module) -> list[tuple[str, int]]:
    return [
        (f"{module.path}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_modules_have_a_docstring() -> None:
    assert [module.path for module in modules() if module.text.strip() and not ast.get_docstring(module.tree)] == []


def test_modules_are_small() -> None:
    lengths = {module.path: module.text.count("\n") for module in WRITTEN}
    assert {path: length for path, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) <= 120


def test_functions_are_short() -> None:
    lengths = [found for module in modules() for found in _functions(module)]
    assert [found for found in lengths if found[1] > 50] == []
    assert sum(length <= 25 for _, length in lengths) >= 0.9 * len(lengths)


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for module in modules() for part in module.path.removesuffix(".py").split("/")}
    assert names & {"utils", "util", "helpers", "common", "manager", "services", "misc"} == set()


def test_code_leaves_nothing_for_later() -> None:
    mark = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    assert [module.path for module in modules() if mark.search(module.text)] == []


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_examples_of_a_module_hold(path: str) -> None:
    module = importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
