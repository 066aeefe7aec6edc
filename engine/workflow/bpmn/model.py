"""What the reader understands of a BPMN document: frozen values, flat, with every source element id.

Nodes and flows of a process are kept in one flat mapping each; `Node.scope` names the enclosing
sub-process (or the process itself), so no consumer needs to recurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.workflow.bpmn.data_model import DataObject, DataStore, InputSet
from engine.workflow.bpmn.enums import direct
from engine.workflow.bpmn.extensions import (
    CallExtension,
    DecisionExtension,
    HandlerExtension,
    JobExtension,
    Mapped,
    ProcessExtension,
    SendExtension,
    TaskExtension,
)


@direct
class NodeKind(StrEnum):
    """Flow-node element names of BPMN 2.0.2 chapter 10."""

    START = "startEvent"
    END = "endEvent"
    CATCH = "intermediateCatchEvent"
    THROW = "intermediateThrowEvent"
    BOUNDARY = "boundaryEvent"
    TASK = "task"
    USER = "userTask"
    MANUAL = "manualTask"
    SERVICE = "serviceTask"
    SCRIPT = "scriptTask"
    RULE = "businessRuleTask"
    SEND = "sendTask"
    RECEIVE = "receiveTask"
    CALL = "callActivity"
    SUBPROCESS = "subProcess"
    TRANSACTION = "transaction"
    ADHOC = "adHocSubProcess"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    COMPLEX = "complexGateway"
    EVENT_BASED = "eventBasedGateway"


@direct
class EventKind(StrEnum):
    """Event definition element names without their `EventDefinition` ending (BPMN 2.0.2 10.5.5)."""

    MESSAGE = "message"
    TIMER = "timer"
    ERROR = "error"
    ESCALATION = "escalation"
    SIGNAL = "signal"
    CONDITIONAL = "conditional"
    COMPENSATE = "compensate"
    LINK = "link"
    CANCEL = "cancel"
    TERMINATE = "terminate"


TASK_KINDS = frozenset(
    {
        NodeKind.TASK,
        NodeKind.USER,
        NodeKind.MANUAL,
        NodeKind.SERVICE,
        NodeKind.SCRIPT,
        NodeKind.RULE,
        NodeKind.SEND,
        NodeKind.RECEIVE,
    }
)
SCOPE_KINDS = frozenset({NodeKind.SUBPROCESS, NodeKind.TRANSACTION, NodeKind.ADHOC})
ACTIVITY_KINDS = TASK_KINDS | SCOPE_KINDS | {NodeKind.CALL}
GATEWAY_KINDS = frozenset(
    {NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.INCLUSIVE, NodeKind.COMPLEX, NodeKind.EVENT_BASED}
)
EVENT_KINDS = frozenset({NodeKind.START, NodeKind.END, NodeKind.CATCH, NodeKind.THROW, NodeKind.BOUNDARY})


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as written; `language` is None when the document's default applies."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer event definition. `form` is `date`, `duration` or `cycle` (BPMN 2.0.2 10.5.5.13)."""

    form: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One event definition of an event.

    `reference` is the id of the message, signal, error, escalation, or of the activity to compensate; None when the
    document gives none. `name` is the link's name. `variable_events` are kept from foreign conditional events.
    """

    kind: EventKind
    id: str = ""
    reference: str | None = None
    timer: Timer | None = None
    condition: Expression | None = None
    name: str | None = None
    link_target: str | None = None
    wait_for_completion: bool = True
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """standardLoopCharacteristics (BPMN 2.0.2 13.3.6)."""

    condition: Expression | None
    maximum: int | None
    test_before: bool


@dataclass(frozen=True, slots=True)
class ComplexBehavior:
    """complexBehaviorDefinition: throw `event` when `condition` holds as an instance completes."""

    condition: Expression
    event: EventDefinition | None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """multiInstanceLoopCharacteristics (BPMN 2.0.2 13.3.7).

    `collection`: the loopDataInputRef's data (or a foreign tool's collection expression); `item`: name of the item
    variable; `output_collection`/`output_item`: name of the result list and the expression giving one entry.
    `behavior`: `None`, `One`, `All` (default) or `Complex`; `none_event`/`one_event`: what is thrown then.
    """

    sequential: bool
    cardinality: Expression | None = None
    collection: Expression | None = None
    item: str | None = None
    output_collection: str | None = None
    output_item: Expression | None = None
    completion: Expression | None = None
    behavior: str = "All"
    none_event: EventDefinition | None = None
    one_event: EventDefinition | None = None
    complex_behaviors: tuple[ComplexBehavior, ...] = ()


@dataclass(frozen=True, slots=True)
class DataAssociation:
    """dataInputAssociation or dataOutputAssociation; sources and target are variable names.

    `source_ids`/`target_id` are the element ids written in the document. `assignments` are (from, to) pairs.
    """

    id: str
    sources: tuple[str, ...]
    target: str | None
    transformation: Expression | None = None
    assignments: tuple[tuple[Expression, Expression], ...] = ()
    source_ids: tuple[str, ...] = ()
    target_id: str | None = None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """Attributes of an adHocSubProcess (BPMN 2.0.2 13.3.5)."""

    sequential: bool
    completion: Expression | None
    cancel_remaining: bool
    active_elements: Expression | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. Only the parts its kind has are set.

    `scope`: id of the process or sub-process that contains it. `incoming`/`outgoing`: flow ids in document order.
    `attached_to` and `interrupting` belong to boundary events; `interrupting` also to event sub-process starts.
    `called`: the called element's id. `script`/`script_format`: a script task's text. `mapped_in`/`mapped_out`:
    input and output mappings, ours or a foreign tool's. `foreign`: leftover attributes of other tools, for the doctor.
    """

    id: str
    kind: NodeKind
    scope: str
    name: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    interrupting: bool = True
    attached_to: str | None = None
    triggered_by_event: bool = False
    for_compensation: bool = False
    start_quantity: int = 1
    completion_quantity: int = 1
    loop: StandardLoop | None = None
    multi: MultiInstance | None = None
    adhoc: AdHoc | None = None
    instantiate: bool = False
    event_gateway_parallel: bool = False
    activation_condition: Expression | None = None
    gateway_direction: str = "Unspecified"
    message: str | None = None
    called: str | None = None
    script: str | None = None
    script_format: str | None = None
    result_variable: str | None = None
    implementation: str | None = None
    data_inputs: tuple[DataAssociation, ...] = ()
    data_outputs: tuple[DataAssociation, ...] = ()
    input_sets: tuple[InputSet, ...] = ()
    properties: tuple[str, ...] = ()
    keys: tuple[Mapped, ...] = ()
    mapped_in: tuple[Mapped, ...] = ()
    mapped_out: tuple[Mapped, ...] = ()
    lane: str | None = None
    task: TaskExtension | None = None
    handler: HandlerExtension | None = None
    send: SendExtension | None = None
    decision: DecisionExtension | None = None
    call: CallExtension | None = None
    job: JobExtension | None = None
    title: str | None = None
    stage: str | None = None
    documentation: str = ""
    foreign: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    scope: str
    name: str = ""
    condition: Expression | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Association:
    """An association between two elements; compensation handlers are bound by these (BPMN 2.0.2 10.7.2)."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane; `nodes` are the flow nodes inside; `task` carries its default assignees.

    `around`: ids of the lanes it stands in, outermost first.
    """

    id: str
    name: str
    nodes: tuple[str, ...]
    task: TaskExtension | None = None
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """One process: also a global task, which is read as a process of one node (`global_task`)."""

    id: str
    name: str = ""
    executable: bool = False
    line: int = 0
    nodes: Mapping[str, Node] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    associations: tuple[Association, ...] = ()
    data_objects: tuple[DataObject, ...] = ()
    lanes: tuple[Lane, ...] = ()
    correlations: tuple[CorrelationSubscription, ...] = ()
    extension: ProcessExtension | None = None
    title: str | None = None
    global_task: bool = False
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A message, signal, error or escalation. `code` is the error or escalation code."""

    id: str
    name: str
    code: str | None = None
    item: str | None = None
    reserved: bool = False
    keys: tuple[Mapped, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class CorrelationProperty:
    """A correlationProperty: per message id, the expression that reads the key from the payload."""

    id: str
    name: str
    by_message: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class CorrelationKey:
    """A correlationKey of a collaboration or conversation: the ids of its properties."""

    id: str
    name: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorrelationSubscription:
    """A process's correlationSubscription: `bindings` gives, per correlation property id, the data path."""

    id: str
    key: str
    bindings: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Participant:
    """A pool; `process` is None for a black box."""

    id: str
    name: str
    process: str | None


@dataclass(frozen=True, slots=True)
class MessageFlow:
    """A message flow between pools or their nodes."""

    id: str
    source: str
    target: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A whole document. `tool` is the exporter as written (empty when unknown); `data_names`: of all data elements."""

    id: str
    target_namespace: str = ""
    expression_language: str = ""
    tool: str = ""
    processes: tuple[Process, ...] = ()
    messages: Mapping[str, Named] = field(default_factory=dict)
    signals: Mapping[str, Named] = field(default_factory=dict)
    errors: Mapping[str, Named] = field(default_factory=dict)
    escalations: Mapping[str, Named] = field(default_factory=dict)
    correlation_properties: Mapping[str, CorrelationProperty] = field(default_factory=dict)
    correlation_keys: Mapping[str, CorrelationKey] = field(default_factory=dict)
    participants: tuple[Participant, ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    data_stores: Mapping[str, str] = field(default_factory=dict)
    store_facts: Mapping[str, DataStore] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    data_names: frozenset[str] = frozenset()

    def process(self, process_id: str) -> Process | None:
        """The process with that id, or None."""
        return next((process for process in self.processes if process.id == process_id), None)
