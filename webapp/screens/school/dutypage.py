"""What is done by the clock, for those in charge: when it was done last and what it found."""

from dataclasses import dataclass
from datetime import datetime

from engine.kernel import duty_runs
from engine.kernel.duties import Daily, Duty, Every, OutsideDuty
from engine.kernel.duty_runs import DutyRun
from engine.kernel.errors import Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.profile import load_profile
from webapp import formats
from webapp.i18n import gettext

IN_CHARGE = frozenset({"admin", "hq_finance", "hq_manager"})


@dataclass(frozen=True)
class Line:
    """One duty. ``ran_at`` None: never yet; ``shown``: what its check found wrong, in the words of the check."""

    label: Text
    name: str
    rhythm: str
    ran_at: datetime | None
    has_failed: bool
    violations: int
    shown: tuple[str, ...]


def may_see(tx: Tx) -> bool:
    """True for those in charge of the books or the system."""
    return bool(load_profile(tx).role_keys() & IN_CHARGE)


def read(tx: Tx, duties: tuple[Duty | OutsideDuty, ...]) -> tuple[Line, ...]:
    """All duties, those that need a person first. Raises: Forbidden."""
    if not may_see(tx):
        raise Forbidden
    latest = duty_runs.latest(tx)
    lines = [_line(duty, [run for (name, _), run in latest.items() if name == duty.name]) for duty in duties]
    return tuple(sorted(lines, key=lambda line: (not line.violations, not line.has_failed, line.name)))


def _line(duty: Duty | OutsideDuty, runs: list[DutyRun]) -> Line:
    return Line(
        label=duty.label,
        name=duty.name,
        rhythm=_rhythm(duty.rhythm),
        ran_at=max((run.ran_at for run in runs), default=None),
        has_failed=any(not run.is_done for run in runs),
        violations=sum(run.violations for run in runs),
        shown=tuple(str(one) for run in runs for one in [run.result.get("error"), *run.result.get("shown", ())] if one),
    )


def _rhythm(rhythm: Daily | Every) -> str:
    if isinstance(rhythm, Daily):
        return gettext("每天 %(at)s", at=f"{rhythm.at:%H:%M}")
    return gettext("每 %(amount)s", amount=formats.length(rhythm.interval))
