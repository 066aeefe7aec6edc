"""Who acts."""

from dataclasses import dataclass, replace
from enum import StrEnum


class ActorKind(StrEnum):
    """What sort of actor stands behind a change."""

    USER = "user"
    GUARDIAN = "guardian"
    PUBLIC_FORM = "public_form"
    DEVICE = "device"
    CONNECTOR = "connector"
    PROCESS = "process"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts. ``id`` is a user's UUID as text, otherwise a name such as ``process:refund``."""

    kind: ActorKind
    id: str
    name: str
    on_behalf_of: str | None = None

    @property
    def is_user(self) -> bool:
        """True for a signed-in member of staff."""
        return self.kind is ActorKind.USER

    def behalf(self, other: "Actor") -> "Actor":
        """This actor, acting because ``other`` asked for it."""
        return replace(self, on_behalf_of=other.id)


SYSTEM = Actor(ActorKind.SYSTEM, "system", "系统")


def process_actor(principal: str, name: str, on_behalf_of: Actor | None = None) -> Actor:
    """The principal a process's handlers and timers act as."""
    return Actor(ActorKind.PROCESS, principal, name, on_behalf_of.id if on_behalf_of else None)
