"""Words for what is chosen from a list in the panel, as far as it stands for itself."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.kernel.text import Text

_BINDINGS = {"deployment": Text("随本次部署", "Of this deployment"), "latest": Text("总是最新", "Always the latest")}

VALUES: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {
        "outcome.style": {
            "primary": Text("主要", "Primary"),
            "danger": Text("警示", "Danger"),
            "plain": Text("普通", "Plain"),
        },
        "outcome.comment": {"optional": Text("选填", "Optional"), "required": Text("必填", "Required")},
        "assignee.branch": {
            "record": Text("业务所在校区", "The branch of the case"),
            "hq": Text("总部", "Headquarters"),
        },
        "assignee.strategy": {
            "offer": Text("任一人认领", "Anyone claims"),
            "least_load": Text("待办最少者", "Least load"),
            "round_robin": Text("轮流", "Round robin"),
            "all": Text("全部人员", "Everybody"),
        },
        "task.empty": {
            "admin": Text("交给管理员", "Give it to an administrator"),
            "skip": Text("跳过", "Skip"),
            "starter": Text("交给发起人", "Give it to the starter"),
            "fail": Text("报异常", "Incident"),
        },
        "task.same_person": {
            "ask": Text("仍需处理", "Ask again"),
            "auto_approve": Text("自动通过", "Approve automatically"),
        },
        "task.self": {
            "ask": Text("仍需处理", "Ask"),
            "skip": Text("跳过", "Skip"),
            "superior": Text("转给上级", "Ask the superior"),
        },
        "fieldAccess.access": {
            "read": Text("只读", "Read"),
            "write": Text("可写", "Write"),
            "required": Text("必填", "Required"),
            "hidden": Text("隐藏", "Hidden"),
        },
        "reminder.to": {
            "assignee": Text("处理人", "The assignee"),
            "superior": Text("处理人的上级", "The superior"),
        },
        "reminder.action": {
            "urge": Text("提醒", "Remind"),
            "escalate": Text("升级", "Escalate"),
            "approve": Text("自动同意", "Approve"),
            "reject": Text("自动驳回", "Reject"),
        },
        "countersign.mode": {
            "all": Text("全部同意", "All"),
            "any": Text("一人即可", "Any one"),
            "ratio": Text("按比例", "By ratio"),
            "number": Text("按人数", "By number"),
            "in_order": Text("依次", "In order"),
        },
        "decision.binding": _BINDINGS,
        "call.binding": _BINDINGS,
    }
)
"""By setting (``<extension>.<attribute>``), then by the value in the file."""

TIMES = frozenset({"task.due", "reminder.after", "reminder.before_due", "reminder.repeat"})
"""Settings that are due times."""
