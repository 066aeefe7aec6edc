"""Finds the connector folders. Adding one touches its folder only."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass
from functools import cache

import connectors
from connectors.manifest import Manifest, read_manifest
from engine.kernel.connector import Connector


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of connector: its manifest and the class to build."""

    manifest: Manifest
    connector: type[Connector]


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name. A folder is a connector when it holds a `connector` module with `CONNECTOR`."""
    found: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(connectors.__path__, "connectors."):
        if module.ispkg and importlib.util.find_spec(f"{module.name}.connector"):
            connector: type[Connector] = importlib.import_module(f"{module.name}.connector").CONNECTOR
            manifest = read_manifest(module.name)
            found[manifest.kind] = Kind(manifest, connector)
    return dict(sorted(found.items()))
