"""Regular expressions with back references, which no engine of linear time has: backtracking in bounded steps.

The reader makes a tree of tuples, the emitter a program, the machine runs it with a stack of its own: no recursion over
the text, and ``FeelError`` when the steps of ``Fuel`` are used up.
Source: XPath functions 3.1, 5.6.1 (a reference to a group that has no match matches the empty text).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine.feel.character_classes import Unknown
from engine.feel.fuel import Fuel

Character = Callable[[str], bool]
Slots = tuple[int, ...]
_MAX_PROGRAM, _MAX_NESTING = 20_000, 60
_QUANTITY = re.compile(r"\{(\d+)(,(\d*))?\}|[?*+]")
_ESCAPE = re.compile(r"\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?(?:\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|[^\]\\])+\]", re.DOTALL)


class Operation(NamedTuple):
    """``char`` with a test, ``edge`` with a sign, ``split`` and ``jump`` with addresses, the others with a number."""

    name: str
    argument: Any = None
    other: int = 0


class Found(NamedTuple):
    """A match: ``slots`` are the starts and ends of the groups, -1 where one has none."""

    text: str
    slots: Slots

    def start(self) -> int:
        """Where the match starts."""
        return self.slots[0]

    def end(self) -> int:
        """Behind its last character."""
        return self.slots[1]

    def group(self, number: int) -> str | None:
        """The text of a group, 0 for the whole match."""
        start, end = self.slots[2 * number : 2 * number + 2]
        return self.text[start:end] if end >= 0 else None


class Backtracking:
    """A compiled pattern, with the methods of a compiled pattern of RE2 that FEEL's functions use."""

    def __init__(self, pattern: str, character: Callable[[str], Character], flags: str) -> None:
        """``character`` compiles what stands for one character. Raises: Unknown."""
        reader = _Reader(pattern, character)
        tree = reader.alternatives()
        if reader.at < len(pattern):
            raise Unknown("an unmatched parenthesis")
        self.groups = reader.groups
        self.lines, self.any_case = "m" in flags, "i" in flags
        self.loops = self.emitted = 0
        self.program: list[Operation] = []
        self._emit(("group", 0, tree))
        self.program.append(Operation("match"))

    def search(self, text: str, fuel: Fuel, start: int = 0) -> Found | None:
        """The first match at or behind ``start``. Raises: FeelError when the steps are used up."""
        return next((hit for at in range(start, len(text) + 1) if (hit := self._run(text, at, fuel))), None)

    def finditer(self, text: str, fuel: Fuel) -> Iterator[Found]:
        """All matches that do not overlap. Raises: FeelError when the steps are used up."""
        at = 0
        while (found := self.search(text, fuel, at)) is not None:
            yield found
            at = found.end() + (found.end() == found.start())

    def _add(self, name: str, argument: Any = None) -> int:
        self.program.append(Operation(name, argument))
        return len(self.program) - 1

    def _emit(self, node: Any) -> None:
        self.emitted += 1
        if self.emitted > _MAX_PROGRAM:
            raise Unknown("a pattern too large")
        kind = node[0]
        if kind == "group":
            self._add("save", 2 * node[1])
            self._emit(node[2])
            self._add("save", 2 * node[1] + 1)
        elif kind == "all":
            for part in node[1]:
                self._emit(part)
        elif kind == "either":
            self._emit_either(node[1])
        elif kind == "repeat":
            self._emit_repeat(*node[1:])
        else:
            self._add(kind, node[1])

    def _emit_either(self, branches: list[Any]) -> None:
        jumps = []
        for branch in branches[:-1]:
            split = self._add("split")
            self._emit(branch)
            jumps.append(self._add("jump"))
            self.program[split] = Operation("split", split + 1, len(self.program))
        self._emit(branches[-1])
        for jump in jumps:
            self.program[jump] = Operation("jump", len(self.program))

    def _emit_repeat(self, node: Any, low: int, high: int | None, lazy: bool) -> None:
        for _ in range(low):
            self._emit(node)
        if high is not None:
            splits = []
            for _ in range(high - low):
                splits.append(self._add("split"))
                self._emit(node)
            for split in splits:
                self._branch(split, len(self.program), lazy)
            return
        self.loops += 1
        slot = 2 * self.groups + 1 + self.loops
        split = self._add("split")
        self._add("save", slot)
        self._emit(node)
        self._add("moved", slot)
        self._add("jump", split)
        self._branch(split, len(self.program), lazy)

    def _branch(self, split: int, end: int, lazy: bool) -> None:
        self.program[split] = Operation("split", end, split + 1) if lazy else Operation("split", split + 1, end)

    def _run(self, text: str, start: int, fuel: Fuel) -> Found | None:
        pending: list[tuple[int, int, Slots]] = [(0, start, (-1,) * (2 * self.groups + 2 + self.loops))]
        while pending:
            place, at, slots = pending.pop()
            while True:
                fuel.spend(1)
                name, argument, other = self.program[place]
                place += 1
                if name == "match":
                    return Found(text, slots)
                if name == "split":
                    pending.append((other, at, slots))
                    place = argument
                elif name == "jump":
                    place = argument
                elif name == "save":
                    slots = (*slots[:argument], at, *slots[argument + 1 :])
                elif (at := self._step(name, argument, text, at, slots)) < 0:
                    break
        return None

    def _step(self, name: str, argument: Any, text: str, at: int, slots: Slots) -> int:
        """Where the text goes on; -1 when the operation does not hold here."""
        if name == "char":
            return at + 1 if at < len(text) and argument(text[at]) else -1
        if name == "back":
            wanted = Found(text, slots).group(argument) or ""
            here = text[at : at + len(wanted)]
            same = here == wanted or (self.any_case and here.lower() == wanted.lower())
            return at + len(wanted) if same else -1
        if name == "moved":
            return at if at > slots[argument] else -1
        edge = at == 0 if argument == "^" else at == len(text)
        beside = text[at - 1 : at] if argument == "^" else text[at : at + 1]
        return at if edge or (self.lines and beside == "\n") else -1


class _Reader:
    """Pattern to tree."""

    def __init__(self, pattern: str, character: Callable[[str], Character]) -> None:
        self.pattern = pattern
        self.character = character
        self.at = 0
        self.groups = self.nesting = 0
        self.closed: set[int] = set()

    def alternatives(self) -> Any:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise Unknown("too many parentheses")
        branches = [self._branch()]
        while self._accept("|"):
            branches.append(self._branch())
        self.nesting -= 1
        return ("either", branches)

    def _accept(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def _branch(self) -> Any:
        parts: list[Any] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self._quantified(self._atom()))
        return ("all", parts)

    def _quantified(self, atom: Any) -> Any:
        match = _QUANTITY.match(self.pattern, self.at)
        if match is None:
            return atom
        self.at = match.end()
        low, high = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(
            match[0], (int(match[1] or 0), int(match[1] or 0))
        )
        if match[2]:
            high = int(match[3]) if match[3] else None
        if low > 1_000 or (high is not None and not low <= high <= 1_000):
            raise Unknown(match[0])
        return ("repeat", atom, low, high, self._accept("?"))

    def _atom(self) -> Any:
        char = self.pattern[self.at]
        if char == "(":
            return self._group()
        if char in "^$":
            self.at += 1
            return ("edge", char)
        if char == "\\" and self.pattern[self.at + 1 : self.at + 2] in tuple("123456789"):
            return self._reference()
        shape = _CLASS if char == "[" else _ESCAPE if char == "\\" else None
        match = shape.match(self.pattern, self.at) if shape is not None else None
        if char in "?*+{}]" or (shape is not None and match is None):
            raise Unknown(char)
        part = match[0] if match is not None else char
        self.at += len(part)
        return ("char", self.character(part))

    def _group(self) -> Any:
        self.at += 1
        plain = self._accept("?:")
        if not plain:
            self.groups += 1
        number = self.groups
        inner = self.alternatives()
        if not self._accept(")"):
            raise Unknown("an unmatched parenthesis")
        if plain:
            return inner
        self.closed.add(number)
        return ("group", number, inner)

    def _reference(self) -> Any:
        """The longest number of a group that ends before it; always its first digit."""
        end = self.at + 2
        while self.pattern[end : end + 1].isdigit() and int(self.pattern[self.at + 1 : end + 1]) <= len(self.closed):
            end += 1
        number = int(self.pattern[self.at + 1 : end])
        self.at = end
        if number not in self.closed:
            raise Unknown("a reference to no group")
        return ("back", number)
