"""One running instance, as its embedder holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from engine.kernel.text import Text
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Program
from engine.workflow.embed.mistakes import NotOpen, not_open
from engine.workflow.embed.records import Incident, Job, Subscription, Task, Timer, TraceEntry, counted
from engine.workflow.interpreter import adhoc
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.effects import Effect, HistoryEvent
from engine.workflow.interpreter.inputs import missing
from engine.workflow.interpreter.joins import FIRED
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.shortcuts import of
from engine.workflow.interpreter.state import State, Token, Wait
from engine.workflow.interpreter.stranding import stranded

if TYPE_CHECKING:
    from engine.workflow.embed.engine import Engine


Open = TypeVar("Open", Task, Timer, Subscription, Job, Incident)


class Instance:
    """A handle: everything it answers is a value of this moment."""

    def __init__(self, engine: Engine, identity: str, program: Program, state: State) -> None:
        self.engine = engine
        self.id = identity
        self.program = program
        self.state = state
        self.tasks_by_id: dict[int, Task] = {}
        self.place = engine.take_place()
        self.timers_by_id: dict[int, Timer] = {}
        self.subscriptions_by_id: dict[int, Subscription] = {}
        self.jobs_by_id: dict[int, Job] = {}
        self.incidents_by_id: dict[int, Incident] = {}
        self._history: list[TraceEntry] = []
        self._untold: list[tuple[int, tuple[Effect, ...]]] = []
        self.result: dict[str, Any] = {}
        self.error: str | None = None
        self.parent: tuple[str, int] | None = None

    def __repr__(self) -> str:
        return f"<Instance {self.id} of {self.process}: {self.status}>"

    def note(self, effects: tuple[Effect, ...]) -> None:
        """Keep what a step yielded for the history, which is written when somebody reads it."""
        self._untold.append((self.engine.events, effects))
        self.engine.events += len(effects)

    @property
    def history(self) -> list[TraceEntry]:
        """What happened, oldest first."""
        for before, effects in self._untold:
            self._history += [
                TraceEntry(one.kind, one.element_id, one.activation, dict(one.data) if one.data else {}, number)
                for number, one in enumerate(effects, before + 1)
                if isinstance(one, HistoryEvent)
            ]
        self._untold.clear()
        return self._history

    @history.setter
    def history(self, entries: list[TraceEntry]) -> None:
        self._history = entries
        self._untold.clear()

    @property
    def process(self) -> str:
        """The id of the process."""
        return self.program.process

    @property
    def status(self) -> str:
        """`running`, `completed`, `terminated`, `error` or `cancelled`."""
        return str(self.state.status)

    @property
    def is_ended(self) -> bool:
        """Nothing more will happen."""
        return self.status not in {"new", "running"}

    @property
    def variables(self) -> dict[str, Any]:
        """The process variables, also after the end."""
        return dict(self.result if self.is_ended else self.state.variables)

    @property
    def tasks(self) -> list[Task]:
        """Open user and manual tasks, oldest first."""
        return list(self.tasks_by_id.values())

    @property
    def timers(self) -> list[Timer]:
        """Armed timers, the next one first."""
        return sorted(self.timers_by_id.values(), key=lambda timer: (timer.due, timer.id))

    @property
    def subscriptions(self) -> list[Subscription]:
        """Messages and signals waited for."""
        return list(self.subscriptions_by_id.values())

    @property
    def jobs(self) -> list[Job]:
        """Open outside jobs."""
        return list(self.jobs_by_id.values())

    @property
    def children(self) -> list[Instance]:
        """The instances its call activities started, oldest first."""
        known = self.engine.instances.values()
        return [one for one in known if one.parent is not None and one.parent[0] == self.id]

    @property
    def incidents(self) -> list[Incident]:
        """Tokens that stopped."""
        return list(self.incidents_by_id.values())

    @property
    def active(self) -> list[str]:
        """Elements where tokens rest, sorted; hosts of loops once per item."""
        return sorted(token.node for token in self.state.tokens.values() if token.wait != Wait.ITEMS)

    @property
    def arrived(self) -> list[tuple[str, str]]:
        """(gateway or activity, flow) of each token that waits there for others; no flow where that is not known."""
        joins = [(node, counts) for scope in self.state.scopes.values() for node, counts in scope.joins.items()]
        waiting = [
            (node, name, number) for node, counts in joins for name, number in counts.items() if name[:1] != FIRED
        ]
        known = self.program.flows
        return sorted((node, name if name in known else "") for node, name, number in waiting for _ in range(number))

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """(activity, input) of what is missing in the first input set of activities that wait for their data."""
        found: list[tuple[str, str]] = []
        for token in [one for one in self.state.tokens.values() if one.wait == Wait.DATA]:
            context = Run(of(self.program), self.state, self.engine.env(), owned=False).context(token, token.scope)
            needed = self.program.ops[token.node].node.input_sets[0].needed
            found += [(token.node, name) for name in missing(context, needed)]
        return sorted(found)

    @property
    def stranded(self) -> list[tuple[str, str]]:
        """(join, flow) of what joins wait for in vain: no token of this instance can come there any more."""
        return sorted((one.node, flow) for one in stranded(self.program, self.state) for flow in one.lacking)

    def trace(self, *kinds: str) -> list[str]:
        """Element ids in the order they were entered, completed … (default kind: `completed`), one per loop item.
        Raises: UserError for a kind that there is not."""
        return [entry.element for entry in counted(self.history, kinds)]

    def task(self, element: str) -> Task:
        """The oldest open task of that element. Raises: NotOpen."""
        return self._named(element, self.tasks)

    def job(self, element: str) -> Job:
        """The oldest open job of that element. Raises: NotOpen."""
        return self._named(element, self.jobs)

    def incident(self, element: str) -> Incident:
        """The oldest incident of that element. Raises: NotOpen."""
        return self._named(element, self.incidents)

    def _named(self, given: Open | str | int, known: list[Open]) -> Open:
        """The one that is meant: by a value of this instance, by its id, or the first of the element."""
        wanted = self._meant(given)
        for one in known:
            if wanted in (one.element, one.id):
                return one
        raise not_open(getattr(given, "element", given), [one.element for one in known], self.status)

    def _meant(self, given: object) -> object:
        """An element or an id; None for values of other instances, and for what is nothing that could be open."""
        if isinstance(given, str | int):
            return given
        return getattr(given, "id", None) if getattr(given, "instance", None) == self.id else None

    def enabled(self) -> list[tuple[int, str]]:
        """(ad-hoc activation, element) pairs a person may begin now."""
        state, program = self.state, self.program
        return [(host.id, node) for host in self._adhocs() for node in adhoc.available(program, state, host)]

    def begin(self, element: str | tuple[int, str]) -> None:
        """Begin an activity of an ad-hoc sub-process, by its id or by a pair of `enabled()`, which also says in which
        instance of the body. Raises: NotOpen, Conflict when it may not begin now."""
        within, name = element if isinstance(element, tuple) else (0, element)
        hosts = [host for host in self._adhocs() if name in self.program.scopes[host.node].implicit]
        hosts = [host for host in hosts if within in (0, host.id)]
        if not hosts:
            zh, en = (
                f"没有运行中的临时子流程包含“{name}”",
                f"No ad-hoc sub-process that runs has an activity {name!r}",
            )
            raise NotOpen(message=Text(zh, en))
        free = [host for host in hosts if adhoc.available(self.program, self.state, host)]
        self.do(do.ActivateAdHoc((free or hosts)[0].id, name))

    def _adhocs(self) -> list[Token]:
        tokens = self.state.tokens.values()
        return [one for one in tokens if one.wait == Wait.SCOPE and self.program.ops[one.node].kind is NodeKind.ADHOC]

    def finish(self, element: str) -> None:
        """End an ad-hoc sub-process from outside. Raises: NotOpen, Conflict."""
        for host in self._adhocs():
            if host.node == element:
                self.do(do.FinishAdHoc(host.id))
                return
        raise NotOpen(message=Text(f"没有运行中的临时子流程“{element}”", f"No ad-hoc sub-process {element!r} runs"))

    def do(self, command: do.Command) -> None:
        """Any command of `engine.workflow.interpreter.commands`."""
        self.engine.run(self, command)

    def complete(
        self,
        task: Task | str | int,
        variables: Mapping[str, Any] | None = None,
        *,
        outcome: str = "done",
        comment: str = "",
        by: str = "",
    ) -> None:
        """Complete an open task, given as value, its id or the element's id. Raises: NotOpen.

        The variable named like the task gets `{outcome, comment, by …}`, unless `variables` has one of that name.
        """
        activation = self._named(task, self.tasks).id
        self.do(do.CompleteTask(activation, variables or {}, outcome, comment, by, by, as_given=True))

    def complete_job(self, job: Job | str | int, result: Mapping[str, Any] | None = None) -> None:
        """Complete an outside job. Raises: NotOpen."""
        self.do(do.CompleteJob(self._named(job, self.jobs).id, result or {}))

    def fail_job(self, job: Job | str | int, message: str, *, retries: int | None = None) -> None:
        """Fail an outside job: retried while retries are left, then an incident. Raises: NotOpen."""
        self.do(do.FailJob(self._named(job, self.jobs).id, message, retries))

    def throw_error(self, work: Job | Task | str | int, code: str, message: str = "", **variables: Any) -> None:
        """A BPMN error from a job or task. Raises: NotOpen."""
        self.do(do.ThrowError(self._working(work), code, message, variables))

    def throw_escalation(self, work: Job | Task | str | int, code: str, **variables: Any) -> None:
        """An escalation from a job or task, which goes on unless it is interrupted. Raises: NotOpen."""
        self.do(do.ThrowEscalation(self._working(work), code, variables))

    def deliver(self, subscription: Subscription | str | int, payload: Any = None) -> None:
        """Give a message to this very subscription, or a signal to this instance alone. Raises: NotOpen."""
        found = self._named(subscription, self.subscriptions)
        command = do.SignalReceived(found.name, payload) if found.kind == "signal" else do.Correlate(found.id, payload)
        self.do(command)

    def fire(self, timer: Timer | str | int) -> None:
        """Let a timer happen now, whatever the clock says. Raises: NotOpen."""
        self.do(do.FireTimer(self._named(timer, self.timers).id))

    def retry(self, incident: Incident | str | int) -> None:
        """Try again what stopped, given as value or element id. Raises: NotOpen."""
        self.do(do.Retry(self._named(incident, self.incidents).id))

    def skip(self, incident: Incident | str | int, reason: str = "", **variables: Any) -> None:
        """Go on behind what stopped, as if it had given these variables. Raises: NotOpen."""
        self.do(do.Skip(self._named(incident, self.incidents).id, reason, variables))

    def pass_join(self, element: str) -> None:
        """Go on behind a join with what has come there. Raises: Conflict while more can come."""
        self.do(do.PassJoin(element))

    def _working(self, work: Job | Task | str | int) -> int:
        """The activation of a task, job or call that waits for its answer."""
        kinds = {Wait.USER, Wait.JOB, Wait.OUTBOUND, Wait.CALLED}
        tokens = [token for token in self.state.tokens.values() if token.wait in kinds]
        wanted = self._meant(work)
        for token in tokens:
            if wanted in (token.node, token.id):
                return token.id
        raise not_open(getattr(work, "element", work), [token.node for token in tokens], self.status)

    def set_variables(self, **variables: Any) -> None:
        """Change process variables from outside."""
        self.do(do.SetVariables(variables))

    def cancel(self, reason: str = "") -> None:
        """End the instance from outside."""
        self.do(do.Cancel(reason))
