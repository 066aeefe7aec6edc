"""Chinese first, English complete: the language of a request, and the catalogue of page texts."""

from pathlib import Path

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request, session
from flask_babel import Babel, get_locale

from engine.kernel.text import Text

TRANSLATIONS = Path(__file__).parent / "translations"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def install(app: Flask) -> None:
    """Gives the application its languages; page texts are written in Chinese and translated to English."""
    compile_catalogues()
    Babel(
        app,
        default_locale=LOCALES["zh"],
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=_select,
        timezone_selector=lambda: getattr(g, "zone", "Asia/Shanghai"),
    )
    app.jinja_env.filters["t"] = translated
    app.jinja_env.globals["locale"] = locale


def locale() -> str:
    """``zh`` or ``en``."""
    return "en" if get_locale().language == "en" else "zh"


def gettext(message: str, **values: object) -> str:
    """The page text in the language of this request; ``%(name)s`` places are filled in."""
    return str(flask_babel.gettext(message, **values))


def translated(text: Text | None) -> str:
    """A two-language text in the language of this request."""
    return text.in_locale(locale()) if text else ""


def compile_catalogues() -> None:
    """Writes each ``messages.mo`` that is older than its ``messages.po``."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po:
            catalogue = read_po(po)
        with target.open("wb") as mo:
            write_mo(mo, catalogue)


def _select() -> str:
    chosen = session.get("locale") or getattr(g, "user_locale", None)
    if chosen in LOCALES:
        return LOCALES[chosen]
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans-CN", "en", "en-US", "en-GB"], default="zh")
    return LOCALES["en" if best.startswith("en") else "zh"]


if __name__ == "__main__":
    compile_catalogues()
