"""Decision records: numbered without gaps, each with its three parts, all in the index."""

import re

import pytest

from tests.unit.docs.places import documents

RECORDS = [page for page in documents() if re.match(r"docs/adr/\d{4}-", page)]


def test_records_are_numbered_without_gaps() -> None:
    numbers = [int(page.removeprefix("docs/adr/")[:4]) for page in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("page", RECORDS)
def test_record_says_context_decision_and_cost(page: str) -> None:
    text = documents()[page]
    number = int(page.removeprefix("docs/adr/")[:4])
    assert text.startswith(f"# {number}. ")
    assert re.findall(r"^\*\*(Context|Decision|Cost)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Cost"]
    assert len(text.splitlines()) <= 40


@pytest.mark.parametrize("page", RECORDS)
def test_record_is_in_the_index(page: str) -> None:
    title = documents()[page].splitlines()[0].split(". ", 1)[1]
    assert f"[{title}]({page.removeprefix('docs/adr/')})" in documents()["docs/adr/README.md"]
