"""What the reader understands of data elements: objects, stores, sets of inputs (BPMN 2.0.2 10.4.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataObject:
    """A data object (or process property): a variable local to its scope. `default` may be given by extensions."""

    id: str
    name: str
    scope: str
    is_collection: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class DataStore:
    """What is said of the stores of one name: how many entries a list in it may have, and who shares it.

    `scope`: `branch` (default): the cases of a branch; `organisation`: all of them; `case`: each has its own.
    """

    capacity: int | None = None
    scope: str = "branch"


@dataclass(frozen=True, slots=True)
class InputSet:
    """One of several inputSets, in their order: names of the inputs it needs, and of all of it."""

    needed: frozenset[str]
    names: frozenset[str]
