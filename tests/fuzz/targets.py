"""What is fuzzed: each target takes any bytes and must end with a value or the one typed error of its parser.

XML of random bytes hardly ever gets past the XML parser, so an input for BPMN and DMN is a script that rearranges real
documents: which part, what to do with it, what to put there.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random

from lxml import etree

from engine.feel import FeelEnv, FeelError, compile_expression, compile_unary_tests
from engine.workflow import Engine, XmlError, doctor
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.dmn import DmnError, load_decisions
from engine.workflow.interpreter.codec import StateError, decode, encode
from tests.fuzz import samples
from tests.fuzz.driving import drive
from tests.fuzz.edits import edit

ENV = FeelEnv(now=datetime(2026, 9, 1, tzinfo=UTC), zone=UTC, max_steps=20_000)
NAMES = {"x": [1, 2], "y z": {"a": 1}, "学费": None, "d": datetime(2026, 9, 1, tzinfo=UTC)}
SAMPLES = {kind: samples.documents(kind) for kind in ("bpmn", "dmn")}
MOST_EDITS = 12


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
    """A process model: checked, treated by the doctor, and driven when it may be deployed."""
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
    engine.deploy(source)
    drive(engine, Random(data), found)


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
        edit(root, step)
    return etree.tostring(root)
