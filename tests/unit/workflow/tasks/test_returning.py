from engine.workflow.bpmn.model import Flow, Node, NodeKind, Process
from engine.workflow.interpreter.state import Scope, State, Token
from engine.workflow.tasks.returning import plan, reachable, settle_joins


def process(*pairs: tuple[str, str]) -> Process:
    """Flows `ab` lead from a to b; `split` and `join` are parallel gateways."""
    names = dict.fromkeys(name for pair in pairs for name in pair)
    flows = {f"{a}-{b}": Flow(f"{a}-{b}", a, b, "p") for a, b in pairs}
    nodes = {
        name: Node(
            name,
            NodeKind.PARALLEL if name in ("split", "join") else NodeKind.USER,
            "p",
            incoming=tuple(key for key, flow in flows.items() if flow.target == name),
        )
        for name in names
    }
    return Process("p", nodes=nodes, flows=flows)


FORK = process(("a", "split"), ("split", "b"), ("split", "c"), ("b", "join"), ("c", "join"), ("join", "d"), ("d", "a"))


def state(*tokens: tuple[int, str], joins: dict[str, dict[str, int]] | None = None) -> State:
    live = len(tokens) + sum(sum(flows.values()) for flows in (joins or {}).values())
    scope = Scope(0, "p", 0, live, joins=dict(joins or {}))
    return State("p", scopes={0: scope}, tokens={key: Token(key, node, 0, "u") for key, node in tokens})


def test_reachable_goes_forward_and_does_not_follow_the_way_back() -> None:
    assert reachable(FORK, "b") == {"join", "d"}
    assert reachable(FORK, "a") == {"split", "b", "c", "join", "d"}


def test_plan_before_the_split_takes_both_branches_and_the_arrival() -> None:
    found = plan(FORK, state((1, "b"), joins={"join": {"c-join": 1}}), 1, "a")
    assert found is not None
    assert (found.cancel, found.arrivals, found.restored) == ((1,), ((0, "join", "c-join"),), ())


def test_plan_behind_the_join_counts_the_other_branch_as_arrived() -> None:
    before = state((1, "d"))
    found = plan(FORK, before, 1, "b")
    assert found is not None
    assert (found.cancel, found.restored) == ((1,), ((0, "join", "c-join"),))
    settle_joins(before, found)
    assert (before.scopes[0].joins, before.scopes[0].live) == ({"join": {"c-join": 1}}, 2)


def test_plan_for_a_node_of_a_closed_scope_is_none() -> None:
    assert plan(FORK, state((1, "b")), 1, "elsewhere") is None
