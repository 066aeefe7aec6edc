"""Who does a task in the words of Chinese office products on Flowable: Yudao, RuoYi, JeecgBoot and their kin.

Their designers write people as numbers of a strategy, as kinds with ids, or leave them to a bean of their own; one task
each for several people (会签, 或签) takes its list from such a bean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make, remove
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel
from engine.workflow.doctor.office_tasks import said

NAMES = frozenset({"dataType", "text", "candidateStrategy", "candidateParam", "groupType", "multiLoopType"})
_BY_IDS = {"10": "role", "22": "position", "30": "user", "40": "group"}
_PLAIN = {"34": "previous_chooses", "35": "starter_chooses", "36": "starter"}
_COMPUTED = frozenset({"30", "60"})
_UNEQUALLED = {
    "20": Text("部门的成员", "the members of a department"),
    "21": Text("部门的负责人", "the head of a department"),
    "23": Text("连续多级部门的负责人", "the heads of several departments upwards"),
    "38": Text("发起人连续多级部门的负责人", "the heads of several departments above the starter"),
    "51": Text("表单中部门的负责人", "the head of a department of the form"),
}
_KINDS = {"USERS": "user", "ROLES": "role", "DEPTS": "group", "POSTS": "position", "USERGROUP": "group"}
_GROUPS = {"role": "role", "position": "position", "dept": "group"}
_TO_LIST = re.compile(r"[$#]\{\s*[\w.]+\.(?:stringToList|asList|toList)\(\s*(?P<given>[^()]*?)\s*\)\s*\}")
_BEAN = re.compile(r"[$#]\{\s*\w+\.\w+\(.*\)\s*\}", re.DOTALL)
_MADE_UP = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-z]{24,}")
_OF_THE_ENGINE = "coll_userList"


def treat_lists(document: Document) -> None:
    """One task each for several people: the list they stand in, before expressions are looked at."""
    for task in document.all("userTask"):
        for loop in xml.children(task, "multiInstanceLoopCharacteristics"):
            _treat_list(document, task, loop)


def treat_people(document: Document) -> None:
    """After the other settings of tasks have become ours: rules for strategies, kinds and names."""
    for task in document.all("userTask"):
        found = _rules(task)
        strategy = said(task, "candidateStrategy")
        if found and not _each_his_own(task):
            _replace(document, task, found)
        elif strategy in _UNEQUALLED:
            _tell_unequalled(document, task, _UNEQUALLED[strategy])


def _treat_list(document: Document, task: xml.Element, loop: xml.Element) -> None:
    collection = read_foreign.attribute(loop, "collection")
    given = _TO_LIST.fullmatch(collection)
    if given is not None:
        _set(document, task, loop, _listed(given["given"]))
        return
    is_theirs = bool(said(task, "candidateStrategy", "dataType", "groupType"))
    is_left = is_theirs and (not collection or _OF_THE_ENGINE in collection)
    cardinality = xml.child(loop, "loopCardinality")
    if cardinality is not None and is_theirs and _OF_THE_ENGINE in collection:
        remove(cardinality)
    elif cardinality is not None:
        return
    if not (is_left or _BEAN.fullmatch(collection)):
        return
    rules = _rules(task) or _named_users(task)
    users = [rule.removeprefix("user:") for rule in rules if rule.startswith("user:")]
    if users and len(users) == len(rules):
        _set(document, task, loop, json.dumps(users, ensure_ascii=False))
    elif rules:
        _drop_collection(loop)
        document.is_changed = True
        _tell_open_list(document, task, rules)


def _named_users(task: xml.Element) -> list[str]:
    """Fixed candidates of a task whose list a bean makes of them."""
    given = read_foreign.attribute(task, "candidateUsers")
    return _named("user", given.split(",")) if not is_braced(given) else []


def _listed(given: str) -> str:
    """`'li,wang'` is a list of two, `names` one of the parts of a variable."""
    if given[:1] in {"'", '"'}:
        texts = re.findall(r"'([^']*)'|\"([^\"]*)\"", given)
        return json.dumps([part.strip() for one in texts for part in "".join(one).split(",")], ensure_ascii=False)
    return f'split({given}, ",")'


def _set(document: Document, task: xml.Element, loop: xml.Element, feel: str) -> None:
    """The list, and the name of each item: that of the task's own person, when it has none."""
    _drop_collection(loop)
    variable = read_foreign.attribute(loop, "elementVariable") or _item_of(task)
    for space in xml.KINDRED:
        drop(loop, f"{{{space}}}elementVariable")
    loop.set(f"{{{xml.FLOWABLE}}}collection", f"={feel}")
    loop.set(f"{{{xml.FLOWABLE}}}elementVariable", variable)
    for space in xml.KINDRED:
        for name in ("assignee", "candidateUsers", "candidateGroups"):
            drop(task, f"{{{space}}}{name}")
    task.set(f"{{{xml.FLOWABLE}}}assignee", f"=[{variable}]")
    zh = f"“{called(task)}”每人一份，名单：{feel[:80]}"
    document.rewritten(task, "people_each", zh, f"{called(task)}: one task each for {feel[:80]}")


def _item_of(task: xml.Element) -> str:
    named = re.fullmatch(r"[$#]\{\s*(\w+)\s*\}", read_foreign.attribute(task, "assignee"))
    return named[1] if named is not None else "assignee"


def _drop_collection(loop: xml.Element) -> None:
    for space in xml.KINDRED:
        drop(loop, f"{{{space}}}collection")


def _each_his_own(task: xml.Element) -> bool:
    """The person of each item is worked out already."""
    loops = xml.children(task, "multiInstanceLoopCharacteristics")
    return any(read_foreign.attribute(loop, "collection") for loop in loops)


def _rules(task: xml.Element) -> list[str]:
    """Empty when the product says nobody in words of its own, or in words that have no equal here."""
    strategy = said(task, "candidateStrategy")
    if strategy:
        return _by_strategy(strategy, said(task, "candidateParam"))
    kind = _KINDS.get(said(task, "dataType").upper(), "")
    if kind:
        return _by_kind(task, kind)
    group = _GROUPS.get(said(task, "groupType"), "")
    names = read_foreign.attribute(task, "candidateGroups")
    return _named(group, names.split(",")) if group and not is_braced(names) else []


def _by_strategy(strategy: str, given: str) -> list[str]:
    if strategy in _PLAIN:
        return [_PLAIN[strategy]]
    computed = to_feel(given) if is_braced(given) else given.removeprefix("=") if given.startswith("=") else None
    if computed is not None or is_braced(given):
        return [f"={computed}"] if computed and strategy in _COMPUTED else []
    if strategy in _BY_IDS:
        return _named(_BY_IDS[strategy], given.split(","))
    if strategy == "37":
        return [f"superior:{given}" if given.isdecimal() and 1 <= int(given) <= 20 else "superior:1"]
    return _named("field", given.split(",")) if strategy == "50" else []


def _by_kind(task: xml.Element, kind: str) -> list[str]:
    """Ids nobody can read are told by the names that stand beside them."""
    given = read_foreign.attribute(task, *(("candidateUsers", "assignee") if kind == "user" else ("candidateGroups",)))
    ids = [part.strip() for part in given.split(",") if part.strip()]
    if not ids or is_braced(given):
        return []
    shown = [part.strip() for part in read_foreign.attribute(task, "text").split(",") if part.strip()]
    if len(shown) == len(ids):
        ids = [name if kind != "user" or _MADE_UP.fullmatch(one) else one for one, name in zip(ids, shown, strict=True)]
    return _named(kind, ids)


def _named(kind: str, names: Sequence[str]) -> list[str]:
    return [f"{kind}:{key}" for name in names if (key := read_foreign.key_of(name))]


def _replace(document: Document, task: xml.Element, rules: list[str]) -> None:
    ours = read_extensions.school(task, "task")
    if ours is None:
        ours = make(extensions_of(task), "task", xml.SCHOOL)
    before = xml.children(ours, "assignee", xml.SCHOOL)
    if [xml.attribute(one, "rule") for one in before] == rules or ours.get("candidates"):
        return
    for one in before:
        remove(one)
    for rule in rules:
        make(ours, "assignee", xml.SCHOOL, rule=rule)
    shown = ", ".join(rules)[:80]
    zh = f"任务“{called(task)}”的处理人已转成本系统的规则：{shown}"
    document.rewritten(task, "people", zh, f"The people of {called(task)} are now rules of ours: {shown}")


def _tell_unequalled(document: Document, task: xml.Element, who: Text) -> None:
    text = Text(
        f"“{called(task)}”在那边由{who.zh}处理，这里没有同样的规则",
        f"{called(task)} was done by {who.en} there; there is no such rule here",
    )
    fix = Text(
        "在属性面板“处理人”中选择，如分校负责人、发起人的第 n 级上级",
        "Choose people in the panel, such as the head of the branch or the n-th superior of the starter",
    )
    document.note(task, "people_unequalled", "warning", text, fix)


def _tell_open_list(document: Document, task: xml.Element, rules: list[str]) -> None:
    shown = ", ".join(rules)[:80]
    text = Text(
        f"“{called(task)}”应由 {shown} 中的每个人各办一份，名单原来由那边的程序算出",
        f"{called(task)} is for each of {shown}; program code there worked out the list",
    )
    fix = Text(
        "在它前面加一步，把名单放进变量，再把变量填为它的集合；或接受修复：由其中一人办理",
        "Add a step before it that puts the list into a variable, its collection; or accept the fix: one of them does",
    )
    document.note(task, "people_list", "error", text, fix)
