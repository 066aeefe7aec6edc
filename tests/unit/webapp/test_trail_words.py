"""Everything the product writes into the history has words in both languages."""

import ast

import pytest

from tests.unit.docs.places import modules
from webapp.screens.audit.trail_words import KINDS, VERBS


def _actions() -> set[str]:
    """The actions that appear as literals in ``Event(...)``."""
    return {
        text.value
        for module in modules()
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute) and call.args
        if (call.func.id if isinstance(call.func, ast.Name) else call.func.attr) == "Event"
        for text in ast.walk(call.args[0])
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and ":" in text.value
    }


@pytest.mark.parametrize("action", sorted(_actions()))
def test_action_of_the_history_has_words(action: str) -> None:
    kind, _, verb = action.partition(":")
    assert kind in KINDS or kind == ""  # the kind is put in at run time
    assert verb in VERBS or verb == ""


def test_words_are_complete_in_both_languages() -> None:
    for words, _ in [*KINDS.values(), *VERBS.values()]:
        assert words.zh
        assert words.en
