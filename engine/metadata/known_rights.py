"""The administration rights there are, with their words. A right is held through roles at a branch and below."""

from __future__ import annotations

from dataclasses import dataclass

from engine.kernel.errors import UserError
from engine.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Right:
    """``is_open``: it is given for one name each, ``key:name``, or for all of them, ``key:*``."""

    key: str
    label: Text
    meaning: Text
    is_open: bool = False


RIGHTS = (
    Right(
        "manage_users",
        Text("管理账号", "Manage users"),
        Text("账号、岗位、小组、分配角色、重设密码", "Users, positions, groups, their roles, new passwords"),
    ),
    Right(
        "manage_roles",
        Text("管理角色", "Manage roles"),
        Text("角色能做什么、共享规则、禁止规则", "What roles may do, sharing rules, forbids"),
    ),
    Right(
        "manage_branches",
        Text("管理校区", "Manage branches"),
        Text("新建、修改、停用校区", "Make, change and close branches"),
    ),
    Right(
        "define_fields",
        Text("定义字段", "Define fields"),
        Text("校区自己的字段、选项、布局", "A branch's own fields, options, layouts"),
    ),
    Right(
        "manage_views",
        Text("管理列表视图", "Manage views"),
        Text("整理大家共用的列表视图", "Tidy up the views everybody shares"),
    ),
    Right(
        "manage_processes",
        Text("发布流程", "Deploy processes"),
        Text("修改、发布流程与审批规则", "Change and deploy processes and their rules"),
    ),
    Right(
        "operate_processes",
        Text("干预流程", "Operate processes"),
        Text(
            "暂停、重试、移动、取消进行中的流程，移交任务",
            "Suspend, retry, move, cancel running cases; hand tasks over",
        ),
    ),
    Right(
        "view_processes",
        Text("查看全部流程", "See all cases"),
        Text("与自己无关的流程也能看", "Cases one has no part in as well"),
    ),
    Right(
        "pass_approvals",
        Text("越过审批", "Pass approvals"),
        Text("移动流程时跳过审批；涉及钱的流程不能", "Move a case past an approval; never where money is paid"),
    ),
    Right(
        "manage_connectors",
        Text("管理连接器", "Manage connectors"),
        Text("设备、短信、邮件的设置，待处理的收发", "Devices, messages, mail, and what they left for a person"),
    ),
    Right(
        "view_connectors",
        Text("查看连接器", "See connectors"),
        Text("状态、日志、已发消息", "State, log and sent messages"),
    ),
    Right(
        "send_message",
        Text("投递消息", "Post messages"),
        Text("通过接口向流程投递指定名称的消息", "Post a message of this name to processes through the API"),
        is_open=True,
    ),
    Right(
        "view_history",
        Text("查看操作记录", "See the history"),
        Text("可见数据的全部操作记录", "The trail of everything one may see"),
    ),
    Right(
        "verify_history",
        Text("核对操作记录", "Verify the history"),
        Text("重新计算整条哈希链", "Recompute the whole chain"),
    ),
    Right(
        "export_history",
        Text("导出操作记录", "Export the history"),
        Text("导出查到的操作记录", "The rows found, as a file"),
    ),
    Right(
        "erase_personal",
        Text("清除个人信息", "Erase personal values"),
        Text("从操作记录中永久清除某人的个人信息", "Take a person's values out of the history for good"),
    ),
    Right(
        "explain_others",
        Text("查询他人权限", "Explain others' access"),
        Text("为什么某人能看或不能看", "Why somebody may or may not see something"),
    ),
    Right(
        "view_as",
        Text("以他人身份查看", "View as somebody"),
        Text("只读，并记入操作记录", "Read-only, and written into the history"),
    ),
)


def check_rights(names: frozenset[str]) -> None:
    """Raises: UserError naming the rights that do not exist."""
    unknown = sorted(name for name in names if not _is_known(name))
    if unknown:
        listed = "、".join(unknown)
        raise UserError("unknown_right", Text(f"没有这些管理权限：{listed}", f"There are no such rights: {listed}"))


def _is_known(name: str) -> bool:
    key, separator, place = name.partition(":")
    found = next((one for one in RIGHTS if one.key == key), None)
    return found is not None and bool(separator) == found.is_open and (not separator or 1 <= len(place) <= 100)
