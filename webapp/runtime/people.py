"""People of the organisation, as the assignee rules ask for them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import directory, snapshot


class OrganisationDirectory:
    """Answers from users, roles, groups and positions; users are UUIDs as text."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def user_by_username(self, username: str) -> str | None:
        """The active user of that name."""
        found = directory.user_by_username(self._tx, username)
        return str(found) if found else None

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        """Ids of those that are active users, given by id or username, in the given order."""
        found = (self._active(user) for user in users)
        return [user for user in found if user]

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        """Holders of the role there, or in the nearest branch above."""
        return _texts(directory.users_with_role(self._tx, role, branch_id))

    def users_in_group(self, group: str) -> Sequence[str]:
        """Members of the group."""
        return _texts(directory.group_members(self._tx, group))

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        """Holders of the position there, or in the nearest branch above."""
        return _texts(directory.position_holders(self._tx, position, branch_id))

    def branch_head(self, branch_id: UUID) -> str | None:
        """The head of the branch."""
        heads = directory.branch_head(self._tx, branch_id)
        return str(heads[0]) if heads else None

    def superior(self, user_id: str, level: int) -> str | None:
        """The n-th superior along the positions' lines."""
        found = directory.superiors(self._tx, UUID(user_id), level)
        return str(found[0]) if found else None

    def headquarters(self) -> UUID:
        """The root branch."""
        return snapshot.load(self._tx).root.id

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        """Administrators of the branch, else of headquarters."""
        return self.users_in_role("admin", branch_id)

    def person(self, user_id: str) -> str:
        """The natural person behind the account: one account is one person."""
        return user_id

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Display names by id."""
        wanted = frozenset(UUID(user) for user in user_ids if _is_uuid(user))
        return {str(user): name for user, name in directory.user_names(self._tx, wanted).items()}

    def _active(self, user: str) -> str | None:
        if _is_uuid(user):
            return user if directory.user_actor(self._tx, UUID(user)) else None
        return self.user_by_username(user)


def _texts(users: Sequence[UUID]) -> list[str]:
    return [str(user) for user in users]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
