"""Discovering process folders and reading their message texts."""

from pathlib import Path

import pytest

from processes.registry import discover
from processes.templates import load_templates


def test_registry_finds_the_folders_in_the_order_of_rooms() -> None:
    registry = discover()
    keys = [folder.key for folder in registry.processes]
    assert keys == ["lead_assignment", "contract_approval", "attendance", "class_transfer", "refund"]
    found = registry.process("attendance_exception")
    assert found is not None
    assert found.key == "attendance"
    assert registry.started_by_record("lead") == ("lead_assignment",)
    assert registry.action("contract", "refund") is not None
    assert registry.action("contract", "nothing") is None


def test_template_fills_places_and_leaves_missing_ones_blank(tmp_path: Path) -> None:
    path = tmp_path / "messages.yaml"
    path.write_text('hello:\n  sms: {zh: "您好，{name}，剩余 {hours}", en: "Hello {name}, {hours} left"}\n', "utf-8")
    template = load_templates(path)["hello"]
    assert template.places() == {"name", "hours"}
    payload = template.payload("sms", "138", {"name": "王妈妈", "hours": None})
    assert payload["text"] == "您好，王妈妈，剩余 "
    assert template.payload("sms", "138", {"name": "Li"}, "en")["text"] == "Hello Li,  left"
    with pytest.raises(ValueError, match="text for email"):
        template.payload("email", "a@b", {})
