"""Short ways to write DMN files in tests."""

from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from engine.feel import FeelEnv, Value
from engine.feel.builtins.conversion import describe
from engine.workflow.dmn import DecisionResult, load_decisions

ENV = FeelEnv(now=datetime(2026, 3, 1, 8, tzinfo=UTC))
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(*parts: str, namespace: str = NAMESPACE) -> bytes:
    """A whole file."""
    return f'<definitions xmlns="{namespace}" id="m" name="m" namespace="urn:m">{"".join(parts)}</definitions>'.encode()


def text(content: str, tag: str = "literalExpression", **attributes: str) -> str:
    """An element with a ``text`` child."""
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{extra}><text>{escape(content)}</text></{tag}>"


def data(name: str, type_ref: str = "") -> str:
    """An input whose id is its name with ``i_``."""
    kind = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<inputData id="i_{name}" name="{name}"><variable name="{name}"{kind}/></inputData>'


def decision(key: str, logic: str, *, name: str = "", requires: tuple[str, ...] = (), type_ref: str = "") -> str:
    """A decision; ``requires`` are ids: ``i_…`` inputs, ``k_…`` knowledge, others decisions."""
    parts = []
    for one in requires:
        if one.startswith("k_"):
            parts.append(f'<knowledgeRequirement><requiredKnowledge href="#{one}"/></knowledgeRequirement>')
        else:
            inner = "requiredInput" if one.startswith("i_") else "requiredDecision"
            parts.append(f'<informationRequirement><{inner} href="#{one}"/></informationRequirement>')
    kind = f' typeRef="{type_ref}"' if type_ref else ""
    variable = f'<variable name="{name or key}"{kind}/>'
    return f'<decision id="{key}" name="{name or key}">{variable}{"".join(parts)}{logic}</decision>'


def table(policy: str, inputs: tuple[str, ...], outputs: tuple[str, ...], rules: tuple[tuple[str, ...], ...]) -> str:
    """A table with id ``t`` and rules ``r1``, ``r2`` …; outputs may be ``name`` or raw ``<output …>`` elements."""
    hit, _, aggregation = policy.partition(" ")
    hit, aggregation = hit.replace("_", " "), f' aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(f"<input>{text(one, 'inputExpression')}</input>" for one in inputs)
    columns += "".join(one if one.startswith("<") else f'<output name="{one}"/>' for one in outputs)
    rows = ""
    for place, rule in enumerate(rules, 1):
        cells = "".join(text(cell, "inputEntry") for cell in rule[: len(inputs)])
        cells += "".join(text(cell, "outputEntry") for cell in rule[len(inputs) :])
        rows += f'<rule id="r{place}">{cells}</rule>'
    return f'<decisionTable id="t" hitPolicy="{hit}"{aggregation}>{columns}{rows}</decisionTable>'


def evaluate(xml: bytes, key: str, inputs: Mapping[str, Value] | None = None) -> DecisionResult:
    """Evaluate one decision of a file without findings."""
    model = load_decisions(xml)
    assert model.findings == ()
    return model.evaluate(key, inputs or {}, ENV)


def shown(xml: bytes, key: str, inputs: Mapping[str, Value] | None = None) -> str:
    """The value as FEEL writes it."""
    return describe(evaluate(xml, key, inputs).value)
