"""Use-cases of administration: branches, users, roles, grants, positions, groups, sharing. Each checks the actor."""

from engine.metadata.organisation.branches import create_branch, list_branches, update_branch
from engine.metadata.organisation.carriers import change_position, remove_group, remove_position, rename_group
from engine.metadata.organisation.credentials import (
    change_password,
    issue_token,
    require_token,
    revoke_token,
    set_password,
    sign_in,
)
from engine.metadata.organisation.installation import install
from engine.metadata.organisation.positions import (
    add_group_member,
    create_group,
    create_position,
    hold_position,
    leave_group,
    leave_position,
)
from engine.metadata.organisation.principals import approve_principal
from engine.metadata.organisation.roles import assign_role, create_role, set_field_level, set_grant, unassign_role
from engine.metadata.organisation.sharing import (
    create_forbid,
    create_sharing_rule,
    remove_forbid,
    remove_sharing_rule,
    share_record,
    unshare_record,
)
from engine.metadata.organisation.users import create_user, deactivate_user, list_users, update_user

__all__ = [
    "add_group_member",
    "approve_principal",
    "assign_role",
    "change_password",
    "change_position",
    "create_branch",
    "create_forbid",
    "create_group",
    "create_position",
    "create_role",
    "create_sharing_rule",
    "create_user",
    "deactivate_user",
    "hold_position",
    "install",
    "issue_token",
    "leave_group",
    "leave_position",
    "list_branches",
    "list_users",
    "remove_forbid",
    "remove_group",
    "remove_position",
    "remove_sharing_rule",
    "rename_group",
    "require_token",
    "revoke_token",
    "set_field_level",
    "set_grant",
    "set_password",
    "share_record",
    "sign_in",
    "unassign_role",
    "unshare_record",
    "update_branch",
    "update_user",
]
