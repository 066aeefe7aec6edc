"""Sentences of a case's story, by the action of the history they tell."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.text import Text


@dataclass(frozen=True)
class Sentence:
    """``text`` follows the person's name; places: ``task``, ``outcome``, ``people``, ``target``."""

    text: Text
    icon: str
    tone: str = ""


SENTENCES: Mapping[str, Sentence] = {
    "instance:started": Sentence(Text("发起了流程", "started the process"), "send", "accent"),
    "instance:ended": Sentence(Text("流程结束", "ended the process"), "check", "green"),
    "instance:cancelled": Sentence(Text("撤销了流程", "cancelled the process"), "circle-x", "red"),
    "instance:suspended": Sentence(Text("挂起了流程", "suspended the process"), "player-pause", "amber"),
    "instance:resumed": Sentence(Text("恢复了流程", "resumed the process"), "player-play"),
    "instance:retried": Sentence(Text("重试了出错的步骤", "retried the failed step"), "refresh"),
    "instance:skipped": Sentence(Text("跳过了一步", "skipped a step"), "player-skip-forward", "amber"),
    "instance:join_passed": Sentence(
        Text("让流程不再等“%(target)s”", "let the process wait no longer at “%(target)s”"),
        "player-skip-forward",
        "amber",
    ),
    "instance:moved": Sentence(
        Text("把流程移到“%(target)s”", "moved the process to “%(target)s”"), "arrows-move", "amber"
    ),
    "instance:activity_begun": Sentence(Text("选择了“%(task)s”", "chose “%(task)s”"), "player-play", "accent"),
    "instance:stage_finished": Sentence(Text("结束了“%(task)s”", "ended “%(task)s”"), "flag"),
    "instance:variables_set": Sentence(Text("修改了流程资料", "changed the data of the process"), "variable", "amber"),
    "instance:migrated": Sentence(Text("把流程迁到新版本", "moved the process to a new version"), "versions", "amber"),
    "instance:migration_undone": Sentence(
        Text("撤销了版本迁移", "undid the move to the new version"), "versions", "amber"
    ),
    "task:completed": Sentence(Text("办理“%(task)s”：%(outcome)s", "did “%(task)s”: %(outcome)s"), "check", "green"),
    "task:decided_awaiting_signers": Sentence(
        Text("办理“%(task)s”：%(outcome)s，等待加签人", "did “%(task)s”: %(outcome)s; waiting for the signers"), "check"
    ),
    "task:claimed": Sentence(Text("认领了“%(task)s”", "claimed “%(task)s”"), "user-check"),
    "task:unclaimed": Sentence(Text("把“%(task)s”放回可认领", "gave “%(task)s” back"), "user-minus"),
    "task:transferred": Sentence(
        Text("把“%(task)s”转办给 %(people)s", "handed “%(task)s” over to %(people)s"), "user-share"
    ),
    "task:given_back": Sentence(
        Text("“%(task)s”由代理人交回 %(people)s", "“%(task)s” came back to %(people)s"), "arrow-back"
    ),
    "task:delegated": Sentence(
        Text("把“%(task)s”委派给 %(people)s", "delegated “%(task)s” to %(people)s"), "user-plus"
    ),
    "task:resolved": Sentence(
        Text("办完委派的“%(task)s”，交回 %(people)s", "handed “%(task)s” back to %(people)s"), "check"
    ),
    "task:copied": Sentence(Text("把“%(task)s”抄送给 %(people)s", "sent a copy of “%(task)s” to %(people)s"), "mail"),
    "task:urged": Sentence(Text("催办“%(task)s”", "urged “%(task)s”"), "bell-ringing", "amber"),
    "task:reminded": Sentence(
        Text("提醒 %(people)s 办理“%(task)s”", "reminded %(people)s of “%(task)s”"), "bell", "amber"
    ),
    "task:escalated": Sentence(
        Text("“%(task)s”超时，转给 %(people)s", "gave “%(task)s”, overdue, to %(people)s"), "alert-triangle", "amber"
    ),
    "task:decided_by_time": Sentence(
        Text("“%(task)s”到期自动办理：%(outcome)s", "decided “%(task)s” by its deadline: %(outcome)s"), "clock", "amber"
    ),
    "task:returned": Sentence(
        Text("从“%(task)s”退回到“%(target)s”", "returned “%(task)s” to “%(target)s”"), "arrow-back-up", "amber"
    ),
    "task:withdrawn": Sentence(
        Text("撤回了自己办理的“%(task)s”", "withdrew “%(task)s” to do it again"), "corner-up-left", "amber"
    ),
    "task:ended": Sentence(
        Text("在“%(task)s”驳回并结束了流程", "rejected at “%(task)s” and ended the process"), "circle-x", "red"
    ),
    "task:signers_added": Sentence(
        Text("在“%(task)s”请 %(people)s 加签", "asked %(people)s to sign “%(task)s” too"), "users"
    ),
    "task:signers_arranged": Sentence(
        Text("调整了“%(task)s”后续会签的顺序", "changed who signs “%(task)s” next"), "arrows-sort"
    ),
    "task:signer_removed": Sentence(
        Text("在“%(task)s”减去加签人 %(people)s", "took %(people)s off “%(task)s”"), "user-minus"
    ),
}
