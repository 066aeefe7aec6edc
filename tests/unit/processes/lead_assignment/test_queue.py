"""Whose turn it is."""

from processes.lead_assignment.queue import least_loaded


def test_least_loaded_prefers_those_without_any_lead() -> None:
    assert least_loaded(["li", "wang", "zhao"], {"li": 3, "zhao": 1}, frozenset()) == "wang"


def test_least_loaded_takes_the_first_of_equals() -> None:
    assert least_loaded(["li", "wang"], {"li": 2, "wang": 2}, frozenset()) == "li"


def test_least_loaded_asks_nobody_twice() -> None:
    assert least_loaded(["li", "wang"], {"wang": 9}, frozenset({"li"})) == "wang"
    assert least_loaded(["li"], {}, frozenset({"li"})) is None
    assert least_loaded([], {}, frozenset()) is None
