"""The examples of docs/guide/embedding.md run as printed."""

import doctest
from pathlib import Path


def test_embedding_guide_examples_run() -> None:
    guide = Path(__file__).parents[4] / "docs" / "guide" / "embedding.md"
    failed, tried = doctest.testfile(str(guide), module_relative=False)
    assert (failed, tried > 40) == (0, True)
