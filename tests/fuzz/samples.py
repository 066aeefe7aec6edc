"""What the fuzzer rearranges: small models that hold every construct once."""

from pathlib import Path

FOLDER = Path(__file__).with_name("models")


def documents(kind: str) -> tuple[bytes, ...]:
    """All models of a kind, `bpmn` or `dmn`."""
    return tuple(path.read_bytes() for path in sorted(FOLDER.glob(f"*.{kind}")))
