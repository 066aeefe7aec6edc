"""The page of findings names kinds that exist, each with both languages, once and in order."""

import re

from tests.unit.docs.places import ROOT, documents

_ROW = re.compile(r"^\| `([a-z]+)\.([a-z_]+)` \| [^|]+ \| (.+?)<br>(.+?) \|", re.MULTILINE)


def test_findings_on_the_page_are_said_by_the_engine() -> None:
    rows = _ROW.findall(documents()["docs/reference/findings.md"])
    assert len(rows) > 150
    names = [f"{family}.{rule}" for family, rule, _, _ in rows]
    assert names == sorted(set(names))
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "engine" / "workflow").rglob("*.py"))
    words = set(re.findall(r"[a-z_]+(?:\.[a-z_]+)?", "\n".join(re.findall(r"\"([^\"\n]*)\"", source))))
    made = {name: {name, name.partition(".")[2], name.partition(".")[2].removesuffix("_unknown")} for name in names}
    assert [name for name, said in made.items() if not said & words] == []
