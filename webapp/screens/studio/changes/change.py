"""One difference, and how two sets of named facts become one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.kernel.text import Text

Kind = Literal["added", "changed", "removed"]
Facts = Mapping[str, tuple[Text, str]]
"""Key to (what people call it, its value as text); an empty value is the same as none."""

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Change:
    """``file`` and ``element_id`` say where, ``what`` names the thing, ``details`` say before and after.

    ``is_limit``: an amount, a count or a term that decides something is among them.
    """

    file: str
    element_id: str
    kind: Kind
    what: Text
    details: tuple[Text, ...] = ()
    is_limit: bool = False


def differences(before: Facts, after: Facts) -> Iterator[Text]:
    """``金额：5000 → 8000`` for each fact that is not the same, in the order of the facts."""
    for key in dict.fromkeys((*before, *after)):
        label, old = before.get(key, (None, ""))
        said, new = after.get(key, (label, ""))
        name = said or label
        if old != new and name is not None:
            yield _from_to(name, old, new)


def _from_to(label: Text, old: str, new: str) -> Text:
    old, new = _short(old), _short(new)
    if not old:
        return Text(f"{label.zh}：设为 {new}", f"{label.en}: now {new}")
    if not new:
        return Text(f"{label.zh}：去掉 {old}", f"{label.en}: {old} taken away")
    return Text(f"{label.zh}：{old} → {new}", f"{label.en}: {old} → {new}")


def _short(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"
