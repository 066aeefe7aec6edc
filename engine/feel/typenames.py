"""The types of ``instance of``, of parameters and of DMN item definitions. Source: DMN 1.5, 10.3.2.9.4."""

from engine.feel.cursor import Cursor
from engine.feel.syntax import TypeName

_ALIASES = {
    "any": "Any",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "dateTime": "date and time",
    "null": "Null",
}


def read_type(cursor: Cursor) -> TypeName:
    """A type at the cursor: ``number``, ``list<T>``, ``context<a: T>``, ``function<T> -> T``, ``range<T>``."""
    cursor.nesting += 1
    if cursor.nesting > 60:
        cursor.too_deep()
    found = _read(cursor)
    cursor.nesting -= 1
    return found


def read_reference(cursor: Cursor) -> tuple[TypeName, str]:
    """A type with its name when it is one of the named types, else ""."""
    at = cursor.index
    found = read_type(cursor)
    said = " ".join(cursor.text[cursor.tokens[at].at : cursor.tokens[cursor.index - 1].end].split())
    return found, said if cursor.types.get(said) is found else ""


def _read(cursor: Cursor) -> TypeName:
    name = "function" if cursor.at_word("function") else ""
    name = cursor.advance().text if name or cursor.at_word("null") else cursor.read_name()
    while cursor.accept("."):
        name = f"{name}.{cursor.read_name()}"
    if name in cursor.types:
        return cursor.types[name]
    name = _ALIASES.get(name, name)
    if name not in ("list", "range", "context", "function") or not cursor.accept("<"):
        return TypeName(name)
    arguments: list[TypeName] = []
    members: list[str] = []
    while not cursor.at_symbol(">"):
        if name == "context":
            members.append(cursor.read_key())
            cursor.expect(":")
        arguments.append(read_type(cursor))
        if not cursor.accept(","):
            break
    cursor.expect(">")
    if name == "function" and cursor.accept("->"):
        arguments.append(read_type(cursor))
        members.append("->")
    return TypeName(name, tuple(arguments), tuple(members))
