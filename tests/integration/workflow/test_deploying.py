"""Deploying on top of what somebody else deployed meanwhile; files that are no models."""

from typing import Any

import pytest

from engine.kernel.errors import Conflict
from engine.workflow import deployments


def _model(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("a", '<school:assignee rule="starter"/>')
        + '<endEvent id="e"/>'
        + world.flows(("s", "a"), ("a", "e"))
    )
    return str(world.model(body))


def test_deploying_on_an_older_version_is_refused_by_name(world: Any) -> None:
    model = _model(world)
    world.deploy(model)
    world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": model}, newest={"demo": 1}))
    with pytest.raises(Conflict) as refused:
        world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": model}, newest={"demo": 1}))
    assert refused.value.code == "version_newer"
    assert "版本 2，您是在版本 1 上修改的" in refused.value.message.zh
    assert world.sql("select max(number) from process_version where process_key = 'demo'") == [(2,)]


def test_a_first_version_expects_none(world: Any) -> None:
    model = _model(world)
    world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": model}, newest={"demo": 0}))
    with pytest.raises(Conflict, match="version_newer"):
        world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": model}, newest={"demo": 0}))


def test_findings_of_a_decision_table_name_its_file(world: Any) -> None:
    found = world.run("adm", lambda tx: deployments.check(tx, {"m.bpmn": _model(world), "limits.dmn": "<no"}))
    assert [(one.file, one.rule) for one in found if one.severity == "error"] == [("limits.dmn", "dmn.unreadable")]
