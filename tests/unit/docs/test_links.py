"""Every link and every path a document names leads somewhere."""

import re

import pytest

from tests.unit.docs.places import ROOT, documents

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:engine|forms|processes|connectors|webapp|tests|docs|bench|scripts)/[\w./-]+\.\w+)`")


@pytest.mark.parametrize("page", documents())
def test_document_links_resolve(page: str) -> None:
    links = [link for link in _LINK.findall(documents()[page]) if "://" not in link]
    assert [link for link in links if not _resolves(page, link)] == []


@pytest.mark.parametrize("page", documents())
def test_document_names_files_that_exist(page: str) -> None:
    missing = [path for path in _PATH.findall(documents()[page]) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", documents())
def test_document_names_no_machine(page: str) -> None:
    assert re.findall(r"(?:/work/|/tmp/|/root/|/home/)\S*", documents()[page]) == []


def _resolves(page: str, link: str) -> bool:
    address, _, anchor = link.partition("#")
    target = (ROOT / page).parent / address if address else ROOT / page
    return target.exists() and (not anchor or anchor in _anchors(target.read_text(encoding="utf-8")))


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as a Git host makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(text)}
