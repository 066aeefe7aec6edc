"""What the search has found and kept is answered: by a value or a typed error, soon, within little memory."""

import resource
import time

import pytest

from tests.fuzz.corpus import kept
from tests.fuzz.targets import TARGETS

SECONDS, KILOBYTES = 5, 300 * 1024


def peak() -> int:
    """The most memory this process ever had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_kept_inputs_are_answered_soon_in_little_memory(target: str) -> None:
    inputs, before = kept(target), peak()
    assert len(inputs) >= 20
    for data in inputs:
        begun = time.process_time()
        TARGETS[target](data)
        assert time.process_time() - begun < SECONDS, data
    assert peak() - before < KILOBYTES
