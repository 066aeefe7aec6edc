"""The editor knows every extension that models use: what it does not know it would drop when it saves."""

import json
from pathlib import Path

from engine.workflow.bpmn import xml

ROOT = Path(__file__).parents[4]


def known() -> dict[str, set[str]]:
    """Attributes by tag; moddle writes types with a small first letter."""
    described = json.loads((ROOT / "webapp/frontend/studio/school.json").read_text("utf-8"))
    return {
        one["name"][0].lower() + one["name"][1:]: {p["name"] for p in one["properties"] if p.get("isAttr")}
        for one in described["types"]
    }


def test_every_extension_of_the_shipped_models_is_known_to_the_editor() -> None:
    vocabulary = known()
    for path in sorted(ROOT.glob("processes/*/*.bpmn")):
        for element in xml.parse(path.read_text("utf-8")).iter():
            if xml.namespace(element) == xml.SCHOOL:
                tag = xml.local(element)
                assert tag in vocabulary, f"{path.name}: school:{tag}"
                assert {str(name) for name in element.attrib} <= vocabulary[tag], f"{path.name}: school:{tag}"


def test_every_documented_extension_is_known_to_the_editor() -> None:
    text = (ROOT / "docs/bpmn-extensions.md").read_text("utf-8")
    documented = {
        line.split("`")[1].removeprefix("school:") for line in text.splitlines() if line.startswith("| `school:")
    }
    assert documented <= set(known())
