"""The public conformance suite of DMN and FEEL (the DMN TCK) against this engine.

`python -m bench.tck PATH [--list]` takes a checkout of the suite (or one of its folders), evaluates every result
node of every test file and prints passed of all per folder; `--list` names the failures with both values. The suite is
not part of this repository; the exit code is 1 when a result differs, 2 when PATH holds no test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lxml import etree

from engine.feel import FeelEnv, FeelError, Value, compile_expression
from engine.feel.builtins.conversion import describe
from engine.feel.comparing import equal
from engine.feel.fuel import Fuel
from engine.feel.values import kind
from engine.kernel.errors import UserError
from engine.workflow.dmn import DecisionModel, load_decisions
from engine.workflow.dmn.graph import Graph

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC)
TEMPORAL = {"date": "date", "dateTime": "date and time", "time": "time", "duration": "duration"}
NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long"})
_NAMED = {
    "number": "decimal",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "dateTime",
} | dict.fromkeys(("days and time duration", "years and months duration"), "duration")
TOLERANCE = Decimal("1e-8")
MAX_IMPORTS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One result node: what the suite expects and what came, as FEEL text."""

    folder: str
    name: str
    expected: str
    given: str
    passed: bool


def run(path: Path) -> Iterator[Outcome]:
    """Every result node of every test file below `path`."""
    for file in sorted(path.rglob("*.xml")):
        root = _parse(file)
        if root is not None and _local(root) == "testCases":
            yield from _run_file(file, root)


def _parse(file: Path) -> etree._Element | None:
    try:
        return etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except etree.XMLSyntaxError:
        return None


def _run_file(file: Path, root: etree._Element) -> Iterator[Outcome]:
    name = _text(root, "modelName") or f"{file.parent.name}.dmn"
    try:
        model: DecisionModel | str = _load(file.parent / name)
    except (UserError, OSError) as error:
        model = str(error)
    for case in _children(root, "testCase"):
        inputs = _inputs(model, case)
        for result in _children(case, "resultNode"):
            label = f"{file.stem} {case.get('id')} {result.get('name')}"
            expected = next((value_of(node, Bare) for node in _children(result, "expected", "computed")), None)
            given, passed = _answer(model, case, result, inputs, expected)
            yield Outcome(file.parent.name, label, describe(expected), given, passed)


def _inputs(model: DecisionModel | str, case: etree._Element) -> dict[str, Value]:
    """The inputs by name; those of an imported model (``namespace``) in contexts named as the imports are."""
    found: dict[str, Value] = {}
    for node in _children(case, "inputNode"):
        name, namespace = node.get("name", ""), node.get("namespace")
        places = [()] if namespace is None or isinstance(model, str) else list(_places(model.graph, namespace, 0))
        for place in places or [()]:
            at = found
            for prefix in place:
                inner = at.setdefault(prefix, {})
                at = inner if isinstance(inner, dict) else {}
            at[name] = value_of(node)
    return found


def _places(graph: Graph, namespace: str, depth: int) -> Iterator[tuple[str, ...]]:
    """The names of the imports that lead to a model."""
    imported = {key.rpartition("#")[0]: foreign for key, foreign in graph.foreign.items() if "#" in key}
    for key, foreign in imported.items() if depth < MAX_IMPORTS else ():
        own = (foreign.prefix,) if foreign.prefix else ()
        if key == namespace:
            yield own
        yield from (own + rest for rest in _places(foreign.graph, namespace, depth + 1))


def _answer(
    model: DecisionModel | str,
    case: etree._Element,
    result: etree._Element,
    inputs: Mapping[str, Value],
    expected: Value,
) -> tuple[str, bool]:
    """What came and whether it is what is expected; an error is, where the suite expects one (``errorResult``)."""
    is_error_expected = result.get("errorResult") in {"true", "1"}
    if isinstance(model, str):
        return model, is_error_expected
    try:
        value = _value(model, case, str(result.get("name")), inputs)
    except (UserError, FeelError) as error:
        return str(error), is_error_expected
    return describe(value), matches(value, expected)


def _value(model: DecisionModel, case: etree._Element, result: str, inputs: Mapping[str, Value]) -> Value:
    """What the case asks for: a decision, or a service or knowledge model; of several outputs the one of that name."""
    asked = case.get("invocableName") if case.get("type") in {"decisionService", "bkm"} else None
    value = model.evaluate(asked or result, inputs, ENV).value
    service = next((one for one in model.graph.services.values() if one.name == asked), None)
    several = service is not None and len(service.outputs) > 1 and isinstance(value, dict)
    return value[result] if several and result in value else value


def _load(file: Path) -> DecisionModel:
    """The model with all it imports from its folder, whatever the order."""
    found = sorted(file.parent.rglob("*.dmn"), reverse=True)
    return _with_imports(file, {_namespace(one): one for one in found}, ())


def _with_imports(file: Path, files: Mapping[str, Path], above: tuple[str, ...]) -> DecisionModel:
    source = file.read_bytes()
    imports = {}
    for element in _children(etree.fromstring(source), "import"):
        namespace = element.get("namespace", "")
        place = file.parent / element.get("locationURI", "")
        imported = place if place.is_file() and _namespace(place) == namespace else files.get(namespace)
        if imported is not None and namespace not in above:
            imports[namespace] = _with_imports(imported, files, (*above, namespace))
    return load_decisions(source, imports, {one: files[one].read_bytes() for one in above})


def _namespace(file: Path) -> str:
    root = _parse(file)
    return "" if root is None else root.get("namespace", "")


class Bare(str):
    """The text of a value that says no type: that of the value it is compared with."""


def value_of(node: etree._Element, untyped: type[str] = str) -> Value:
    """The value that an input, an item or an expectation writes down; without a type its text as ``untyped``."""
    parts = {_local(child): child for child in node if isinstance(child.tag, str)}
    if "component" in parts:
        return {str(child.get("name")): value_of(child, untyped) for child in _children(node, "component")}
    if "list" in parts:
        listed = parts["list"]
        return None if _is_nil(listed) else [value_of(item, untyped) for item in _children(listed, "item")]
    return _simple(parts["value"], untyped) if "value" in parts and not _is_nil(node) else None


def _is_nil(node: etree._Element) -> bool:
    return node.get(NIL) in {"true", "1"}


def _simple(node: etree._Element, untyped: type[str]) -> Value:
    named = node.get(TYPE)
    if _is_nil(node):
        return None
    return untyped(node.text or "") if named is None else _typed(node.text or "", named.rpartition(":")[2])


def _typed(text: str, named: str) -> Value:
    if named == "boolean":
        return text.strip() in {"true", "1"}
    if named in NUMBERS:
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    if named in TEMPORAL:
        return compile_expression(f"{TEMPORAL[named]}(text)", names=["text"]).evaluate({"text": text.strip()}, ENV)
    return text


def matches(given: Value, expected: Value) -> bool:
    """Equal as the suite compares: numbers to eight places, lists in order, contexts by their names, and what says no
    type as the type of the value given."""
    if isinstance(expected, Bare):
        expected = _typed(str(expected), _NAMED.get(kind(given), "string"))
    if isinstance(given, Decimal) and isinstance(expected, Decimal):
        return abs(given - expected) <= TOLERANCE
    if isinstance(given, list) and isinstance(expected, list):
        return len(given) == len(expected) and all(map(matches, given, expected))
    if isinstance(given, dict) and isinstance(expected, dict):
        return given.keys() == expected.keys() and all(matches(given[name], expected[name]) for name in given)
    if given is None or expected is None:
        return given is expected
    return kind(given) == kind(expected) and equal(given, expected, Fuel()) is True


def _children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str) and _local(child) in names)


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _text(node: etree._Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _children(node, name)), "")


def main(arguments: list[str] | None = None) -> int:
    """The table; see above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--list", action="store_true", help="name every failure")
    options = parser.parse_args(arguments)
    outcomes = list(run(options.path))
    for folder in dict.fromkeys(one.folder for one in outcomes):
        mine = [one for one in outcomes if one.folder == folder]
        print(f"{sum(one.passed for one in mine):5} of {len(mine):5}  {folder}")
    for one in outcomes:
        if options.list and not one.passed:
            print(f"  {one.folder}: {one.name}: expected {one.expected}, got {one.given}")
    passed = sum(one.passed for one in outcomes)
    print(f"{passed:5} of {len(outcomes):5}  in all")
    return 2 if not outcomes else int(passed < len(outcomes))


if __name__ == "__main__":
    sys.exit(main())
