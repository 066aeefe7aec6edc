"""Decisions asked through the embedding engine."""

import pytest

from engine.workflow import DmnError, Engine
from tests.unit.workflow.dmn.models import NAMESPACE, decision, definitions, text


def file(namespace: str, *parts: str) -> str:
    return (
        definitions(*parts)
        .decode()
        .replace('name="m" namespace="urn:m"', f'name="{namespace}" namespace="urn:x/{namespace}"')
    )


def test_model_that_is_asked_may_be_named() -> None:
    engine = Engine()
    engine.deploy_decisions(file("a", decision("d", text('"a"'))))
    engine.deploy_decisions(file("b", decision("d", text('"b"'))))
    assert engine.evaluate("d").value == "b"
    assert [engine.evaluate("d", model=one).value for one in ("a", "urn:x/a", "b")] == ["a", "a", "b"]
    with pytest.raises(DmnError, match="There is no decision 'd' in a model 'c'"):
        engine.evaluate("d", model="c")


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_models_that_include_each_other_may_be_deployed_in_any_order(order: str) -> None:
    imports = {one: f'<import name="" namespace="urn:x/{one}" importType="{NAMESPACE}"/>' for one in "ab"}
    files = {
        "a": file("a", imports["b"], decision("d", text("x + 1"), requires=("x",)), decision("y", text("10"))),
        "b": file("b", imports["a"], decision("x", text("y * 2"), requires=("y",))),
    }
    engine = Engine()
    for one in order:
        engine.deploy_decisions(files[one])
    assert [engine.evaluate("d", model=one).value for one in "ab"] == [21, 21]
    assert [found.findings for found in engine.decisions] == [(), ()]


def test_input_that_is_no_value_is_named() -> None:
    engine = Engine()
    engine.deploy_decisions(file("a", decision("d", text("x"))))
    circle: list[object] = []
    circle.append(circle)
    for value, why in ((b"x", "bytes is not a FEEL value"), (circle, "it is nested too deeply, or contains itself")):
        with pytest.raises(DmnError, match=f"The input 'x' is no value: {why}"):
            engine.evaluate("d", {"x": value})
