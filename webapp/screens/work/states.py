"""Words and colours for the states of processes, tasks and jobs."""

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
    return {"done": (gettext("已处理"), "green"), "cancelled": (gettext("已撤销"), "")}.get(status, (status, ""))


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
