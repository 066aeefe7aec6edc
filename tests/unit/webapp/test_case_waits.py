"""What a case may stand at and wait for is said on its page."""

from engine.workflow.interpreter.state import Wait
from webapp.screens.work.casenow import WAITS

_TOLD_ELSEWHERE = {Wait.USER, Wait.ITEMS, Wait.COMPENSATION}
_PASSING = {Wait.READY, Wait.THROWN}


def test_every_wait_of_a_token_at_rest_has_words_in_both_languages() -> None:
    assert set(WAITS) == {wait.value for wait in set(Wait) - _TOLD_ELSEWHERE - _PASSING}
    assert all(text.zh and text.en for text in WAITS.values())
