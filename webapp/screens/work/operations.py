"""What people do with a task besides completing it: what the dialog asks, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from engine.kernel.errors import Conflict, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow import tasks
from engine.workflow.tasks import Preview
from webapp.formats import listed, short_time
from webapp.given import id_of
from webapp.i18n import gettext, locale, translated
from webapp.modelwords import named
from webapp.screens.work import foreseeing, taskdraft, tasksteps
from webapp.screens.work.consequences import Consequences

Posted = MultiDict[str, str]
_TURN = "turn-"


@dataclass(frozen=True)
class Operation:
    """Texts of an operation. ``people``: asks for one (``to``) or several (``users``)."""

    title: Text
    done: Text
    text: Text | None = None
    people: str = ""
    previewable: bool = False
    danger: bool = False


OPERATIONS: Mapping[str, Operation] = {
    "claim": Operation(Text("认领", "Claim"), Text("已认领", "Claimed")),
    "unclaim": Operation(Text("取消认领", "Give back"), Text("已放回可认领", "Given back")),
    "save": Operation(Text("暂存", "Save"), Text("已暂存", "Saved")),
    "resolve": Operation(Text("交回", "Hand back"), Text("已交回", "Handed back")),
    "transfer": Operation(
        Text("转办", "Hand over"),
        Text("已转办", "Handed over"),
        Text("任务将由对方处理，您不再负责。", "The other person takes the task over."),
        people="to",
    ),
    "delegate": Operation(
        Text("委派", "Delegate"),
        Text("已委派", "Delegated"),
        Text("对方处理后会交回给您。", "It comes back to you afterwards."),
        people="to",
    ),
    "add_signer": Operation(Text("加签", "Add signers"), Text("已加签", "Signers added"), people="users"),
    "arrange_signers": Operation(
        Text("调整签署顺序", "Change the order of signers"),
        Text("顺序已调整", "The order has changed"),
        Text(
            "拖动，或用箭头按钮改变还没轮到的人的先后。正在办理的人不受影响；轮到谁才通知谁。",
            "Drag, or use the arrows, to change who comes when. Who signs now goes on; others are told at their turn.",
        ),
    ),
    "remove_signer": Operation(Text("减签", "Remove signers"), Text("已减签", "Signers removed")),
    "cc": Operation(
        Text("抄送", "Send a copy"),
        Text("已抄送", "Copy sent"),
        Text("对方可以查看，但不处理。", "They can look, but need not act."),
        people="users",
    ),
    "urge": Operation(
        Text("催办", "Urge"), Text("已催办", "Urged"), Text("会提醒正在处理的人。", "Reminds whoever handles it.")
    ),
    "return": Operation(Text("退回", "Return"), Text("已退回", "Returned"), previewable=True),
    "withdraw": Operation(
        Text("撤回", "Withdraw"),
        Text("已撤回", "Withdrawn"),
        Text("收回您刚处理的任务，重新处理。", "Takes back what you completed, to do it again."),
        previewable=True,
    ),
    "reject": Operation(
        Text("驳回并结束", "Reject and end"),
        Text("已驳回", "Rejected"),
        Text("整个流程将结束。", "The whole case ends."),
        previewable=True,
        danger=True,
    ),
}

_ANSWERED = Text("按“驳回”办理，流程沿驳回的路线继续。", "Answers with a refusal; the case goes the way drawn for it.")


def do(tx: Tx, task_id: UUID, name: str, posted: Posted) -> Text:
    """Does the operation; says so. Raises: UserError."""
    comment = posted.get("comment", "").strip()
    if name == "claim":
        tasks.claim(tx, task_id)
    elif name == "unclaim":
        tasks.unclaim(tx, task_id)
    elif name == "save":
        taskdraft.keep(tx, task_id, comment)
    elif name == "resolve":
        tasks.resolve(tx, task_id, comment)
    elif name == "urge":
        tasks.urge(tx, task_id, comment)
    elif name in ("transfer", "delegate"):
        getattr(tasks, name)(tx, task_id, _one_person(posted), comment)
    elif name == "cc":
        tasks.cc(tx, task_id, _people(posted), comment)
    elif name == "add_signer":
        tasks.add_signer(tx, task_id, _people(posted), posted.get("when", "before"), comment)
    elif name == "arrange_signers":
        _arrange_signers(tx, task_id, posted.getlist("order"), comment)
    elif name == "remove_signer":
        _remove_signers(tx, task_id, posted.getlist("target"), comment)
    else:
        _send_back(tx, task_id, name, posted, dry_run=False)
    return OPERATIONS[name].done


def _arrange_signers(tx: Tx, task_id: UUID, order: Sequence[str], comment: str) -> None:
    """All of them in the order given: whoever is to be left out is removed by his own operation."""
    waiting = sorted(str(turn.item) for turn in tasks.get(tx, task_id).turns)
    if sorted(order) != waiting:
        text = Text("签署顺序刚刚有变化，请按新的名单重新排", "The signers have just changed; arrange them again")
        raise Conflict("turns_changed", text)
    tasks.arrange_signers(tx, task_id, [int(one) for one in order], comment)


def _remove_signers(tx: Tx, task_id: UUID, targets: Sequence[str], comment: str) -> None:
    """Those who have a task already, and those whose turn has yet to come."""
    if not targets:
        raise UserError("nobody_chosen", Text("请选择人员", "Choose at least one person"))
    waiting = {int(one.removeprefix(_TURN)) for one in targets if one.startswith(_TURN)}
    if waiting:
        order = [turn.item for turn in tasks.get(tx, task_id).turns if turn.item not in waiting]
        tasks.arrange_signers(tx, task_id, order, comment)
    for signer in targets:
        if not signer.startswith(_TURN):
            tasks.remove_signer(tx, id_of(signer), comment)


def ask(tx: Tx, task_id: UUID, name: str, posted: Posted, error: str) -> dict[str, Any]:
    """What the dialog shows; with the consequences as soon as nothing is left to choose."""
    operation = OPERATIONS[name]
    targets = _targets(tx, task_id, name)
    found = None
    if operation.previewable and (name != "return" or posted.get("step") == "preview" or error):
        try:
            found = _consequences(tx, task_id, name, posted)
        except UserError as fault:
            error = error or _said(fault)
    is_blocked = operation.previewable and name != "return" and found is None
    text = _ANSWERED if name == "reject" and found is not None and not found.is_end else operation.text
    return {
        "title": operation.title.in_locale(locale()),
        "label": operation.title.in_locale(locale()),
        "text": translated(text),
        "danger": operation.danger,
        "error": error,
        "action": url_for("inbox.operate", task_id=task_id, operation=name),
        "comment": posted.get("comment", ""),
        "people": _asked_people(operation.people),
        "whens": _whens(tasks.get(tx, task_id)) if name == "add_signer" else (),
        "signing": _signing(tx, tasks.get(tx, task_id)) if name == "arrange_signers" else None,
        "targets": targets,
        "many": name == "remove_signer",
        "needs_target": name == "return",
        "target_label": gettext("减去谁") if name == "remove_signer" else gettext("退回到"),
        "chosen": [one for one in targets if one["value"] in posted.getlist("target")],
        "direct": posted.get("direct") == "1" if name == "return" else None,
        "is_asking": operation.previewable and found is None and not is_blocked,
        "is_blocked": is_blocked,
        "found": found,
    }


def _consequences(tx: Tx, task_id: UUID, name: str, posted: Posted) -> Consequences:
    def act(comment: str, dry_run: bool) -> Preview:
        given = MultiDict(posted)
        given["comment"] = comment
        return _send_back(tx, task_id, name, given, dry_run=dry_run)

    found = foreseeing.sending_back(tx, task_id, act).found
    if name != "return" or posted.get("target") != "starter":
        return found
    mends = gettext("%(name)s 修改后重新提交", name=tasksteps.case_of(tx, tasks.get(tx, task_id).row).starter)
    return replace(found, goes_on=(mends, *found.goes_on))


def _said(error: UserError) -> str:
    reasons = [translated(text) for text in error.fields.values()]
    return " ".join(reasons) or translated(error.message)


def _send_back(tx: Tx, task_id: UUID, name: str, posted: Posted, *, dry_run: bool) -> Preview:
    comment = posted.get("comment", "").strip()
    if name == "return":
        is_direct = posted.get("direct") == "1"
        return tasks.return_to(tx, task_id, posted.get("target", ""), comment, dry_run=dry_run, direct=is_direct)
    if name == "withdraw":
        return tasks.withdraw(tx, task_id, comment, dry_run=dry_run)
    return tasks.reject(tx, task_id, comment, dry_run=dry_run)


def _asked_people(kind: str) -> dict[str, Any] | None:
    if not kind:
        return None
    return {"many": kind == "users", "label": gettext("交给") if kind == "to" else gettext("人员"), "chosen": ()}


def _whens(view: tasks.TaskView) -> tuple[tuple[str, str], ...]:
    """A countersign in order has turns: the next one, or the last."""
    around = ("before", gettext("在我之前（对方签完再到我）")), ("after", gettext("在我之后（我办完再到对方）"))
    if view.turns:
        return *around, ("next", gettext("依次会签的下一位")), ("parallel", gettext("依次会签的最后一位"))
    return *around, ("parallel", gettext("与我同时（都签完才继续）"))


def _targets(tx: Tx, task_id: UUID, name: str) -> list[dict[str, str]]:
    if name == "remove_signer":
        view = tasks.get(tx, task_id)
        asked = [row for row in (*view.signers, *view.voters) if row.status in ("open", "waiting")]
        later = [
            {"value": f"{_TURN}{turn.item}", "label": listed(turn.names), "note": gettext("还没轮到")}
            for turn in view.turns
        ]
        return [*_people_asked(tx, asked), *later]
    if name != "return":
        return []
    found = [
        {
            "value": one.node_id,
            "label": named(one.name),
            "note": " · ".join(filter(None, (one.by_name, short_time(one.at) if one.at else ""))),
        }
        for one in tasks.return_targets(tx, task_id)
    ]
    starter = tasksteps.case_of(tx, tasks.get(tx, task_id).row).starter
    note = " · ".join((starter, gettext("修改后重新提交")))
    own = {"value": "starter", "label": gettext("发起人"), "note": note}
    return [*found, own] if starter else found


def _signing(tx: Tx, view: tasks.TaskView) -> dict[str, Any]:
    """Who signs now, and whose turn comes after, in order."""
    now = [view.row.assignee] if view.row.assignee else list(view.candidates)
    names = directory.user_names(tx, frozenset(UUID(one) for one in now))
    turns = [{"item": turn.item, "names": listed(turn.names)} for turn in view.turns]
    return {"now": listed(names.get(UUID(one), one) for one in now), "turns": turns}


def _people_asked(tx: Tx, rows: Sequence[tasks.TaskRow]) -> list[dict[str, str]]:
    names = directory.user_names(tx, frozenset(UUID(row.assignee) for row in rows if row.assignee))
    who = {row.id: names.get(UUID(row.assignee), named(row.name)) if row.assignee else named(row.name) for row in rows}
    return [{"value": str(row.id), "label": who[row.id], "note": named(row.name)} for row in rows]


def _one_person(posted: Posted) -> str:
    if not posted.get("to"):
        raise UserError("nobody_chosen", Text("请选择人员", "Choose a person"))
    return posted["to"]


def _people(posted: Posted) -> list[str]:
    found = [value for value in posted.getlist("users") if value]
    if not found:
        raise UserError("nobody_chosen", Text("请选择人员", "Choose at least one person"))
    return found
