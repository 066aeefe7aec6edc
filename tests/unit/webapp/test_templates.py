"""The templates keep to the content security policy and name only icons of the sprite."""

import re
from pathlib import Path

from webapp.assets import icons

TEMPLATES = sorted((Path(__file__).parents[3] / "webapp" / "templates").rglob("*.html"))


def test_templates_have_no_inline_script_or_style() -> None:
    forbidden = re.compile(r"<style|<script(?![^>]*\bsrc=)|\bon[a-z]+=\"|\bhx-on|javascript:|\bstyle=\"")
    found = {path.name: forbidden.findall(path.read_text("utf-8")) for path in TEMPLATES}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_templates_name_no_other_host() -> None:
    assert [path.name for path in TEMPLATES if re.search(r"(src|href)=\"(https?:)?//", path.read_text("utf-8"))] == []


def test_templates_post_forms_with_a_token() -> None:
    without = []
    for path in TEMPLATES:
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text("utf-8"), re.DOTALL):
            if "csrf" not in form:
                without.append((path.name, form[:80]))
    assert without == []


def test_templates_name_known_icons() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"\bicon\('([a-z0-9-]+)'", path.read_text("utf-8"))}
    assert sorted(named - icons()) == []
