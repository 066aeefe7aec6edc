"""Assignee rules in words, and whom they would name now."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.workflow.assignees import Asking, Rule, RuleError, candidates_of, parse_rule
from engine.workflow.assignees.rules import RuleKind
from engine.workflow.organisation import OrganisationDirectory

_MOST_BRANCHES = 8
_MOST_NAMES = 6
_LOCAL = {RuleKind.ROLE, RuleKind.POSITION, RuleKind.BRANCH_HEAD}
_KNOWN_NOW = _LOCAL | {RuleKind.GROUP, RuleKind.USER}
_WORDS = {
    RuleKind.USER: Text("{name}", "{name}"),
    RuleKind.ROLE: Text("角色“{name}”", "the role “{name}”"),
    RuleKind.GROUP: Text("用户组“{name}”的成员", "the group “{name}”"),
    RuleKind.POSITION: Text("岗位“{name}”", "the position “{name}”"),
    RuleKind.BRANCH_HEAD: Text("校区负责人", "the head of the branch"),
    RuleKind.OWNER: Text("记录的负责人", "the owner of the record"),
    RuleKind.FIELD: Text("记录字段 {name} 里的人", "whoever stands in the record's field {name}"),
    RuleKind.STARTER: Text("发起人本人", "the starter"),
    RuleKind.STARTER_CHOOSES: Text("发起人选定的人", "whom the starter chooses"),
    RuleKind.PREVIOUS_CHOOSES: Text("上一步处理人选定的人", "whom the previous handler chooses"),
    RuleKind.EXPRESSION: Text("表达式 {name} 算出的人", "whoever the expression {name} gives"),
    RuleKind.DECISION: Text("决策表“{name}”给出的人", "whoever the decision “{name}” gives"),
}
_STRATEGIES = {
    "offer": Text("任何一人认领后办理", "any one of them claims it"),
    "least_load": Text("直接交给待办最少的一位", "it goes to the one with the fewest tasks"),
    "round_robin": Text("轮流分配", "they take turns"),
    "all": Text("人人都能办理", "it is open to all of them"),
}
_NAMES = {
    RuleKind.POSITION: "SELECT name FROM position WHERE key = :key ORDER BY id LIMIT 1",
    RuleKind.GROUP: "SELECT name FROM user_group WHERE key = :key",
    RuleKind.USER: "SELECT name FROM app_user WHERE username = :key",
    RuleKind.DECISION: "SELECT name FROM decision_version WHERE decision_id = :key ORDER BY number DESC LIMIT 1",
}


@dataclass(frozen=True, slots=True)
class Told:
    """``words``: the rule as a sentence; ``people``: (branch or empty, names) as of now.

    ``is_known``: False when each case differs, so that nobody can be named beforehand.
    """

    words: str
    people: tuple[tuple[str, str], ...]
    is_known: bool


def tell(tx: Tx, rule_text: str, branch: str, strategy: str, locale: str) -> Told:
    """The sentence under a rule. Raises: RuleError."""
    rule = parse_rule(rule_text)
    who = rule_words(tx, rule).in_locale(locale)
    where = _where(rule, branch).in_locale(locale)
    how = _STRATEGIES.get(strategy or "offer", _STRATEGIES["offer"]).in_locale(locale)
    words = Text(f"由{where}{who}办理，{how}。", f"Goes to {who}{where}; {how}.").in_locale(locale)
    return Told(words, tuple(_people(tx, rule, branch, locale)), rule.kind in _KNOWN_NOW)


def rule_words(tx: Tx, rule: Rule) -> Text:
    """Whom a rule means."""
    if rule.kind in (RuleKind.SUPERIOR, RuleKind.LAST_SUPERIOR):
        return _superior(rule)
    name = _name(tx, rule)
    return Text(_WORDS[rule.kind].zh.format(name=name.zh), _WORDS[rule.kind].en.format(name=name.en))


def told_rule(tx: Tx, rule_text: str) -> Text:
    """The same from the text of a rule; the text itself when it cannot be read."""
    try:
        return rule_words(tx, parse_rule(rule_text))
    except RuleError:
        return Text(rule_text, rule_text)


def _superior(rule: Rule) -> Text:
    zh, en = ("发起人", "the starter") if rule.kind is RuleKind.SUPERIOR else ("上一步处理人", "the previous handler")
    ladder = "的上级" if rule.level == 1 else f"往上第 {rule.level} 级的上级"
    return Text(f"{zh}{ladder}", f"the superior of {en}" + ("" if rule.level == 1 else f", {rule.level} steps up"))


def _name(tx: Tx, rule: Rule) -> Text:
    if rule.kind is RuleKind.ROLE:
        role = snapshot.load(tx).roles.get(rule.argument)
        return role.label if role else Text(rule.argument, rule.argument)
    sql = _NAMES.get(rule.kind)
    name = tx.execute(text(sql), {"key": rule.argument}).scalar_one_or_none() if sql else None
    return Text(str(name or rule.argument), str(name or rule.argument))


def _where(rule: Rule, branch: str) -> Text:
    if rule.kind not in _LOCAL:
        return Text("", "")
    if branch == "hq":
        return Text("总部的", " at headquarters")
    if branch.startswith("="):
        return Text(f"校区（{branch}）的", f" at the branch {branch}")
    return Text("业务所在校区的", " at the branch of the case")


def _people(tx: Tx, rule: Rule, branch: str, locale: str) -> Iterator[tuple[str, str]]:
    if rule.kind not in _KNOWN_NOW or branch.startswith("="):
        return
    directory = OrganisationDirectory(tx)
    branches = [one for one in snapshot.load(tx).branches.values() if one.is_active]
    if rule.kind not in _LOCAL or branch == "hq":
        yield "", _names(directory, rule, directory.headquarters(), locale)
        return
    for one in branches[:_MOST_BRANCHES]:
        yield Text(one.name, one.name_en or one.name).in_locale(locale), _names(directory, rule, one.id, locale)


def _names(directory: OrganisationDirectory, rule: Rule, branch_id: UUID, locale: str) -> str:
    found = candidates_of([rule], directory, Asking(branch_id))
    names = [directory.names(found).get(user, "") for user in found[:_MOST_NAMES]]
    if not names:
        return Text("没有人", "nobody").in_locale(locale)
    more = len(found) - len(names)
    joined = Text("、".join(names), ", ".join(names)).in_locale(locale)
    return joined + (Text(f" 等 {len(found)} 人", f" and {more} more").in_locale(locale) if more else "")
