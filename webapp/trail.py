"""The history as people read it: who did what, when, with old and new values as they may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, records
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.trail import HistoryEntry
from webapp import formats, names
from webapp.cells import text_of
from webapp.i18n import locale, translated

KINDS: Mapping[str, tuple[Text, str]] = {
    "record": (Text("记录", "record"), "file-text"), "task": (Text("任务", "task"), "checkbox"),
    "instance": (Text("流程", "process case"), "route"), "process": (Text("流程定义", "process"), "sitemap"),
    "user": (Text("用户", "user"), "user"), "role": (Text("角色", "role"), "shield-lock"),
    "grant": (Text("权限", "rights"), "shield-lock"), "principal": (Text("流程权限", "process rights"), "shield-lock"),
    "message": (Text("消息", "message"), "mail"), "outbox": (Text("待发消息", "outbox"), "send"),
    "inbox": (Text("收到的事件", "inbox event"), "inbox"), "payment": (Text("收款", "payment"), "cash"),
    "hours": (Text("课时", "class hours"), "hourglass"), "overlay": (Text("字段设置", "field settings"), "forms"),
    "branch": (Text("校区", "branch"), "building"), "password": (Text("密码", "password"), "lock"),
    "token": (Text("会话", "session"), "lock"), "card": (Text("卡", "card"), "id-badge-2"),
    "connector": (Text("连接器", "connector"), "plug-connected"), "contract": (Text("合同", "contract"), "file-text"),
    "lead": (Text("线索", "lead"), "target-arrow"), "student": (Text("学员", "student"), "school"),
    "group": (Text("小组", "group"), "users"), "position": (Text("岗位", "position"), "id-badge-2"),
    "object": (Text("对象", "object"), "table"), "period": (Text("会计期间", "period"), "calendar-event"),
    "staff": (Text("员工", "staff"), "users"), "refund": (Text("退费", "refund"), "receipt-refund"),
    "lesson": (Text("课次", "lesson"), "calendar-event"), "attendance": (Text("考勤", "attendance"), "user-check"),
    "export": (Text("导出", "export"), "file-export"), "import": (Text("导入", "import"), "file-import"),
}  # fmt: skip
_VERBS: Mapping[str, tuple[Text, str]] = {
    "created": (Text("新建", "created"), "green"), "updated": (Text("修改", "changed"), ""),
    "changed": (Text("修改", "changed"), ""), "deleted": (Text("删除", "deleted"), "red"),
    "restored": (Text("恢复", "restored"), ""), "revealed": (Text("查看完整", "revealed"), "amber"),
    "merged": (Text("合并", "merged"), "amber"), "exported": (Text("导出", "exported"), "amber"),
    "imported": (Text("导入", "imported"), ""),
    "stage_changed": (Text("推进阶段：", "moved the stage of the"), "accent"),
    "signed_in": (Text("登录：", "signed in:"), ""),
    "sign_in_refused": (Text("登录失败：", "failed to sign in:"), "red"),
    "viewed_as": (Text("以他人身份查看：", "viewed as:"), "amber"), "issued": (Text("开始", "started a"), ""),
    "revoked": (Text("结束", "ended a"), ""), "completed": (Text("处理", "completed"), "green"),
    "started": (Text("发起", "started"), "accent"), "stepped": (Text("推进", "moved on"), ""),
    "ended": (Text("结束", "ended"), "green"), "cancelled": (Text("取消", "cancelled"), "red"),
    "assigned": (Text("分配", "assigned"), ""), "unassigned": (Text("收回", "took back"), ""),
    "deployed": (Text("发布", "deployed"), "accent"), "paused": (Text("停用", "paused"), "amber"),
    "deployment_approved": (Text("批准发布", "approved the deployment of the"), "green"),
    "deployment_refused": (Text("拒绝发布", "refused the deployment of the"), "red"),
    "saved": (Text("保存", "saved"), ""), "approved": (Text("批准", "approved"), "green"),
    "rejected": (Text("驳回", "rejected"), "red"), "shared": (Text("共享", "shared"), ""),
    "unshared": (Text("取消共享", "stopped sharing"), ""), "activated": (Text("启用", "activated"), "green"),
    "deactivated": (Text("停用", "deactivated"), "red"), "bound": (Text("绑定", "bound"), "green"),
    "unbound": (Text("解绑", "unbound"), ""), "drafted": (Text("起草", "drafted"), ""),
    "revised": (Text("修订", "revised"), ""), "held": (Text("冻结", "held"), "amber"),
    "released": (Text("解冻", "released"), ""), "registered": (Text("登记", "registered"), "green"),
    "collided": (Text("撞单：", "collision of the"), "amber"), "converted": (Text("转化", "converted"), "green"),
    "opened": (Text("开通", "opened"), "green"), "settled": (Text("结算", "settled"), ""),
    "closed": (Text("关闭", "closed"), ""), "handed_over": (Text("交接", "handed over"), "amber"),
    "transferred": (Text("转办", "transferred"), ""), "returned": (Text("退回", "returned"), "amber"),
    "claimed": (Text("认领", "claimed"), ""), "sent": (Text("发送", "sent"), "green"),
    "failed": (Text("失败：", "failed:"), "red"), "posted": (Text("入账", "posted"), "green"),
    "reversed": (Text("冲销", "reversed"), "amber"), "received": (Text("收到", "received"), "green"),
    "marked": (Text("登记", "marked"), ""), "consumed": (Text("消耗", "consumed"), ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field's old and new value as text."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    who: str
    what: str
    icon: str
    tone: str
    changes: tuple[ChangeLine, ...] = ()
    note: str = ""


def of_record(tx: Tx, definition: ObjectDefinition, record_id: UUID, limit: int) -> tuple[Entry, ...]:
    """A record's timeline, newest first; values the actor may not read are not in it."""
    found = records.history(tx, definition.key, record_id, limit=limit)
    known = _names(tx, definition, [change for one in found for change in one.changes])
    return tuple(_entry(definition, one, known) for one in found)


def action_words(action: str) -> tuple[str, str, str]:
    """Words, icon and colour for an action of the history such as ``record:updated``."""
    kind, _, verb = action.partition(":")
    noun, icon = KINDS.get(kind, (Text(kind, kind), "point"))
    words, tone = _VERBS.get(verb, (Text(verb.replace("_", " "), verb.replace("_", " ")), ""))
    joined = Text(f"{words.zh}{noun.zh}", f"{words.en} {noun.en}")
    return translated(joined), icon, tone


def _names(tx: Tx, definition: ObjectDefinition, changes: list[tuple[str, Any, Any]]) -> dict[str, str]:
    """Names of the people, branches and linked records among the values."""
    found: dict[str, str] = {}
    for key, *values in changes:
        field = catalog.field_of(definition, key)
        for value in values:
            if field and field.type in ("user", "branch", "link") and value and str(value) not in found:
                kind = field.target if field.type == "link" and field.target else field.type
                found[str(value)] = names.title(tx, kind, str(value))
    return found


def change_line(definition: ObjectDefinition | None, key: str, old: Any, new: Any) -> ChangeLine:
    """One change in words; without a definition the bare values."""
    field = catalog.field_of(definition, key) if definition else None
    label = field.label.in_locale(locale()) if field else key
    return ChangeLine(label, _value(field, old), _value(field, new))


def _entry(definition: ObjectDefinition, found: HistoryEntry, known: Mapping[str, str]) -> Entry:
    what, icon, tone = action_words(found.action)
    changes = tuple(
        change_line(definition, key, known.get(str(old), old), known.get(str(new), new))
        for key, old, new in found.changes
    )
    return Entry(found.at, found.actor_name, what, icon, tone, changes, str(found.data.get("reason") or ""))


def _value(field: FieldDefinition | None, value: Any) -> str:
    return text_of(field, value) if field and isinstance(value, str | bool) else formats.plain(value)
