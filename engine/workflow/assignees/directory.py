"""What the assignee rules need to know about people; answered by the organisation at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID


class Directory(Protocol):
    """People of the organisation. Users are UUIDs as text; only active users are returned, in a stable order."""

    def user_by_username(self, username: str) -> str | None:
        """The active user of that name."""

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        """Those of `users` (ids or usernames) that are active users, as ids, in the given order."""

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        """Users who hold the role in that branch or in a branch above it."""

    def users_in_group(self, group: str) -> Sequence[str]:
        """Members of the group."""

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        """Users in a position of that key in the branch."""

    def branch_head(self, branch_id: UUID) -> str | None:
        """The head of the branch."""

    def superior(self, user_id: str, level: int) -> str | None:
        """The n-th superior of the user along the positions' lines."""

    def branches_of(self, user_id: str) -> frozenset[UUID]:
        """Where the user works: the branch he belongs to and every branch in which he holds a role."""

    def headquarters(self) -> UUID:
        """The root branch."""

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        """Who settles tasks nobody else can: administrators of the branch, else of headquarters."""

    def person(self, user_id: str) -> str:
        """The natural person behind a user account (separation of duties counts persons)."""

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Display names by id."""
