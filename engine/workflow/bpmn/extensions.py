"""The `school:` extension elements as values (docs/bpmn-extensions.md). Texts are kept as written: `=…` is FEEL."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_OPERATIONS = ("claim", "return", "transfer", "delegate", "withdraw", "cc", "urge", "save")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A `name`/`value` child: school:input, school:output, school:key, or a foreign equivalent."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class VariableOption:
    """school:option: what a value of the variable is called."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Variable:
    """school:variable. `access`: `public`, `operators` or `field:<object>.<field>`."""

    name: str
    type: str = ""
    access: str = "operators"
    label: str = ""
    options: tuple[VariableOption, ...] = ()


@dataclass(frozen=True, slots=True)
class HandlerExtension:
    """school:handler: a named local function."""

    name: str
    retries: int = 3
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessExtension:
    """school:process with the school:variable and school:cancel declarations beside it.

    `cancel`: the handler that gives back what the case holds when it is cancelled from outside. `branches`: what
    branches may change for their own cases (engine.workflow.overlays).
    """

    principal: str
    record: str | None = None
    lifecycle: bool = False
    money: bool = False
    variables: tuple[Variable, ...] = ()
    cancel: HandlerExtension | None = None
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendExtension:
    """school:send: an outside message through a connector."""

    connector: str
    template: str = ""
    to: str = ""
    expires: str = ""
    ordering: str = ""
    inputs: tuple[Mapped, ...] = ()


@dataclass(frozen=True, slots=True)
class JobExtension:
    """school:job: an outside worker fetches jobs of this type."""

    type: str
    retries: int = 3


@dataclass(frozen=True, slots=True)
class DecisionExtension:
    """school:decision. `binding`: `latest`, `deployment` or `tag:<t>`."""

    ref: str
    binding: str = "deployment"
    result: str = ""
    inputs: tuple[Mapped, ...] = ()


@dataclass(frozen=True, slots=True)
class CallExtension:
    """school:call. `all_inputs`/`all_outputs`: the whole data goes over (foreign tools' `variables="all"`)."""

    binding: str = "deployment"
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()
    all_inputs: bool = True
    all_outputs: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """school:outcome: one button of a user task."""

    name: str
    label_zh: str = ""
    label_en: str = ""
    style: str = "plain"
    comment: str = "optional"


@dataclass(frozen=True, slots=True)
class Assignee:
    """school:assignee."""

    rule: str
    branch: str = "record"
    strategy: str = "offer"


@dataclass(frozen=True, slots=True)
class Countersign:
    """school:countersign. `value` is a ratio (0 to 1) or a number, as written; empty for the other modes."""

    mode: str = "all"
    value: str = ""


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """school:fieldAccess: `read`, `write`, `hidden` or `required`."""

    name: str
    access: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """school:reminder: exactly one of `after` and `before_due` is set."""

    after: str = ""
    before_due: str = ""
    repeat: str = ""
    to: str = "assignee"
    action: str = "urge"


@dataclass(frozen=True, slots=True)
class TaskExtension:
    """school:task with its children; also what a foreign user task says in its own words.

    `branches`: what branches may change here; None: what the process says.
    """

    form: str = ""
    record: str = ""
    object: str = ""
    candidates: tuple[str, ...] = ()
    empty: str = "admin"
    same_person: str = "ask"
    self_approval: str = "ask"
    due: str = ""
    priority: str = ""
    operations: tuple[str, ...] = DEFAULT_OPERATIONS
    distinct_from: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    assignees: tuple[Assignee, ...] = ()
    countersign: Countersign | None = None
    fields: tuple[FieldAccess, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    branches: tuple[str, ...] | None = None
