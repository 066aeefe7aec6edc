"""Who handles each user task: rules that can be read and can yield somebody, outcomes, separation of duties."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.assignees.rules import Rule, RuleError, RuleKind, parse_rule
from engine.workflow.bpmn.extensions import TaskExtension
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings

_OPERATIONS = frozenset(
    {"claim", "return", "transfer", "delegate", "withdraw", "add_signer", "remove_signer", "cc", "urge", "save"}
)

_HELD = frozenset({RuleKind.ROLE, RuleKind.POSITION, RuleKind.GROUP})


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Every user task has people."""
    lanes = {node: lane for lane in process.lanes for node in lane.nodes}
    for node in process.nodes.values():
        if node.kind is not NodeKind.USER:
            continue
        task = node.task or TaskExtension()
        lane = lanes.get(node.id)
        inherited = lane.task.assignees if lane and lane.task else ()
        yield from _rules(
            node, [one.rule for one in (*task.assignees, *inherited)] + list(task.candidates), surroundings
        )
        yield from _outcomes(node, task)
        yield from _words(process, node, task)


def _rules(node: Node, rules: list[str], surroundings: Surroundings) -> Iterator[Finding]:
    if not rules and not surroundings.work_is_outside:
        yield Finding(
            node.id,
            "people.nobody",
            "warning",
            Text(
                f"任务“{name_of(node)}”没有处理人规则，会交给管理员",
                f"The task {name_of(node)} names nobody: it goes to the administrators",
            ),
            Text("在属性面板“处理人”中添加一条规则", "Add a rule under Assignees in the properties panel"),
        )
    for text in rules:
        try:
            rule = parse_rule(text)
        except RuleError:
            yield Finding(
                node.id,
                "people.rule_invalid",
                "error",
                Text(
                    f"“{name_of(node)}”的处理人规则 {text} 无法识别", f"{name_of(node)}: the rule {text} can't be read"
                ),
                Text(
                    "写成 role:finance、branch_head、superior:1、starter 或 =表达式",
                    "Write role:finance, branch_head, superior:1, starter or =expression",
                ),
            )
        else:
            yield from _exists(node, rule, surroundings)


def _exists(node: Node, rule: Rule, surroundings: Surroundings) -> Iterator[Finding]:
    known = {
        RuleKind.ROLE: (surroundings.roles, Text("角色", "role")),
        RuleKind.POSITION: (surroundings.positions, Text("岗位", "position")),
        RuleKind.GROUP: (surroundings.groups, Text("用户组", "group")),
        RuleKind.USER: (surroundings.users, Text("账号", "user")),
        RuleKind.DECISION: (surroundings.decisions, Text("决策", "decision")),
    }.get(rule.kind)
    if known is None or known[0] is None:
        return
    kind = known[1]
    if rule.argument in known[0]:
        yield from _held(node, rule, kind, surroundings)
        return
    yield Finding(
        node.id,
        "people.unknown",
        "error",
        Text(
            f"“{name_of(node)}”的处理人：没有{kind.zh} {rule.argument}",
            f"{name_of(node)}: there is no {kind.en} {rule.argument}",
        ),
        Text(f"选择一个现有的{kind.zh}", f"Choose a {kind.en} that exists"),
    )


def _held(node: Node, rule: Rule, kind: Text, surroundings: Surroundings) -> Iterator[Finding]:
    """A role, position or group without anybody in it can never yield a handler."""
    if rule.kind not in _HELD or surroundings.holders is None:
        return
    if f"{rule.kind.value}:{rule.argument}" in surroundings.holders:
        return
    yield Finding(
        node.id,
        "people.no_holder",
        "warning",
        Text(
            f"“{name_of(node)}”的处理人：目前没有人属于{kind.zh} {rule.argument}",
            f"{name_of(node)}: nobody has the {kind.en} {rule.argument} at present",
        ),
        Text(f"先把{kind.zh}分配给某人，或换一条规则", f"Give the {kind.en} to somebody, or choose another rule"),
    )


def _outcomes(node: Node, task: TaskExtension) -> Iterator[Finding]:
    names = [outcome.name for outcome in task.outcomes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        text = Text(f"“{name_of(node)}”的处理结果 {name} 重复", f"{name_of(node)}: the outcome {name} stands twice")
        yield Finding(node.id, "people.outcome_twice", "error", text)
    if task.countersign and node.multi is None:
        yield Finding(
            node.id,
            "people.countersign",
            "error",
            Text(
                f"“{name_of(node)}”设了会签，但不是多实例任务",
                f"{name_of(node)}: a countersign needs a multi-instance task",
            ),
            Text("在图上把任务改为多实例", "Make the task multi-instance in the diagram"),
        )


def _words(process: Process, node: Node, task: TaskExtension) -> Iterator[Finding]:
    for other in task.distinct_from:
        if other not in process.nodes:
            yield Finding(
                node.id,
                "people.distinct_unknown",
                "error",
                Text(
                    f"“{name_of(node)}”要求与 {other} 不同人，但没有该任务",
                    f"{name_of(node)}: there is no task {other}",
                ),
            )
    for operation in sorted(set(task.operations) - _OPERATIONS):
        text = Text(
            f"“{name_of(node)}”的操作 {operation} 不存在", f"{name_of(node)}: there is no operation {operation}"
        )
        yield Finding(node.id, "people.operation_unknown", "warning", text)
