"""The pages: one module or package an area, each with a ``blueprint``. All of them need a signed-in person,
except those that say ``PUBLIC = True``; all of them check the form token."""

import importlib
import pkgutil

from flask import Blueprint, Flask

from webapp.security import csrf, sessions


def register(app: Flask) -> None:
    """Adds every area to the application."""
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        blueprint = getattr(module, "blueprint", None)
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)
            guards = app.before_request_funcs.setdefault(blueprint.name, [])
            guards.append(sessions.load_if_any if getattr(module, "PUBLIC", False) else sessions.load)
            guards.append(csrf.check)
