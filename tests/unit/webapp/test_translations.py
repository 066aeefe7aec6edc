"""Every page text has an English translation, with the same places to fill in."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEBAPP = Path(__file__).parents[3] / "webapp"
METHODS = [("api/**", "ignore"), ("static/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]


def page_texts() -> Iterator[str]:
    options = {"**.html": {"trim_blocks": "true"}}
    for _, _, message, _, _ in extract_from_dir(
        WEBAPP, METHODS, options, keywords={"_": None, "gettext": None}, comment_tags=()
    ):
        if isinstance(message, str) and message:
            yield message


def english() -> dict[str, str]:
    with (WEBAPP / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return {str(entry.id): str(entry.string) for entry in read_po(source) if entry.id}


def test_page_texts_have_an_english_translation() -> None:
    translated = english()
    assert sorted({text for text in page_texts() if not translated.get(text)}) == []


def test_page_texts_are_found() -> None:
    assert {"保存", "%(name)s，您好", "已移到回收站"} <= set(page_texts())


def test_translations_fill_in_the_same_places() -> None:
    places = re.compile(r"%\(\w+\)s")
    assert [key for key, text in english().items() if set(places.findall(key)) != set(places.findall(text))] == []


def test_translations_are_all_used() -> None:
    assert sorted(set(english()) - set(page_texts())) == []
