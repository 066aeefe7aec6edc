"""Small scripts of other tools (`total = price * 2`) as FEEL contexts; anything longer stays for a person."""

from __future__ import annotations

import re

from engine.workflow.doctor.foreign_expressions import is_feel, to_feel

MAX_LINES = 50
_TYPE = r"(?:var|let|const|def|int|long|double|boolean|[A-Z][\w.]*(?:<[\w., <>?]*>)?)"
_SET = re.compile(rf"(?:{_TYPE}\s+)?(?P<name>[^\W\d]\w*)\s*(?P<sign>[-+*]?)=(?!=)\s*(?P<value>.+)", re.DOTALL)
_VARIABLE = re.compile(
    r"(?:execution|delegateExecution|kcontext)\.setVariable\(\s*(['\"])(?P<name>[^\W\d]\w*)\1\s*,\s*(?P<value>.+)\)",
    re.DOTALL,
)
_PRINTS = re.compile(
    r"(?:System\.(?:out|err)\.print(?:ln)?|console\.(?:log|info|warn|error|debug)|(?:out:)?print(?:ln)?"
    r"|(?:log|logger)\.(?:trace|debug|info|warn|error))\b\s*(?P<said>.*)",
    re.DOTALL | re.IGNORECASE,
)
_DELETES = re.compile(r"del(?:\s+|\s*\(\s*)(?P<name>[^\W\d]\w*)\s*\)?")
_NEW = re.compile(r"new\s+(?P<kind>[\w.]+)\s*(?:<[\w., <>?]*>)?\s*\(\s*\)")
_SETTER = re.compile(r"(?P<owner>[^\W\d]\w*)\.set(?P<part>[A-Z]\w*)\((?P<value>.+)\)", re.DOTALL)
_SCOPES = frozenset({"kcontext", "execution", "delegateExecution", "task"})
_LISTS = re.compile(r"(?:List|Set|Collection|Vector)$")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_ACTS = re.compile(r"(?<![=!<>])=(?!=)|\+\+|--|\b(?!(?:get|str|toString)\w*\s*\()\w+\s*\(")
_COMMENT = re.compile(r"^\s*(?:#|//).*$", re.MULTILINE)


def script_to_feel(text: str) -> str | None:
    """A FEEL context with one entry per assignment, in order: an entry sees the ones before it.

    What only prints changes no data and has none.
    >>> script_to_feel("net = price * 2; gross = net + 1")
    '{net: price * 2, gross: net + 1}'
    """
    lines = [line.strip() for line in re.split(r"[;\n]", _COMMENT.sub("", text)) if line.strip()]
    if not text.strip() or len(lines) > MAX_LINES:
        return None
    lines = [line for line in lines if not _only_prints(line)]
    entries: dict[str, str] = {}
    for line in lines:
        if _is_repeated(line, entries) or _set_part(line, entries):
            continue
        found = _entry(line)
        if found is None or found[0] in entries:
            return None
        entries[found[0]] = found[1]
    context = "{" + ", ".join(f"{name}: {value}" for name, value in entries.items()) + "}"
    return context if is_feel(context) else None


def _set_part(line: str, entries: dict[str, str]) -> bool:
    """Java's `order.setTotal(9)` puts one entry into what is there, or into what the script made of it before."""
    match = _SETTER.fullmatch(line)
    value = to_feel(match["value"]) if match is not None and match["owner"] not in _SCOPES else None
    if match is None or value is None:
        return False
    owner, part = match["owner"], match["part"]
    key = f'"{part[0].lower()}{part[1:]}"'
    entries[owner] = f"context put({entries.get(owner, owner)}, {key}, {value})"
    return True


def _is_repeated(line: str, entries: dict[str, str]) -> bool:
    """It keeps under its own name what was assigned before: `kcontext.setVariable("total", total)`."""
    match = _VARIABLE.fullmatch(line)
    return match is not None and match["name"] in entries and match["value"].strip() == match["name"]


def _only_prints(line: str) -> bool:
    """It writes to a console or a log, and calculates nothing on the way that could change something."""
    found = _PRINTS.fullmatch(line)
    return found is not None and _ACTS.search(_QUOTED.sub("''", found["said"])) is None


def is_assignment(text: str) -> bool:
    """It sets a variable, which FEEL would read as a comparison: `n = n + 1`."""
    return _SET.fullmatch(text.strip().rstrip(";")) is not None


def _entry(line: str) -> tuple[str, str] | None:
    gone = _DELETES.fullmatch(line)
    if gone is not None:
        return gone["name"], "null"
    match = _VARIABLE.fullmatch(line) or _SET.fullmatch(line)
    if match is None:
        return None
    made = _NEW.fullmatch(match["value"].strip())
    if made is not None:
        return match["name"], "[]" if _LISTS.search(made["kind"]) else "{}"
    value = to_feel(match["value"])
    if value is None or _SET.fullmatch(match["value"]) is not None:
        return None
    sign = match.groupdict().get("sign")
    return match["name"], f"{match['name']} {sign} ({value})" if sign else value
