"""What a case page says of the steps to come."""

from pathlib import Path

from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.model import Process
from webapp.screens.work.caseahead import ahead

PROCESSES = Path(__file__).parents[3] / "processes"


def process(key: str) -> Process:
    found = load((PROCESSES / key / f"{key}.bpmn").read_text("utf-8")).model.process(key)
    assert found is not None
    return found


def told(key: str, node: str) -> list[tuple[tuple[str, ...], str]]:
    return [(one.by, one.node.id) for one in ahead(process(key), node)]


def test_answers_lead_through_later_decisions_to_the_next_tasks() -> None:
    assert told("contract_approval", "approve_principal") == [
        (("同意", "需要总部财务：需要"), "approve_finance"),
        (("同意", "需要总部财务：不需要"), "sign_contract"),
        (("驳回",), "revise_draft"),
    ]


def test_ways_stop_where_the_case_waits_for_an_event() -> None:
    assert (("退回公海",), "pool_wait") in told("lead_assignment", "follow_up")


def test_ends_are_told_and_unknown_places_have_nothing_ahead() -> None:
    assert (("放弃",), "contract_void") in told("contract_approval", "sign_contract")
    assert told("contract_approval", "no_such_node") == []
