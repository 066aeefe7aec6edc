"""A branch; cells may hold its key or its name."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.fieldtypes.user import UserType


class BranchType(UserType):
    key = "branch"
    label = Text("校区", "Branch")
    kind = "branch"


TYPE = BranchType()
