"""Models spoilt at random: what is mended and accepted never stops without a word."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.embed.instance import Instance
from tests.unit.workflow.models import models

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TAGS = (
    *("userTask", "serviceTask", "exclusiveGateway", "parallelGateway", "eventBasedGateway", "startEvent", "endEvent"),
    *("intermediateCatchEvent", "boundaryEvent", "subProcess", "transaction", "callActivity", "receiveTask"),
)
DEFINITIONS = ("message", "timer", "error", "signal", "link", "compensate", "terminate", "conditional", "escalation")
UNCLAIMED = frozenset({"soundness.undecided"})
ATTRIBUTES = (
    "default",
    "attachedToRef",
    "sourceRef",
    "targetRef",
    "triggeredByEvent",
    "isForCompensation",
    "startQuantity",
)


def spoilt(source: str, dice: Random) -> str:
    """The document after up to four accidents."""
    root = etree.fromstring(source.encode())
    for _ in range(dice.randint(1, 4)):
        elements = [one for one in root.iter("*") if one.getparent() is not None]
        if elements:
            _accident(root, dice.choice(elements), dice)
    return etree.tostring(root).decode()


def _accident(root: etree._Element, element: etree._Element, dice: Random) -> None:
    parent = element.getparent()
    assert parent is not None
    identities = [str(one.get("id")) for one in root.iter("*") if one.get("id")]
    match dice.randrange(8):
        case 0:
            parent.remove(element)
        case 1 if element.attrib:
            del element.attrib[dice.choice(list(element.attrib))]
        case 2:
            element.set(dice.choice(ATTRIBUTES), dice.choice([*identities, "true", "0", "2", "gone"]))
        case 3:
            element.tag = MODEL + dice.choice(TAGS)
        case 4:
            etree.SubElement(element, f"{MODEL}{dice.choice(DEFINITIONS)}EventDefinition")
        case 5:
            element.text = dice.choice(["", "gone", "${x", "PT1H", "1 +", "金额大于5"])
        case 6:
            parent.append(deepcopy(element))
        case _:
            children = list(parent)
            dice.shuffle(children)
            for one in children:
                parent.append(one)


def driven(source: str) -> list[Instance]:
    """All cases after up to forty steps of the first process and what it calls, whatever is open being done."""
    engine = Engine()
    engine.deploy(source)
    engine.start()
    for _ in range(40):
        if not any(_moved(engine, case) for case in list(engine.instances.values())):
            break
    return list(engine.instances.values())


def _moved(engine: Engine, case: Instance) -> bool:
    if case.tasks:
        case.complete(case.tasks[0])
    elif case.jobs:
        case.complete_job(case.jobs[0])
    elif case.timers:
        engine.advance_time(to=case.timers[0].due)
    elif case.subscriptions and case.subscriptions[0].kind == "signal":
        engine.signal(case.subscriptions[0].name)
    else:
        return False
    return True


def _has_open(case: Instance) -> bool:
    return bool(case.incidents or case.tasks or case.jobs or case.timers or case.subscriptions or case.enabled())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(models(), st.integers(0, 10**6))
def test_spoilt_model_is_refused_or_runs_when_mended(source: str, seed: int) -> None:
    mended, _ = doctor.mend(spoilt(source, Random(seed)))
    found = doctor.examine(mended).findings
    if has_errors(found) or any(one.rule in UNCLAIMED for one in found):
        return
    cases = driven(mended)
    assert cases[0].is_ended or any(_has_open(case) for case in cases), cases[0].active
