"""Decision files that import others: of the same deployment or live ones, kept as they were when deployed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from engine.workflow.deployments import DeployRefused
from engine.workflow.overlays import saving

KIND = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def rates(factor: str, imports: str = "") -> str:
    return f"""<definitions xmlns="{KIND}" id="r" name="rates" namespace="urn:rates">{imports}
<businessKnowledgeModel id="k" name="with tax"><encapsulatedLogic><formalParameter name="x"/>
<literalExpression><text>x * {factor}</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
</definitions>"""


def fee(start: int = 100, namespace: str = "urn:rates") -> str:
    return f"""<definitions xmlns="{KIND}" id="f" name="fee" namespace="urn:fee">
<import name="rates" namespace="{namespace}" importType="{KIND}"/>
<decision id="fee" name="fee"><variable name="fee"/>
<knowledgeRequirement><requiredKnowledge href="{namespace}#k"/></knowledgeRequirement>
<literalExpression><text>rates.with tax({start})</text></literalExpression></decision></definitions>"""


def process(world: Any, binding: str = "deployment", attributes: str = "") -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("wait", '<school:assignee rule="starter"/>')
        + f'<businessRuleTask id="ask"><extensionElements><school:decision ref="fee" binding="{binding}" result="fee"/>'
        "</extensionElements></businessRuleTask>"
        + world.task("pay", '<school:assignee rule="starter"/>')
        + '<endEvent id="e"/>'
        + world.flows(("s", "wait"), ("wait", "ask"), ("ask", "pay"), ("pay", "e"))
    )
    return str(world.model(body, attributes=attributes))


def deploy(world: Any, **files: str) -> Any:
    sources = {name.replace("_", "."): content for name, content in files.items()}
    return world.run(SYSTEM, lambda tx: deployments.deploy(tx, sources))


def fee_of(world: Any, case: Any) -> str:
    world.done("ann", case, "wait")
    return str(world.view(case).variables["fee"])


def test_files_of_one_deployment_import_each_other(world: Any) -> None:
    done = deploy(world, p_bpmn=process(world), a_dmn=fee(), z_dmn=rates("1.06"))
    assert [one for one in done.findings if one.rule.startswith("dmn.")] == []
    assert fee_of(world, world.start()) == "106.00"


def test_live_model_is_kept_with_the_deployment_that_imports_it(world: Any) -> None:
    deploy(world, lib_dmn=rates("1.06"))
    deploy(world, p_bpmn=process(world), a_dmn=fee())
    before = world.start()
    deploy(world, lib_dmn=rates("1.13"))
    assert fee_of(world, before) == "106.00"
    assert fee_of(world, world.start()) == "106.00"
    deploy(world, p_bpmn=process(world), a_dmn=fee())
    after, other = world.start(), world.start()
    assert fee_of(world, after) == "113.00"
    shown = world.run("adm", lambda tx: deployments.sources(tx, "demo"))
    assert sorted(shown.files) == ["a.dmn", "p.bpmn"]
    assert world.sql("select decision_id from decision_version group by 1") == [("fee",)]
    assert fee_of(world, other) == "113.00"


def test_latest_decision_goes_with_the_imports_of_its_own_deployment(world: Any) -> None:
    deploy(world, p_bpmn=process(world, "latest"), a_dmn=fee(), z_dmn=rates("1.06"))
    case = world.start()
    deploy(world, a_dmn=fee(200), z_dmn=rates("2"))
    assert fee_of(world, case) == "400"


def test_import_that_nobody_deployed_or_that_runs_in_a_circle_is_refused(world: Any) -> None:
    with pytest.raises(DeployRefused) as refused:
        deploy(world, p_bpmn=process(world), a_dmn=fee())
    assert {one.rule for one in refused.value.findings} >= {"dmn.import_missing"}
    back = f'<import name="fee" namespace="urn:fee" importType="{KIND}"/>'
    sources = {"p.bpmn": process(world), "a.dmn": fee(), "z.dmn": rates("1.06", back)}
    found = world.run("adm", lambda tx: deployments.check(tx, sources))
    assert {(one.file, one.rule) for one in found if one.severity == "error"} >= {
        ("a.dmn", "dmn.import_circle"),
        ("z.dmn", "dmn.import_circle"),
    }


def test_branch_may_have_an_imported_model_of_its_own(world: Any) -> None:
    own = process(world, attributes='branches="decisions"')
    deploy(world, p_bpmn=own, a_dmn=fee(), z_dmn=rates("1.06"))
    world.run("adm", lambda tx: saving.save(tx, "demo", world.branch, {}, {"z.dmn": rates("1.5")}))
    assert fee_of(world, world.start()) == "150.0"
    world.run("adm", lambda tx: saving.save(tx, "demo", world.branch, {}, {"a.dmn": fee(10)}))
    assert fee_of(world, world.start()) == "10.60"
    with pytest.raises(DeployRefused) as refused:
        world.run("adm", lambda tx: saving.save(tx, "demo", world.branch, {}, {"z.dmn": fee().replace("fee", "tax")}))
    assert "dmn.requirement_missing" in {one.rule for one in refused.value.findings}
