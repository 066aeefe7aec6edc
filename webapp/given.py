"""What addresses and forms give as text."""

from uuid import UUID

from engine.kernel.errors import BadRequest

_LARGEST = 2**31 - 1


def id_of(text: str) -> UUID:
    """An id. Raises: BadRequest for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest from None


def number_of(text: str) -> int:
    """A whole number as the database keeps them. Raises: BadRequest for what is none.

    >>> number_of("12")
    12
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST)) and int(text) <= _LARGEST):
        raise BadRequest
    return int(text)
