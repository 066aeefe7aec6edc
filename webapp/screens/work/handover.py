"""交接 as its pages show it: what a person has by kind, the successors chosen, and what handing over means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import url_for

from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, directory, ownership, query, snapshot
from engine.metadata.organisation.users import User, get_user
from engine.metadata.query import Query
from engine.metadata.titles import record_names
from engine.workflow import bulk, leaving
from engine.workflow.instances import InstanceQuery, search
from engine.workflow.leaving import CASE, OFFER, TASK, Belongings
from webapp.formats import listed, short_time
from webapp.i18n import gettext, translated
from webapp.navigation import by_importance

Given = Mapping[str, str]
_TITLES = 20
_PICK, _TO = "pick-", "to-"
_WORK = {
    TASK: (Text("待办任务", "Open tasks"), "inbox"),
    OFFER: (Text("只有本人能认领的任务", "Tasks nobody else may claim"), "users"),
    CASE: (Text("今后会轮到本人的流程", "Cases that will ask this person later"), "route"),
}
_HELP = {
    TASK: Text("包括已委派给别人、正等别人加签的", "Delegated ones and those that wait for signers included"),
    OFFER: Text("交接后直接归接手人", "They become the successor's own"),
    CASE: Text("有人指定由本人办理后面的环节", "Somebody chose this person for a later step"),
}


@dataclass(frozen=True)
class Row:
    """One kind of things. ``titles``: (text, address) of the first; ``url``: the whole list; ``to``: id and name."""

    kind: str
    label: str
    help: str
    icon: str
    count: int
    titles: tuple[tuple[str, str], ...]
    url: str = ""
    is_picked: bool = True
    to: tuple[str, str] | None = None


@dataclass(frozen=True)
class Page:
    """What there is. ``stays``: what is not handed over, in words."""

    user: User
    branch: str
    rows: tuple[Row, ...]
    stays: tuple[str, ...]
    to: tuple[str, str] | None
    reason: str


@dataclass(frozen=True)
class Preview:
    """What it means. ``goes``: (what, how many, to whom); ``warnings``: what may not go through."""

    user: User
    goes: tuple[tuple[str, int, str], ...]
    left: tuple[tuple[str, int], ...]
    ends: tuple[str, ...]
    warnings: tuple[str, ...]
    total: int


def read(tx: Tx, user_id: UUID, given: Given) -> Page:
    """What the person has, with the choices made so far. Raises: NotFound; Forbidden."""
    user = get_user(tx, user_id)
    found = _found(tx, user_id)
    names = _names(tx, given)
    is_fresh = "step" not in given
    rows = tuple(
        replace(
            _row(tx, kind, ids, user_id),
            is_picked=is_fresh or _PICK + kind in given,
            to=names.get(given.get(_TO + kind, "")),
        )
        for kind, ids in found.items.items()
    )
    branch = snapshot.load(tx).branches.get(user.branch_id)
    to, reason = names.get(given.get("to", "")), given.get("reason", "").strip()
    stays = (*_stays(tx, found), *_teaching(tx, user_id), *_leaving(user))
    return Page(user, branch.name if branch else "", rows, stays, to, reason)


def preview(tx: Tx, user_id: UUID, given: Given) -> Preview:
    """What handing over with these choices means. Raises: UserError when nobody or nothing was chosen."""
    found, chosen = _found(tx, user_id), successors(given)
    names = dict(_names(tx, given).values())
    counts = {kind: len(ids) for kind, ids in found.items.items()}
    return Preview(
        user=get_user(tx, user_id),
        goes=tuple((_label(tx, kind), counts[kind], names[to]) for kind, to in chosen.items() if kind in counts),
        left=tuple((_label(tx, kind), count) for kind, count in counts.items() if kind not in chosen),
        ends=tuple(_ends(tx, found)),
        warnings=tuple(_warnings(tx, user_id, sorted(set(chosen.values())), names)),
        total=min(sum(counts.get(kind, 0) for kind in chosen), bulk.LIMIT),
    )


def start(tx: Tx, user_id: UUID, given: Given) -> UUID:
    """Puts the job down; its id. Raises: UserError."""
    return bulk.hand_over(tx, str(user_id), successors(given), given.get("reason", "").strip())


def successors(given: Given) -> dict[str, str]:
    """By kind picked who takes it: named for it, else the one named for all. Raises: UserError."""
    kinds = [name.removeprefix(_PICK) for name in given if name.startswith(_PICK)]
    found = {kind: given.get(_TO + kind) or given.get("to", "") for kind in kinds}
    if not kinds:
        raise UserError("nothing_picked", Text("请至少勾选一项", "Tick at least one kind"))
    if not all(found.values()):
        raise UserError("nobody_chosen", Text("请选择接手人", "Choose who takes it over"))
    return found


def _found(tx: Tx, user_id: UUID) -> Belongings:
    objects = [one.key for one in by_importance(map(catalog.load(tx).object, ownership.assignable_objects(tx)))]
    return leaving.belongings(tx, str(user_id), bulk.LIMIT, objects)


def _row(tx: Tx, kind: str, ids: Sequence[UUID], user_id: UUID) -> Row:
    if kind in _WORK:
        titles = _case_titles(tx, ids[:_TITLES]) if kind == CASE else _task_titles(tx, ids[:_TITLES])
        return Row(kind, _label(tx, kind), translated(_HELP[kind]), _WORK[kind][1], len(ids), titles)
    definition = catalog.load(tx).object(kind)
    url = url_for("records.index", object_key=kind, f=f"owner_id~=~{user_id}")
    named = record_names(tx, kind, set(ids[:_TITLES]))
    titles = tuple((named[one], url_for("records.show", object_key=kind, record_id=one)) for one in ids if one in named)
    return Row(kind, _label(tx, kind), gettext("改负责人"), definition.icon, len(ids), titles, url)


def _label(tx: Tx, kind: str) -> str:
    return translated(_WORK[kind][0] if kind in _WORK else catalog.load(tx).object(kind).label)


def _task_titles(tx: Tx, ids: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    rows = tx.query("select id, title from user_task where id = any(%(ids)s) order by id", {"ids": list(ids)})
    return tuple((row[1], url_for("inbox.show", task_id=row[0])) for row in rows)


def _case_titles(tx: Tx, ids: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    found = search(tx, InstanceQuery(ids=tuple(ids))).items
    return tuple((one.title or one.process_key, url_for("instances.show", instance_id=one.id)) for one in found)


def _stays(tx: Tx, found: Belongings) -> Iterator[str]:
    if found.shared:
        yield gettext("%(n)s 个可认领的任务同事也能认领，不用交接。", n=found.shared)
    yield from _ends(tx, found)


def _teaching(tx: Tx, user_id: UUID) -> Iterator[str]:
    """Lessons and classes stay until the academic office finds another teacher: whom, depends on the timetable."""
    mine = {"field": "teacher_id", "op": "=", "value": str(user_id)}
    to_come = [{"field": "starts_at", "op": ">=", "value": tx.now.isoformat()}]
    to_come += [{"field": "stage", "op": "=", "value": "scheduled"}]
    if access.can(tx, "read", "lesson") and (
        n := query.count(tx, Query("lesson", filter={"and": [mine, *to_come]})).value
    ):
        yield gettext("还有 %(n)s 节排好的课由其上课：请教务在课表里换老师。", n=n)
    if access.can(tx, "read", "class_group") and (n := query.count(tx, Query("class_group", filter=mine)).value):
        yield gettext("还是 %(n)s 个班级的主讲教师：请在班级页更换。", n=n)


def _leaving(user: User) -> Iterator[str]:
    if user.is_active:
        yield gettext("账号、角色、岗位和用户组不变；办完交接后，请管理员停用账号。")
    else:
        yield gettext("账号已停用，角色、岗位和用户组还在。")


def _ends(tx: Tx, found: Belongings) -> Iterator[str]:
    ids = frozenset(UUID(one.user_id) for one in found.stands_in)
    names = directory.user_names(tx, ids) if ids else {}
    for one in found.stands_in:
        name = names.get(UUID(one.user_id), one.user_id)
        until = short_time(one.ends_at)
        yield gettext(
            "正代 %(name)s 办理任务（到 %(until)s）：代理随交接结束，还没办的回到 %(name)s。", name=name, until=until
        )


def _warnings(tx: Tx, user_id: UUID, successors_: Sequence[str], names: Mapping[str, str]) -> Iterator[str]:
    config, own = snapshot.load(tx), directory.branches_of(tx, user_id)
    for one in successors_:
        works_in = directory.branches_of(tx, UUID(one))
        missing = [config.branches[key].name for key in own if not works_in & set(config.chain(key))]
        if missing:
            where = listed(missing)
            yield gettext("%(name)s 不在%(branches)s工作，可能看不到那里的记录。", name=names[one], branches=where)
    yield gettext("同一流程里已经审批过的人不能再接手其中的审批；接不了的会逐个列出，仍归原来的人。")


def _names(tx: Tx, given: Given) -> dict[str, tuple[str, str]]:
    """Id and name of everybody named, by id."""
    ids = {value for name, value in given.items() if (name == "to" or name.startswith(_TO)) and value}
    try:
        keys = frozenset(UUID(one) for one in ids)
    except ValueError:
        raise NotFound from None
    names = directory.user_names(tx, keys) if keys else {}
    return {str(key): (str(key), name) for key, name in names.items()}
