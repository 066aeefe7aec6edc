"""The process that is fuzzed: `python -m tests.fuzz.worker TARGET LIBFUZZER-OPTION…`. It ends when the search ends."""

import sys

import atheris

with atheris.instrument_imports(include=["engine.feel", "engine.workflow"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    program, target, *options = sys.argv
    atheris.Setup([program, *options], TARGETS[target])
    atheris.Fuzz()
