"""How passwords are hashed where real ones are."""

import runpy

from argon2 import Type

from engine.metadata.organisation import credentials


def test_passwords_are_hashed_by_argon2id_with_much_memory() -> None:
    hasher = runpy.run_path(credentials.__file__)["_hasher"]
    assert hasher.type is Type.ID
    assert (hasher.memory_cost, hasher.time_cost) >= (64 * 1024, 3)
