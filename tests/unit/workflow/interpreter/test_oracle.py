"""Differential test with SpiffWorkflow on the constructs it runs right; where it is wrong, tests of our own decide."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.workflow.bpmn.schema import check_schema
from engine.workflow.oracle.compare import cross_check, run_oracle, run_ours
from tests.unit.workflow.driver import document, flows
from tests.unit.workflow.models import models


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(models(simple=True), st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(0, 4))
def test_same_open_tasks_at_every_step(xml: str, order: list[int], x: int) -> None:
    variables = {"x": x, "y": x % 2 == 0}
    theirs = run_oracle(xml, "p", variables, order)
    assert theirs.failure == ""
    assert run_ours(xml, "p", variables, order) == theirs


def test_oracle_that_does_not_answer_is_stopped() -> None:
    xml = document('<userTask id="t"/>')
    assert "no answer" in run_oracle(xml, "p", {}, [0], time_limit_s=0.01).failure


def test_schema_check_names_the_element_and_leaves_the_source_alone() -> None:
    good = document('<startEvent id="s"/><userTask id="t"/>' + flows("s -> t"))
    assert check_schema(good) == ()
    bad = document('<startEvent id="s"/><userTask id="t" colour="red"/>' + flows("s -> t"))
    assert [(item.element_id, item.rule, item.severity) for item in check_schema(bad)] == [
        ("t", "xml.schema", "warning")
    ]


def test_cross_check_finds_no_difference_in_a_plain_model_and_names_one_it_knows() -> None:
    plain = document('<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>' + flows("s -> a -> e"))
    assert cross_check(plain) == ()
    implicit = document('<startEvent id="s"/><userTask id="a"/>' + flows("s -> a"))
    assert {one.en for one in cross_check(implicit)} == {"p: SpiffWorkflow does not reach the end"}
