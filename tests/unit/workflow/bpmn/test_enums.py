"""Enums whose members are plain class attributes."""

from enum import StrEnum

from engine.workflow.bpmn.enums import direct


@direct
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_members_are_found_by_every_way() -> None:
    assert Colour.RED is Colour("red") is Colour["RED"]
    assert [one.name for one in Colour] == ["RED", "BLUE"]
    assert vars(Colour)["BLUE"] is Colour.BLUE
    assert (Colour.RED == "red", str(Colour.RED)) == (True, "red")
