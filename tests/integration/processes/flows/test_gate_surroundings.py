"""What the gate knows of a school: who holds what, and what the live processes wait for."""

from engine.workflow.runtime import runtime_of
from tests.integration.processes.flows.conftest import School


def test_roles_with_people_are_known_as_held(school: School) -> None:
    known = school.run(lambda tx: runtime_of(tx).surroundings(tx, {}))
    assert known.holders is not None
    assert "role:finance" in known.holders
    assert "role:nobody" not in known.holders
    assert known.caught is not None
