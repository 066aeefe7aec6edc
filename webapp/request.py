"""What a view needs of its request: the platform, the actor, one unit of work."""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, g

from engine.kernel.actor import Actor
from engine.kernel.errors import Unauthenticated
from engine.kernel.uow import Tx
from webapp.composition import Platform

T = TypeVar("T")
EXTENSION = "schoolflow"


def platform() -> Platform:
    """The platform this application was created with."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Platform)
    return found


def actor() -> Actor:
    """Who is signed in (under "view as": the person viewed as). Raises: Unauthenticated."""
    found = getattr(g, "actor", None)
    if found is None:
        raise Unauthenticated
    assert isinstance(found, Actor)
    return found


def run(use_case: Callable[[Tx], T]) -> T:
    """Runs one use-case for the actor of this request and commits it."""
    return platform().boundary.run(actor(), use_case)
