"""Models with everything BPMN offers, in memory, under random commands: each state whole, each case to its end."""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random, SystemRandom
from types import SimpleNamespace
from typing import Any

import pytest

from engine.kernel.errors import UserError
from engine.workflow import BpmnError
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from tests.integration.workflow import conftest as school
from tests.integration.workflow.random_events import CHOSEN, deploy_events, random_events_block
from tests.unit.workflow.driver import CheckedEngine


class Play:
    """A random model and its case. `spoilt`: how many of the next calls fail; `worked`: calls that did not."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.spoilt = 0
        self.worked: Counter[str] = Counter()
        self.engine = CheckedEngine(functions={"works": self.work, "unworks": self.work})
        world = SimpleNamespace(task=school.task, decides=school.decides, model=school.model, deploy=self.deploy)
        self.block = random_events_block(rng, rng.choice([2, 3, 3, 4]), CHOSEN)
        key, _ = deploy_events(world, self.block)
        self.case = self.engine.start(key, {"case": "1"})

    def deploy(self, *sources: str) -> None:
        for source in sources:
            library = self.engine.deploy(source)
            assert [one for one in library.findings if one.severity == "error"] == []

    def work(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if self.spoilt:
            self.spoilt -= 1
            raise BpmnError("bad") if self.rng.random() < 0.5 else RuntimeError("out of order")
        self.worked[str(inputs["n"]).partition(".")[2]] += 1
        return {}

    @property
    def running(self) -> list[Instance]:
        return [one for one in self.engine.instances.values() if not one.is_ended]

    def any_token(self, instance: Instance) -> int:
        return self.rng.choice(sorted(instance.state.tokens) or [0])


def complete(play: Play, one: Instance) -> None:
    if one.tasks:
        values = {"noted": play.rng.randrange(10)} if play.rng.random() < 0.3 else {}
        outcome = "approve" if play.rng.random() < 0.8 else "reject"
        one.complete(play.rng.choice(one.tasks), values, outcome=outcome, by=play.rng.choice("abc"))


def deliver(play: Play, one: Instance) -> None:
    if one.subscriptions:
        one.deliver(play.rng.choice(one.subscriptions), {"noted": play.rng.randrange(10)})


def flag(play: Play, one: Instance) -> None:
    one.set_variables(flag=play.rng.random() < 0.6, noted=play.rng.randrange(10))


def fire(play: Play, one: Instance) -> None:
    if one.timers:
        one.fire(play.rng.choice(one.timers))


def report(play: Play, one: Instance) -> None:
    if one.jobs:
        job, way = play.rng.choice(one.jobs), play.rng.randrange(3)
        if way == 0:
            one.complete_job(job, {"noted": 5})
        elif way == 1:
            one.fail_job(job, "later")
        else:
            one.throw_error(job, "bad")


def retry(play: Play, one: Instance) -> None:
    if one.incidents:
        one.retry(play.rng.choice(one.incidents))


def choose(play: Play, one: Instance) -> None:
    if one.enabled():
        one.do(do.ActivateAdHoc(*play.rng.choice(one.enabled())))


def spoil(play: Play, one: Instance) -> None:
    play.spoilt = play.rng.randrange(1, 4)


def back(play: Play, one: Instance) -> None:
    """What waits somewhere begins there again."""
    activation = play.any_token(one)
    if activation:
        one.do(do.MoveToken((activation,), one.state.tokens[activation].node, "again"))


USUAL: list[Callable[[Play, Instance], None]] = [
    *(complete, complete, complete, complete, deliver, deliver, flag, fire, report, choose, retry, spoil, back),
    lambda play, one: play.engine.signal("alarm", {"noted": play.rng.randrange(10)}),
    lambda play, one: void(play.engine.advance_time(timedelta(hours=play.rng.randrange(6)))),
    lambda play, one: one.do(do.Skip(play.any_token(one), "no need")),
    lambda play, one: one.do(do.RemoveItem(play.any_token(one))),
    lambda play, one: one.do(do.AddItem(play.any_token(one), None, is_next=play.rng.random() < 0.5)),
    lambda play, one: one.do(do.RecallVote(play.any_token(one), play.rng.randrange(1, 4), play.rng.choice("abc"))),
    lambda play, one: one.do(do.FinishAdHoc(play.any_token(one))),
    lambda play, one: one.do(do.ThrowEscalation(play.any_token(one), "slow")),
]
WILD: list[Callable[[Play, Instance], None]] = [
    *USUAL,
    lambda play, one: one.do(do.ThrowError(play.any_token(one), play.rng.choice(["bad", "other"]))),
    lambda play, one: one.do(do.MoveToken((play.any_token(one),), play.rng.choice(sorted(one.program.ops)), "there")),
    lambda play, one: one.cancel("enough") if play.rng.random() < 0.1 else None,
]


def void(_: object) -> None:
    """For what gives a number nobody asks for."""


def disturb(play: Play, commands: list[Callable[[Play, Instance], None]], steps: int) -> None:
    for _ in range(steps):
        if not play.running:
            return
        with contextlib.suppress(UserError):
            play.rng.choice(commands)(play, play.rng.choice(play.running))


def drive_to_the_end(play: Play) -> None:
    """Everything is done, over and over; what nothing else helps is passed over."""
    play.spoilt = 0
    for number in range(1500):
        if not play.running:
            return
        one = play.rng.choice(play.running)
        helps = [complete, deliver, retry, report, choose]
        for act in helps if number % 3 else [complete]:
            with contextlib.suppress(UserError):
                act(play, one)
        if number % 9 == 8:
            play.engine.advance_time(timedelta(hours=7))
        if number > 300 and one.state.tokens:
            with contextlib.suppress(UserError):
                one.do(do.Skip(max(one.state.tokens), "no need"))
    raise AssertionError(f"the case does not come to an end: {[one.active for one in play.running]}")


def told(play: Play) -> None:
    """Whatever was entered was left once; handlers have worked as often as the history says."""
    for one in play.engine.instances.values():
        entered = [entry.activation for entry in one.history if entry.kind == "entered"]
        left = [entry.activation for entry in one.history if entry.kind in {"completed", "cancelled"}]
        assert sorted(entered) == sorted(left), Counter(entered) - Counter(left) or Counter(left) - Counter(entered)
    assert play.worked == +Counter(node for one in play.engine.instances.values() for node in worked(one))


def worked(one: Instance) -> list[str]:
    """Service tasks whose function has answered, once per answer."""
    skipped = {entry.activation for entry in one.history if entry.kind == "skipped"}
    return [
        entry.element
        for entry in one.history
        if entry.kind == "completed" and entry.element.startswith("v") and entry.activation not in skipped
        if not entry.data.get("host")
    ]


def play_seed(seed: int) -> None:
    """One model to its end, the same for the same seed."""
    play = Play(Random(seed))
    disturb(play, USUAL, play.rng.randrange(5, 60))
    drive_to_the_end(play)
    told(play)


def play_wild_seed(seed: int) -> None:
    """One model under commands that no order holds together; when it is cancelled nothing is left."""
    play = Play(Random(seed))
    disturb(play, WILD, play.rng.randrange(5, 60))
    for one in play.running:
        if not one.is_ended:
            one.cancel("enough")
    told(play)
    assert play.running == []


@pytest.mark.parametrize("seed", range(60))
def test_events_of_a_seed_in_memory_come_to_their_end(seed: int) -> None:
    play_seed(seed)
    play_wild_seed(seed)


@pytest.mark.torture
@pytest.mark.parametrize("batch", range(200))
def test_many_events_in_memory_come_to_their_end(batch: int) -> None:
    """New seeds in every run; `play_seed` or `play_wild_seed` repeats the one that a failure names."""
    for seed in (SystemRandom().randrange(10**9) for _ in range(100)):
        for play in (play_seed, play_wild_seed):
            try:
                play(seed)
            except Exception as error:
                raise AssertionError(f"{play.__name__} {seed}") from error
