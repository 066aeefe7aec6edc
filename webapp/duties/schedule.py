"""Which duties there are, and doing those that are due; adding a duty touches the folder it belongs to."""

import importlib
import logging
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from engine.kernel import duty_runs
from engine.kernel.actor import SYSTEM
from engine.kernel.duties import Duty, Occasion, OutsideDuty, Result, occasions
from engine.kernel.duty_runs import DutyRun
from engine.kernel.errors import NotFound
from engine.kernel.settings import Settings
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.metadata import snapshot
from engine.metadata.snapshot import Branch
from processes.registry import ROOT
from webapp.duties import upkeep

log = logging.getLogger(__name__)

AnyDuty = Duty | OutsideDuty


def duties_of(boundary: Boundary, settings: Settings) -> tuple[AnyDuty, ...]:
    """Every duty, by name: those of the domain folders (``processes/*/duties.py``) and the platform's upkeep."""
    found: list[AnyDuty] = [*upkeep.duties_of(boundary, settings)]
    for path in sorted(ROOT.glob("*/duties.py")):
        found += importlib.import_module(f"processes.{path.parent.name}.duties").DUTIES
    return tuple(sorted(found, key=lambda duty: duty.name))


def run_due(boundary: Boundary, duties: tuple[AnyDuty, ...]) -> int:
    """Does everything that is due, each by itself: one that fails is noted and does not keep the others waiting."""
    branches, known = boundary.run(SYSTEM, _places)
    count = 0
    for duty in duties:
        for branch in _branches(duty, branches):
            for occasion in _due(boundary, duty, branch, known):
                count += _perform(boundary, duty, occasion)
    return count


def run_now(boundary: Boundary, duties: tuple[AnyDuty, ...], name: str) -> list[tuple[Occasion, Result | None]]:
    """One duty by name, for today; with None where it was done already.

    Raises: NotFound when there is no such duty; what went wrong in it.
    """
    duty = next((one for one in duties if one.name == name), None)
    if duty is None:
        raise NotFound("no_duty", Text(f"没有定时任务 {name}", f"There is no duty {name}"))
    branches, _ = boundary.run(SYSTEM, _places)
    found = []
    for branch in _branches(duty, branches):
        for occasion in _due(boundary, duty, branch, {}):
            found.append((occasion, duty_runs.perform(boundary, SYSTEM, duty, occasion)))
    return found


def _places(tx: Tx) -> tuple[tuple[Branch, ...], dict[tuple[str, str], DutyRun]]:
    """Headquarters first; nothing at all before the school is set up."""
    branches = sorted(snapshot.load(tx).branches.values(), key=lambda one: (one.parent_id is not None, one.key))
    return tuple(branches), duty_runs.latest(tx)


def _branches(duty: AnyDuty, branches: tuple[Branch, ...]) -> Iterator[Branch]:
    if duty.is_per_branch:
        yield from (one for one in branches if one.is_active)
    else:
        yield from branches[:1]


def _due(
    boundary: Boundary, duty: AnyDuty, branch: Branch, known: dict[tuple[str, str], DutyRun]
) -> tuple[Occasion, ...]:
    branch_id = branch.id if duty.is_per_branch else None
    run = known.get((duty.name, "all" if branch_id is None else str(branch_id)))
    return occasions(duty.rhythm, boundary.clock.now(), ZoneInfo(branch.zone), run.last if run else None, branch_id)


def _perform(boundary: Boundary, duty: AnyDuty, occasion: Occasion) -> bool:
    try:
        return duty_runs.perform(boundary, SYSTEM, duty, occasion) is not None
    except Exception:
        log.warning("duty %s of %s is tried again later", duty.name, occasion.period)
        return False
