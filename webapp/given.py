"""What addresses and forms give as text."""

from uuid import UUID

from engine.kernel.errors import BadRequest


def id_of(text: str) -> UUID:
    """An id. Raises: BadRequest for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest from None
