"""The guide names every built-in function, and its examples can be read."""

import re
from pathlib import Path

import pytest

from engine.feel import FeelError, compile_expression
from engine.feel.builtins import BUILTINS

GUIDE = (Path(__file__).parents[3] / "docs/guide/feel.md").read_text(encoding="utf-8")
QUICK = GUIDE.split("## 一分钟")[1].split("## 从电子表格来")[0]
SHEETS = [
    line.split(" | ")[1] for line in GUIDE.split("## 从电子表格来")[1].split("## 规则")[0].splitlines() if " | " in line
]


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_guide_names_every_function(name: str) -> None:
    assert f"`{name}`" in GUIDE


@pytest.mark.parametrize("example", re.findall(r"`([^`]+)`", QUICK + "".join(SHEETS)))
def test_guide_examples_can_be_read(example: str) -> None:
    try:
        compile_expression(example)
    except FeelError as error:
        pytest.fail(str(error))
