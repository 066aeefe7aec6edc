"""Administration rights: held through roles at a branch, good there and below."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from engine.kernel.errors import Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.profile import Profile, load_profile

EVERY_RIGHT = "*"


def has_right(tx: Tx, right: str, branch_id: UUID | None = None, profile: Profile | None = None) -> bool:
    """True when the actor holds `right` at `branch_id` or above; None: anywhere."""
    profile = profile or load_profile(tx)
    if profile.is_system:
        return True
    config = snapshot.load(tx)
    reach = None if branch_id is None else set(config.chain(branch_id))
    covering = _covering(right)
    return any(
        covering & config.roles[held.role].rights for held in profile.roles if reach is None or held.branch_id in reach
    )


def branches_with(tx: Tx, right: str) -> frozenset[UUID] | None:
    """Branches where the actor holds the right, with all below; None: everywhere."""
    profile, config = load_profile(tx), snapshot.load(tx)
    if profile.is_system:
        return None
    covering = _covering(right)
    homes = [held.branch_id for held in profile.roles if covering & config.roles[held.role].rights]
    if config.root.id in homes:
        return None
    return frozenset(branch for home in homes for branch in config.below(home))


def require_right(tx: Tx, right: str, branch_id: UUID | None = None) -> None:
    """Raises Forbidden naming the right that is missing."""
    if not has_right(tx, right, branch_id):
        raise Forbidden(
            hint=Text(f"需要管理权限 {right}，请联系管理员", f"The right {right} is needed; ask an administrator")
        )


def has_rights(tx: Tx, rights: Iterable[str], branch_id: UUID | None) -> bool:
    return all(has_right(tx, right, branch_id) for right in rights)


def _covering(right: str) -> frozenset[str]:
    """The names that give a right: its own, `key:*` for `key:name`, and `*`."""
    key, separator, _ = right.partition(":")
    return frozenset({right, EVERY_RIGHT, f"{key}:*"} if separator else {right, EVERY_RIGHT})
