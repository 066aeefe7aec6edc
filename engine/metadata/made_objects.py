"""Objects made by administrators: their whole definition is headquarters' or a branch's overlay under `object`."""

from __future__ import annotations

from dataclasses import replace

from engine.metadata.definition import ObjectDefinition
from engine.metadata.loader import parse_object
from engine.metadata.snapshot import Snapshot


def made_objects(config: Snapshot) -> tuple[ObjectDefinition, ...]:
    """Every administrator-made object, before later overlays; its fields are keys of `custom`."""
    found = config.memo.get("made_objects")
    if found is None:
        sources = [
            (branch_id, patch["object"])
            for patches in config.overlays.values()
            for branch_id, patch in patches.items()
            if "object" in patch
        ]
        found = tuple(made_object(source, str(branch_id)) for branch_id, source in sources)
        config.memo["made_objects"] = found
    assert isinstance(found, tuple)
    return found


def made_object(source: dict[str, object], owner: str) -> ObjectDefinition:
    """The definition of a made object. Raises DefinitionError."""
    definition = parse_object(source, where=str(source.get("key", "?")))
    fields = tuple(replace(field, custom=True, owner=owner) for field in definition.fields)
    return replace(definition, fields=fields, table="", module="")
