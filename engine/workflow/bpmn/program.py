"""A compiled process: one `Op` per node with everything the interpreter needs, expressions compiled, names resolved.

Flat: nodes by id, scopes by id, no object points to another node, so a chain of any length costs no recursion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.workflow.bpmn.data_model import DataStore
from engine.workflow.bpmn.expressions import Source
from engine.workflow.bpmn.model import EventKind, Node, NodeKind

Mappings = tuple[tuple[str, Source], ...]
Assignments = tuple[tuple[tuple[str, ...], Source], ...]
"""Each the path of a name (`order`, `total`) and what it gets."""


@dataclass(frozen=True, slots=True)
class Way:
    """An outgoing flow. `condition` is None when it has none; `asks_reset`: it reads `waitingForStart` (10.6.5)."""

    id: str
    target: str
    condition: Source | None
    is_default: bool
    asks_reset: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event definition, resolved. `name`: message, signal or link name; `code`: error or escalation code.

    `code` None catches everything, first what has its `name`. `form`: of a timer. `keys`: correlation keys, evaluated
    when armed (or thrown); `retrieve`: how the keys of a message are read from its payload. `conversation`: they belong
    to a correlation key that the first message of the conversation fills (8.4.2). `named`: what says the name, of
    errors and escalations the code, in each case: asked when armed or thrown; `name` is the text as written then.
    """

    kind: EventKind
    name: str = ""
    code: str | None = None
    form: str = ""
    time: Source | None = None
    condition: Source | None = None
    keys: Mappings = ()
    activity: str | None = None
    wait: bool = True
    code_variable: str | None = None
    message_variable: str | None = None
    retrieve: Mappings = ()
    conversation: bool = False
    named: Source | None = None


@dataclass(frozen=True, slots=True)
class Association:
    """A compiled data association: `target` gets `source`, or assignments write single names or parts of them.

    `reads`: those of `from_names` that are data stores; `store`: the target is one (10.4.1).
    """

    target: str | None
    source: Source | None
    from_names: tuple[str, ...]
    assignments: Assignments
    reads: tuple[str, ...] = ()
    store: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """How a countersigned task is decided. `positive`/`negative`: outcome names; `value`: ratio or number."""

    mode: str
    value: Source | None
    positive: str
    negative: str


@dataclass(frozen=True, slots=True)
class Behavior:
    """One complexBehaviorDefinition, compiled."""

    condition: Source
    event: Event | None


@dataclass(frozen=True, slots=True)
class Loop:
    """Standard loop or multi-instance, compiled. `multi` False: a standard loop.

    `default_signal`: its behaviour throws an event and names none.
    """

    multi: bool
    sequential: bool = True
    test_before: bool = False
    maximum: int | None = None
    condition: Source | None = None
    cardinality: Source | None = None
    collection: Source | None = None
    item: str | None = None
    output: str | None = None
    output_item: Source | None = None
    output_name: str | None = None
    completion: Source | None = None
    behavior: str = "All"
    none_event: Event | None = None
    one_event: Event | None = None
    behaviors: tuple[Behavior, ...] = ()
    default_signal: bool = False
    vote: Vote | None = None


@dataclass(frozen=True, slots=True)
class Op:
    """One node, compiled. `node` is its source. `boundary`: ids of boundary events armed with it (no compensation).

    `named`: what says the action's name (process, decision, job type) in each case, where it is no fixed one.
    `undo`: the compensation handler bound to it. `esp`: it is an event sub-process. `links`: for a link throw, the
    catching node. `targets`: for an event gateway, the nodes behind it.
    """

    id: str
    kind: NodeKind
    scope: str
    node: Node
    ways: tuple[Way, ...] = ()
    incoming: tuple[str, ...] = ()
    has_conditions: bool = False
    is_activity: bool = False
    events: tuple[Event, ...] = ()
    boundary: tuple[str, ...] = ()
    undo: str | None = None
    esp: bool = False
    link: str | None = None
    loop: Loop | None = None
    inputs: Mappings = ()
    outputs: Mappings = ()
    data_inputs: tuple[Association, ...] = ()
    data_outputs: tuple[Association, ...] = ()
    action: str = ""
    action_name: str = ""
    named: Source | None = None
    action_inputs: Mappings = ()
    action_outputs: Mappings = ()
    retries: int = 3
    script: Source | None = None
    result: str | None = None
    message: Event | None = None
    activation: Source | None = None
    completion: Source | None = None
    active_elements: Source | None = None
    due: Source | None = None
    title: Source | None = None
    priority: Source | None = None
    to: Source | None = None
    expires: Source | None = None
    ordering: Source | None = None
    copy_in: bool = True
    copy_out: bool = True


@dataclass(frozen=True, slots=True)
class ScopeOp:
    """One scope. `start`: its none start event; `implicit`: nodes that begin by themselves when there is none.

    `handlers`: event sub-processes as (sub-process id, start event id). `data`: names local to the scope.
    `members`: flow nodes directly inside.
    """

    id: str
    start: str | None
    implicit: tuple[str, ...]
    handlers: tuple[tuple[str, str], ...]
    data: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """One process, ready to run. `key` changes with the content. `cache` holds what is computed on first use.

    `stores`: the data stores it reads or writes, by name.
    """

    process: str
    name: str
    key: str
    ops: Mapping[str, Op]
    scopes: Mapping[str, ScopeOp]
    flows: Mapping[str, tuple[str, str]]
    title: Source | None = None
    stores: Mapping[str, DataStore] = field(default_factory=dict)
    cache: dict[str, object] = field(default_factory=dict, compare=False)
