"""How values move between scopes, activities and events (BPMN 2.0.2 10.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.feel import from_python
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.bpmn.expressions import Name
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Assignments, Association, Mappings, Op
from engine.workflow.interpreter.effects import WriteStore
from engine.workflow.interpreter.filling import overfull
from engine.workflow.interpreter.run import Run, Trouble
from engine.workflow.interpreter.state import Token

CLEAN = frozenset({str, bool, type(None)})
"""Types whose values are values of the process as they are."""


CASE = "case"
"""Scope of a data store that each case has for itself: a variable."""
_NO_VALUE = (TypeError, RecursionError, ValueError, ArithmeticError)


def clean(value: Any) -> Any:
    """A value from outside as a FEEL value. Raises: UserError for what is none, or nested without end."""
    try:
        return from_python(value)
    except _NO_VALUE as error:
        raise _invalid("", value, error) from error


def put(values: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Add values from outside. Raises: UserError as `clean`, and for what are no values by name."""
    key, value = "", None
    try:
        for name, value in given.items():
            kind, key = value.__class__, name if name.__class__ is str else str(name)
            values[key] = value if kind is str or kind in CLEAN else from_python(value)
    except _NO_VALUE as error:
        raise _invalid(key, value, error) from error
    except AttributeError as error:
        if hasattr(given, "items"):
            raise
        kind = type(given).__name__
        text = Text(
            f"变量应按名称给出（映射），而不是 {kind}", f"Expected values by name (a mapping), but found {kind}"
        )
        raise UserError("variables.invalid", text) from error


def _invalid(name: str, value: Any, error: Exception) -> UserError:
    zh, en = (f"变量“{name}”", f"The value of {name!r}") if name else ("该值", "The value")
    if isinstance(error, RecursionError):
        text = Text(f"{zh}嵌套过深，或包含自身", f"{en} is nested too deeply, or contains itself")
    else:
        kind = type(value).__name__
        text = Text(f"{zh}（{kind}）不是流程里能用的值", f"{en} ({kind}) is no value of a process: {error}")
    hint = Text(
        "可用：空、真假、数字、文本、日期、时间、时长、列表、映射",
        "Usable: None, bool, numbers, text, dates, times, durations, UUIDs, lists, sets and mappings of these",
    )
    return UserError("variables.invalid", text, hint=hint)


def mapped(run: Run, mappings: Mappings, context: Mapping[str, Any]) -> dict[str, Any]:
    """Each mapping evaluated. Raises: FeelError."""
    return {name: source.evaluate(context, run.feel_env) for name, source in mappings}


def read_associations(run: Run, op: Op, token: Token) -> None:
    """Data input associations become variables local to the activity (10.4.2)."""
    for item in op.data_inputs:
        context = run.context(token, token.scope, _stored(run, item))
        name = item.target if not item.reads else item.target or item.reads[0]
        if name is not None and item.source is not None and (item.reads or item.from_names != (name,)):
            token.vars = {**(token.vars or {}), name: item.source.evaluate(context, run.feel_env)}
        if item.assignments:
            own = token.vars or {}
            token.vars = {**own, **_assigned(run, item.assignments, context, own)}


def _stored(run: Run, item: Association) -> dict[str, Any]:
    """What the data stores hold that the association reads: as this step has left them, else as they are (10.4.1)."""
    shared = [name for name in item.reads if run.program.stores[name].scope != CASE]
    return {name: run.stores[name] if name in run.stores else run.env.stores.get(name) for name in shared}


def _put(run: Run, item: Association, scope_id: int, name: str, value: Any) -> None:
    """Into a variable, of an association to a data store also into that; the variable is what the case wrote last.

    Raises: Trouble when the store is full.
    """
    if item.store and item.target is not None:
        name, store = item.target, run.program.stores[item.target]
        text = overfull(name, value, store.capacity)
        if text is not None:
            raise Trouble("store.full", text.zh, text.en)
        if store.scope != CASE:
            run.stores[name] = value
            run.effects.append(WriteStore(name, value))
    run.assign(None, scope_id, name, value)


def read_mappings(run: Run, op: Op, token: Token) -> None:
    """Input mappings become variables local to the activity; each sees the ones before it."""
    for name, source in op.inputs:
        context = run.context(token, token.scope)
        token.vars = {**(token.vars or {}), name: source.evaluate(context, run.feel_env)}


def write_results(
    run: Run, op: Op, token: Token, values: Mapping[str, Any], *, local: Mapping[str, Any], payload: Any = None
) -> None:
    """Results go out through the output mapping when there is one, else by name; then data output associations.

    A mapping sees the results by name and all together as `result`. Raises: FeelError.
    """
    mappings = op.action_outputs or op.outputs
    if mappings:
        extra = {**local, **values, "result": payload if payload is not None else dict(values)}
        found = mapped(run, mappings, run.context(token, token.scope, extra))
        _write_outside(run, token, found)
    else:
        run.assign_all(token, token.scope, values)
    for item in op.data_outputs:
        _write_association(run, token, item, {**local, **values})


def of_called(op: Op, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a call activity sees of the variables of the called process."""
    return values if op.copy_out or op.action_outputs or op.outputs else {}


def _write_outside(run: Run, token: Token, values: Mapping[str, Any]) -> None:
    """Past the activity's own variables, but not past those of the item it is."""
    holder = run.state.tokens.get(token.parent) if token.parent else None
    own = token.vars if token.parent and token.vars is not None else {}
    own.update({name: value for name, value in values.items() if name in own})
    run.assign_all(holder, token.scope, {name: value for name, value in values.items() if name not in own})


def _write_association(run: Run, token: Token, item: Association, values: Mapping[str, Any]) -> None:
    context = run.context(token, token.scope, _named_output(run, token, item, values))
    source, target = item.source, item.target
    if item.store and source is None and not item.assignments:
        source = Name(target or "")
    names = item.from_names or ((target,) if item.store else ())
    is_other = item.store or item.from_names != (target,)
    if target is not None and source is not None and is_other and (not names or names[0] in context):
        _put(run, item, token.scope, target, source.evaluate(context, run.feel_env))
    _assign_parts(run, item, token.scope, context)


def _assign_parts(run: Run, item: Association, scope_id: int, context: Mapping[str, Any]) -> None:
    """Assignments into variables, and into the store that the association writes."""
    if not item.assignments:
        return
    is_part = any(len(path) > 1 for path, _ in item.assignments)
    before = {**context, **_held(run, item)} if is_part else context
    for name, value in _assigned(run, item.assignments, context, before).items():
        _put(run, item, scope_id, name, value)


def _held(run: Run, item: Association) -> dict[str, Any]:
    """What the store that is written holds."""
    if not item.store or item.target is None or run.program.stores[item.target].scope == CASE:
        return {}
    name = item.target
    return {name: run.stores[name] if name in run.stores else run.env.stores.get(name)}


def _assigned(
    run: Run, assignments: Assignments, context: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Names with their new values: of what is assigned in part, the other parts stay as they were `before`."""
    found: dict[str, Any] = {}
    for (name, *path), source in assignments:
        value = source.evaluate(context, run.feel_env)
        found[name] = _within(found.get(name, before.get(name)), path, value)
    return found


def _within(whole: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parts = whole if isinstance(whole, dict) else {}
    return {**parts, path[0]: _within(parts.get(path[0]), path[1:], value)}


def _named_output(run: Run, token: Token, item: Association, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A plain result, which has the name of its task, is the only output of a task that declares one (10.4.1).

    Also of one that declares none and writes to a data store; what people decide is no such result.
    """
    op = run.op(token)
    own = (item.target,) if item.store and item.target and op.kind not in {NodeKind.USER, NodeKind.MANUAL} else ()
    names = item.from_names or own
    plain = token.node in values and len(op.data_outputs) == 1 and len(names) == 1
    return {names[0]: values[token.node], **values} if plain else values


def write_collection(run: Run, op: Op, host: Token, name: str, values: list[Any]) -> None:
    """The outputs of all instances: through the association from that data output, else as a variable (13.3.7)."""
    associations = [item for item in op.data_outputs if name in item.from_names]
    for item in associations:
        _write_association(run, host, item, {name: values})
    if not associations:
        run.assign(host, host.scope, name, values)


def take_payload(run: Run, op: Op, scope_id: int, payload: Any, token: Token | None = None) -> None:
    """What an event brought: through its output mapping, else by name. Raises: FeelError."""
    values = payload if isinstance(payload, Mapping) else {}
    if op.outputs:
        context = run.context(token, scope_id, {**values, "result": payload})
        for name, value in mapped(run, op.outputs, context).items():
            run.assign(None, scope_id, name, value)
        return
    if op.data_outputs:
        for item in op.data_outputs:
            if item.target is not None and not item.assignments:
                single = next(iter(values.values())) if len(values) == 1 else payload
                _put(run, item, scope_id, item.target, values.get(item.target, single))
            _assign_parts(run, item, scope_id, run.context(token, scope_id, values))
        return
    for name, value in values.items():
        run.assign(None, scope_id, str(name), value)
    if payload is not None and not isinstance(payload, Mapping):
        run.assign(None, scope_id, op.id, payload)


def send_payload(run: Run, op: Op, token: Token) -> dict[str, Any]:
    """What a thrown message or signal carries: its input mapping or data input associations; empty when none."""
    context = run.context(token, token.scope)
    found = mapped(run, op.inputs, context)
    for item in op.data_inputs:
        context = run.context(token, token.scope, _stored(run, item))
        if item.source is not None:
            name = item.target or (item.from_names[0] if item.from_names else op.id)
            found[name] = item.source.evaluate(context, run.feel_env)
        found |= _assigned(run, item.assignments, context, found)
    return found
