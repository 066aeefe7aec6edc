"""What is fuzzed: each target takes any bytes and must end with a value or the one typed error of its parser.

XML of random bytes hardly ever gets past the XML parser, so an input for BPMN and DMN is a script that rearranges real
documents: which part, what to do with it, what to put there.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime

from lxml import etree

from engine.feel import FeelEnv, FeelError, compile_expression, compile_unary_tests
from engine.workflow import Engine, XmlError, doctor
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.dmn import DmnError, load_decisions
from engine.workflow.interpreter.codec import StateError, decode, encode
from tests.fuzz import samples

ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC, max_steps=20_000)
NAMES = {"x": [1, 2], "y z": {"a": 1}, "学费": None, "d": datetime(2026, 9, 1, tzinfo=UTC)}
SAMPLES = {kind: samples.documents(kind) for kind in ("bpmn", "dmn")}
MOST_EDITS = 12
_DRAWING = re.compile(r"/(DI|DC|BPMNDI|DMNDI)[/}]|/DI/")
TEXTS = (
    "", "${a", "=x +", "R/PT1H", "R-1/2026-99-01/P1M", "1e999999999", "null", "[1..", "P99999Y", "PT0S", "true", "a.b",
    "not(1)", "for i in 1..100000 return i", "&amp;#0;", "校长", "x" * 3_000, "-1", "9" * 40, "#", "t:", ":", "{f: f}",
)  # fmt: skip


def fuzz_feel(data: bytes) -> None:
    """An expression and unary tests."""
    text = data.decode("utf-8", "replace")
    for ask in (
        lambda: compile_expression(text, names=NAMES).evaluate(NAMES, ENV),
        lambda: compile_unary_tests(text, names=NAMES).evaluate(1, NAMES, ENV),
    ):
        try:
            ask()
        except FeelError as error:
            assert error.message.zh and error.message.en


def fuzz_state(data: bytes) -> None:
    """A saved state; one that is read can be written again and read once more."""
    try:
        state = decode(data)
    except StateError:
        return
    assert encode(decode(encode(state))) == encode(state)


def fuzz_bpmn(data: bytes) -> None:
    """A process model: checked, treated by the doctor, and run to its first rest when it may be deployed."""
    source = _document(data, "bpmn")
    try:
        found = Engine().check(source)
        examination = doctor.examine(source)
        doctor.apply(source, [fix.id for fix in examination.fixes])
    except XmlError as error:
        assert error.message.zh and error.message.en
        return
    assert all(one.text.zh and one.text.en for one in found)
    if has_errors(found):
        return
    engine = Engine(now=ENV.now)
    library = engine.deploy(source)
    for key in library.programs:
        engine.start(key, {})


def fuzz_dmn(data: bytes) -> None:
    """A decision model: loaded, every decision evaluated."""
    try:
        model = load_decisions(_document(data, "dmn"))
    except DmnError as error:
        assert error.message.zh and error.message.en
        return
    for key in model.decisions:
        try:
            model.evaluate(key, {"a": 3}, ENV)
        except FeelError as error:
            assert error.message.zh


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "feel": fuzz_feel,
    "state": fuzz_state,
    "bpmn": fuzz_bpmn,
    "dmn": fuzz_dmn,
}


def _document(data: bytes, kind: str) -> bytes:
    """One of our own models as the bytes rearrange it; the bytes themselves when they begin like a document."""
    if data[:1] in {b"<", b"\xef", b"\xfe", b"\xff", b""}:
        return data
    documents = SAMPLES[kind]
    root = etree.fromstring(documents[data[0] % len(documents)])
    steps = [data[at : at + 6].ljust(6, b"\0") for at in range(1, len(data), 6)]
    for step in steps[:MOST_EDITS]:
        _edit(root, step)
    return etree.tostring(root)


def _edit(root: etree._Element, step: bytes) -> None:
    """One change: what, where (two bytes), with which other part or text (two bytes), which attribute."""
    parts = [part for part in root.iter("*") if part is not root and not _DRAWING.search(part.tag)]
    if not parts:
        return
    what, where, other, attribute = step[0] % 7, step[1] * 256 + step[2], step[3] * 256 + step[4], step[5]
    one, two = parts[where % len(parts)], parts[other % len(parts)]
    above = one.getparent()
    if what == 0 and above is not None:
        above.remove(one)
    elif what == 1:
        one.tag = two.tag
    elif what == 2 and one.attrib and two.attrib:
        names, values = sorted(one.attrib), two.attrib.values()
        one.set(names[attribute % len(names)], values[attribute % len(values)])
    elif what == 3 and two is not root:
        one.append(deepcopy(two))
    elif what == 4:
        one.text = TEXTS[other % len(TEXTS)]
    elif what == 5 and one.attrib:
        one.set(sorted(one.attrib)[attribute % len(one.attrib)], TEXTS[other % len(TEXTS)])
    elif what == 6 and one.attrib:
        del one.attrib[sorted(one.attrib)[attribute % len(one.attrib)]]
