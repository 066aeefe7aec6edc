"""What stands around every page: navigation, counts, who is signed in. Read in the page's own unit of work."""

from dataclasses import dataclass

from flask import Flask, g, request

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.profile import load_profile
from webapp import formats, navigation
from webapp.i18n import translated
from webapp.links import link
from webapp.navigation import Area, Entry
from webapp.request import actor, run
from webapp.screens.work import boxes


@dataclass(frozen=True)
class Frame:
    """The shell's model. ``current``: key of the navigation entry to mark; ``waiting``: tasks to do."""

    organisation: str
    name: str
    branch: str
    roles: str
    viewing_as: bool
    areas: tuple[Area, ...]
    bottom: tuple[Entry, ...]
    current: str
    waiting: int


def install(app: Flask) -> None:
    """Gives templates ``frame``, built when a page first asks for it."""
    app.context_processor(lambda: {"frame": _Lazy()})
    app.jinja_env.globals["link"] = link


def build(tx: Tx) -> Frame:
    """The frame for the acting one."""
    config, profile = snapshot.load(tx), load_profile(tx)
    inbox = boxes.counted(tx)["todo"]
    areas = navigation.areas(tx, inbox)
    home = config.branches[profile.branch_id] if profile.branch_id else config.root
    roles = dict.fromkeys(translated(config.roles[key].label) for key in sorted(profile.role_keys()))
    return Frame(
        organisation=config.root.settings.get("organisation") or config.root.name,
        name=tx.actor.name,
        branch=home.name,
        roles=formats.listed(roles),
        viewing_as=g.viewing_as,
        areas=areas,
        bottom=navigation.bottom(areas),
        current=_current(),
        waiting=inbox,
    )


def _current() -> str:
    """The entry that belongs to this request: a view may set ``g.area``."""
    if hasattr(g, "area"):
        return str(g.area)
    arguments = request.view_args or {}
    return str(arguments.get("object_key") or request.blueprint or "")


class _Lazy:
    """Reads the frame when a template first touches it."""

    def __getattr__(self, name: str) -> object:
        if not hasattr(g, "frame"):
            actor()
            g.frame = run(build)
        return getattr(g.frame, name)
