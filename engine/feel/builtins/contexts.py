"""Context functions. Source: DMN 1.5, table 80."""

from engine.feel.builtins.registry import builtin
from engine.feel.members import member
from engine.feel.runtime import Run
from engine.feel.values import Value

Context = dict[str, Value]


@builtin("get value", "m: context", "key: string")
def get_value(m: Context, key: str) -> Value:
    """The value of the key, null when there is none."""
    return member(m, key)


@builtin("get value", "context: context", "keys: list")
def get_value_at(m: Context, keys: list[Value]) -> Value:
    """The value at the end of the path."""
    value: Value = m
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = member(value, key)
    return value if keys else None


@builtin("get entries", "m: context")
def get_entries(m: Context) -> list[Context]:
    """``{key, value}`` for each entry."""
    return [{"key": key, "value": member(m, key)} for key in m]


@builtin("context", "entries: list")
def context(entries: list[Value]) -> Context | None:
    """The context of ``{key, value}`` pairs; null when a key is missing, no text, or double."""
    found: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or not {"key", "value"} <= entry.keys():
            return None
        key = entry["key"]
        if not isinstance(key, str) or key in found:
            return None
        found[key] = entry["value"]
    return found


@builtin("context put", "context: context", "key: string", "value: any", needs_run=True)
def context_put(run: Run, m: Context, key: str, value: Value) -> Context:
    """The context with the entry added or replaced."""
    run.spend(len(m) >> 2)
    return {**m, key: value}


@builtin("context put", "context: context", "keys: list", "value: any", needs_run=True)
def context_put_at(run: Run, m: Context, keys: list[Value], value: Value) -> Context | None:
    """The same for the entry at the end of the path; missing contexts on the way are made."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    run.spend(len(m) + len(keys))
    top: Context = dict(m)
    at = top
    for key in keys[:-1]:
        below = at.get(key)
        if below is not None and not isinstance(below, dict):
            return None
        at[key] = dict(below or {})
        at = at[key]
    at[keys[-1]] = value
    return top


@builtin("context merge", "contexts: list", needs_run=True)
def context_merge(run: Run, contexts: list[Value]) -> Context | None:
    """All entries; later contexts win."""
    merged: Context = {}
    for m in contexts:
        if not isinstance(m, dict):
            return None
        run.spend(len(m))
        merged.update(m)
    return merged
