"""Whoever changes what an address or a form says gets a clear answer, never a failure of ours."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from werkzeug.routing import AnyConverter, BaseConverter, Rule, UUIDConverter

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
WEBAPP = Path(__file__).parents[4] / "webapp"
NOBODY = str(UUID(int=7))
KEYS = {"object_key": "lead", "key": "refund", "name": "x", "operation": "transfer", "box": "todo", "kind": "user"}
ELSEWHERE = ("/api/", "/static/", "/sign-", "/health", "/hooks", "/iclock", "/metrics")
READ = re.compile(r"""(?:form|args|values|given|posted|place|asked)(?:\.get|\.getlist|\.pop)?[(\[]"([\w.-]+)["]""")


def names_read() -> list[str]:
    """Every name that a page reads from an address or a form."""
    files = (path for room in ("pages", "screens") for path in (WEBAPP / room).rglob("*.py"))
    return sorted({name for path in files for name in READ.findall(path.read_text(encoding="utf-8"))} - {"step"})


def addresses(school: School) -> Iterator[tuple[Rule, str]]:
    """Each address of a page, with names that exist and ids that don't."""
    adapter = school.app.url_map.bind("localhost")
    for rule in school.app.url_map.iter_rules():
        if rule.rule.startswith(ELSEWHERE) or rule.endpoint in ("account.sign_out", "account.set_password"):
            continue
        values = {name: _given(rule._converters[name], name) for name in rule.arguments}
        yield rule, adapter.build(rule.endpoint, values, method=_methods(rule)[0])


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"}, reverse=True)


def _given(converter: BaseConverter, name: str) -> object:
    if isinstance(converter, UUIDConverter):
        return UUID(int=7)
    return re.split(r"[:|)]", converter.regex)[2] if isinstance(converter, AnyConverter) else KEYS.get(name, "1")


@pytest.mark.parametrize(("text", "methods"), [("x", {"GET", "POST"}), (NOBODY, {"POST"})])
def test_no_page_fails_whatever_a_form_or_an_address_holds(
    school: School, visit: Visit, text: str, methods: set[str]
) -> None:
    admin, names, failed = visit("admin"), names_read(), []
    assert {"user", "branch", "after", "place", "id"} <= set(names)
    given = {**dict.fromkeys([*names, f"mark-{text}"], text), "step": "go", "_csrf": admin.token}
    for rule, address in addresses(school):
        for method in methods.intersection(_methods(rule)):
            where = {"query_string": given} if method == "GET" else {"data": given}
            status = admin.client.open(address, method=method, **where).status_code
            failed += [f"{method} {address}: {status}"] if status >= 500 else []
    assert failed == []
