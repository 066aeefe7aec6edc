"""Links to pages of areas that may not be part of this installation."""

from collections.abc import Mapping
from typing import Any

from flask import current_app, url_for


def address(endpoint: str, values: Mapping[str, str]) -> str:
    """The address of a page with these parameters; empty ones are left out."""
    kept: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for(endpoint, **kept)


def link(endpoint: str, **values: Any) -> str:
    """The address, or nothing when there is no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""
