"""Assignee rules to choose from by name, for people who do not write rules."""

from sqlalchemy import text

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from webapp.i18n import translated

Options = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
_PLAIN = (
    ("branch_head", Text("校区负责人", "The head of the branch")),
    ("owner", Text("记录负责人", "The record's owner")),
    ("starter", Text("发起人本人", "The starter")),
    ("superior:1", Text("发起人的上级", "The starter's superior")),
    ("last_superior:1", Text("上一步处理人的上级", "The superior of the previous handler")),
    ("starter_chooses", Text("发起人选定的人", "Whom the starter chooses")),
    ("previous_chooses", Text("上一步处理人选定的人", "Whom the previous handler chooses")),
)
_STORED = (
    ("position", Text("岗位", "Positions"), "SELECT DISTINCT key, min(name) FROM position GROUP BY key ORDER BY key"),
    ("group", Text("用户组", "Groups"), "SELECT key, name FROM user_group ORDER BY key"),
)
STRATEGIES = (
    ("offer", Text("任何一人认领", "Any one of them claims it")),
    ("least_load", Text("给待办最少的一位", "The one with the fewest tasks")),
    ("round_robin", Text("轮流分配", "They take turns")),
)


def rule_options(tx: Tx) -> Options:
    """Groups of (rule, words): who stands in a relation to the case, roles, positions, groups."""
    roles = tuple((f"role:{key}", translated(role.label)) for key, role in snapshot.load(tx).roles.items())
    groups = [
        (translated(Text("按关系", "By relation")), tuple((rule, translated(label)) for rule, label in _PLAIN)),
        (translated(Text("角色", "Roles")), roles),
    ]
    for kind, label, sql in _STORED:
        rows = tuple((f"{kind}:{key}", str(name)) for key, name in map(tuple, tx.execute(text(sql))))
        if rows:
            groups.append((translated(label), rows))
    return tuple(groups)
