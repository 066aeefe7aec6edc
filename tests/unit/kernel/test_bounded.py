"""What is kept is bounded, and what was asked for last stays."""

from engine.kernel.bounded import Bounded


def test_those_nobody_asks_for_go_first() -> None:
    kept: Bounded[str, int] = Bounded(2)
    assert [kept.put(name, number) for number, name in enumerate("ab")] == [0, 1]
    assert kept.get("a") == 0
    kept.put("c", 2)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (0, None, 2, 2)


def test_replaced_value_takes_no_second_place() -> None:
    kept: Bounded[str, int] = Bounded(2)
    for number in range(5):
        kept.put("a", number)
    kept.put("b", 9)
    assert (kept.get("a"), kept.get("b")) == (4, 9)
