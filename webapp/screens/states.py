"""Words and colours for the states of processes, tasks, jobs and connectors."""

from webapp.i18n import gettext


def instance_state(status: str, *, suspended: bool = False) -> tuple[str, str]:
    """Label and badge colour of an instance."""
    if suspended:
        return gettext("已挂起"), "amber"
    words = {
        "active": (gettext("进行中"), "accent"),
        "suspended": (gettext("已挂起"), "amber"),
        "completed": (gettext("已完成"), "green"),
        "cancelled": (gettext("已取消"), ""),
        "terminated": (gettext("已终止"), ""),
        "failed": (gettext("出错"), "red"),
        "incident": (gettext("需处理"), "red"),
    }
    return words.get(status, (status, ""))


def task_state(status: str, *, mine: bool, claimed: bool) -> tuple[str, str]:
    """Label and badge colour of a task."""
    if status == "open":
        if mine:
            return gettext("待我处理"), "accent"
        return (gettext("处理中"), "amber") if claimed else (gettext("待认领"), "blue")
    words = {
        "done": (gettext("已处理"), "green"),
        "cancelled": (gettext("已撤销"), ""),
        "waiting": (gettext("等待加签"), "amber"),
    }
    return words.get(status, (status, ""))


def job_state(state: str) -> tuple[str, str]:
    """Label and badge colour of a background job."""
    words = {
        "queued": (gettext("排队中"), ""),
        "running": (gettext("进行中"), "accent"),
        "done": (gettext("已完成"), "green"),
        "failed": (gettext("失败"), "red"),
        "cancelled": (gettext("已取消"), ""),
    }
    return words.get(state, (state, ""))


def connector_state(state: str) -> tuple[str, str]:
    """Label and badge colour of how a connector does."""
    words = {
        "ok": (gettext("正常"), "green"),
        "degraded": (gettext("不稳定"), "amber"),
        "down": (gettext("中断"), "red"),
        "disabled": (gettext("停用"), ""),
    }
    return words.get(state, (gettext("还没有事件"), ""))


def event_state(state: str) -> tuple[str, str]:
    """Label and badge colour of an event that came in."""
    words = {
        "new": (gettext("待处理"), ""),
        "done": (gettext("已处理"), "green"),
        "quarantined": (gettext("已隔离"), "amber"),
        "discarded": (gettext("已丢弃"), ""),
        "dead": (gettext("处理失败"), "red"),
    }
    return words.get(state, (state, ""))


def message_state(state: str) -> tuple[str, str]:
    """Label and badge colour of a message that goes out."""
    words = {
        "queued": (gettext("排队中"), ""),
        "sending": (gettext("发送中"), ""),
        "sent": (gettext("已发送"), "green"),
        "delivered": (gettext("已送达"), "green"),
        "unknown": (gettext("待确认"), "amber"),
        "failed": (gettext("失败"), "red"),
        "dead": (gettext("发送失败"), "red"),
        "expired": (gettext("已过期"), ""),
        "suppressed": (gettext("未发送"), ""),
    }
    return words.get(state, (state, ""))
