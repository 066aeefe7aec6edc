"""Links to pages of areas that may not be part of this installation."""

from flask import current_app, url_for


def link(endpoint: str, **values: object) -> str:
    """The address, or nothing when there is no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]
