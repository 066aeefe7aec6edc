"""Random models that also reach outside their case: decisions, sends, shared counters, large values, called versions.

Cases begin by a person, a message, a signal or a timer; a newer version may have given one of the tasks another name.
"""

from __future__ import annotations

import re
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments, messages

from .random_events import CHOSEN, ROOTS, EventDraw
from .random_models import Block, deploy_around
from .random_steps import MAPPINGS, NEWER

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
WIDE: tuple[Block, ...] = (
    *CHOSEN,
    *(("decides", "deployment"), ("decides", "latest"), ("sends",), ("awaits",), ("awaits",), ("counts",), ("counts",)),
    *(
        ("enough",),
        ("enough",),
        ("gathers",),
        ("piles",),
        ("asks", "latest"),
        ("asks", "deployment"),
        ("asks", "tag:steady"),
    ),
)
WAYS = ("person", "person", "message", "signal", "timer")
TASKS: dict[str, list[str]] = {}
"""User tasks of each process, where an operator may move a token to."""


class WideDraw(EventDraw):
    """Writes the blocks of `WIDE`."""

    def _decides(self, binding: str) -> tuple[str, str, str]:
        key = self.name("d")
        ask = f'<school:decision ref="pick_{self.key}" binding="{binding}" result="picked"/>'
        return f'<businessRuleTask id="{key}"><extensionElements>{ask}</extensionElements></businessRuleTask>', key, key

    def _sends(self) -> tuple[str, str, str]:
        key = self.name("y")
        return f'<sendTask id="{key}">{self._message(key)}</sendTask>', key, key

    def _awaits(self) -> tuple[str, str, str]:
        """A message to the outside whose fate the case waits for."""
        key = self.name("y")
        xml = f'<serviceTask id="{key}">{self._message(key)}</serviceTask>'
        return self.left_by(xml, key, lambda node: self.timer("P3D"), interrupts=True)

    def _message(self, key: str) -> str:
        text = f'<school:input name="text" value="{self.key}.{key}"/>'
        return (
            f'<extensionElements><school:send connector="sms" template="" to="13800138000">{text}</school:send>'
            "</extensionElements>"
        )

    def _counts(self) -> tuple[str, str, str]:
        """Counts in a store that all cases of the branch share."""
        key, ref = self.name("k"), self.name("r")
        place = f'<property id="{key}p" name="__targetRef_placeholder"/>'
        ends = (
            f'<dataInputAssociation id="{key}i"><sourceRef>{ref}</sourceRef><targetRef>{key}p</targetRef>'
            f'</dataInputAssociation><dataOutputAssociation id="{key}o"><targetRef>{ref}</targetRef>'
            "</dataOutputAssociation>"
        )
        name = f"store_{self.key}"
        script = f"<script>{{{name}: if {name} = null then 1 else {name} + 1}}</script>"
        store = f'<dataStoreReference id="{ref}" name="{name}" dataStoreRef="store"/>'
        return f'{store}<scriptTask id="{key}">{place}{ends}{script}</scriptTask>', key, key

    def _enough(self) -> tuple[str, str, str]:
        """Goes on after two of three, while the third is still at work."""
        split, join = self.name("g"), self.name("g")
        xml = (
            f'<parallelGateway id="{split}"/><complexGateway id="{join}"><activationCondition>activationCount &gt;= 2'
            "</activationCondition></complexGateway>"
        )
        for _ in range(3):
            text, task, _ = self._task()
            xml += text + self.flow(split, task) + self.flow(task, join)
        return xml, split, join

    def _gathers(self) -> tuple[str, str, str]:
        """A task that takes a token of each of three branches."""
        split = self.name("g")
        take, last, _ = self._task()
        xml = f'<parallelGateway id="{split}"/>' + take.replace("<userTask ", '<userTask startQuantity="3" ')
        for _ in range(3):
            text, task, _ = self._task()
            xml += text + self.flow(split, task) + self.flow(task, last)
        return xml, split, last

    def _piles(self) -> tuple[str, str, str]:
        """A value too large to lie in the state."""
        key = self.name("a")
        rows = '{pile: for i in 1..400 return {number: i, noted: noted, text: "twenty letters or so"}}'
        return f'<scriptTask id="{key}"><script>{rows}</script></scriptTask>', key, key

    def _asks(self, binding: str) -> tuple[str, str, str]:
        """Calls the version that is bound, with its variables mapped."""
        key = self.name("c")
        ways = '<school:input name="noted" value="=noted"/><school:output name="answered" value="=noted"/>'
        call = f'<extensionElements><school:call binding="{binding}">{ways}</school:call></extensionElements>'
        return f'<callActivity id="{key}" calledElement="called">{call}</callActivity>', key, key


def decisions(key: str) -> str:
    """The decision that the models of `_decides` ask."""
    return f"""<definitions xmlns="{DMN}" id="d" name="d" namespace="urn:{key}">
<inputData id="i" name="noted"><variable name="noted" typeRef="number"/></inputData>
<decision id="pick_{key}" name="pick"><variable name="pick"/>
<informationRequirement id="q"><requiredInput href="#i"/></informationRequirement>
<literalExpression><text>if noted = null then "none" else if noted &gt; 4 then "much" else "little"</text>
</literalExpression></decision></definitions>"""


def deploy_wide(world: Any, block: Block, rng: Random, number: int) -> str:
    """The key of the process. A newer version of it lies in `NEWER`, its task's other name in `MAPPINGS`."""
    key = f"wide{number}"
    draw = WideDraw(world, key)
    around = draw.block(block)
    starts = _starts(draw)
    roots = ROOTS + "".join(draw.roots) + f'<signal id="dawn" name="{key}.dawn"/>'
    roots += f'<dataStore id="store" name="store_{key}" isUnlimited="true"/>'
    deploying = partial(world.deploy, dmn=decisions(key))
    key, newer = deploy_around(
        world, draw, key, around, roots=roots, bodies=draw.processes, starts=starts, deploying=deploying
    )
    tasks = sorted(set(re.findall(r'<userTask id="(t\d+)"', newer)))
    TASKS[key] = tasks
    MAPPINGS[key] = {}
    if tasks and rng.random() < 0.7:
        old = rng.choice(tasks)
        new = old.replace("t", "z")
        newer = newer.replace(f'"{old}"', f'"{new}"')
        MAPPINGS[key] = {old: new}
    NEWER[key] = [newer]
    renew(world)
    return key


def _starts(draw: WideDraw) -> str:
    """Ways to begin besides a person's: each leads to the first task."""
    events = (
        ("by_message", draw.message("by_message")),
        ("by_signal", '<signalEventDefinition signalRef="dawn"/>'),
        ("by_timer", draw.timer("PT1H")),
    )
    return "".join(f'<startEvent id="{node}">{event}</startEvent>{draw.flow(node, "ask")}' for node, event in events)


def renew(world: Any) -> None:
    """The called process gets a newer version, tagged."""
    inside = world.task("inside", world.decides("role:principal"))
    source = world.model(f'<startEvent id="from"/>{inside}{world.flows(("from", "inside"))}', key="called")
    world.run(SYSTEM, lambda tx: deployments.deploy(tx, {"called.bpmn": source}, tag="steady"))


def begin(world: Any, key: str, way: str) -> UUID:
    """A case that has begun in that way."""
    if way == "person":
        case: UUID = world.start(key)
        return case
    if way == "message":
        name = f"{key}.by_message"
        world.run(SYSTEM, partial(messages.correlate, name=name, keys={}, payload={}, message_id=f"{key}:begin"))
    elif way == "signal":
        world.run(SYSTEM, partial(messages.signal, name=f"{key}.dawn", payload={}, message_id=f"{key}:dawn"))
    else:
        world.pass_time(hours=1)
    world.drain()
    return cases_of(world, key)[0]


def cases_of(world: Any, key: str) -> list[UUID]:
    """All that was not called, the first first."""
    sql = "select id from instance where process_key = %(key)s and parent_id is null order by id"
    return [row[0] for row in world.sql(sql, key=key)]
