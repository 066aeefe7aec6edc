"""Command ``duties``: what is done by the clock, when it was done last, and doing one now."""

import sys

import click

from engine.kernel import duty_runs
from engine.kernel.actor import SYSTEM
from engine.kernel.duties import Daily, Every
from engine.kernel.duty_runs import DutyRun
from engine.kernel.text import Text
from webapp.cli.console import locale, platform, say
from webapp.duties import run_now


@click.group("duties", help="定时任务：查看、立即执行 / duties by the clock", invoke_without_command=True)
@click.pass_context
def duties(context: click.Context) -> None:
    """Without a command: every duty with its rhythm and its latest run."""
    if context.invoked_subcommand is not None:
        return
    with platform() as opened:
        latest = opened.boundary.run(SYSTEM, duty_runs.latest)
        for duty in opened.duties:
            runs = [run for (name, _), run in latest.items() if name == duty.name]
            click.echo(
                f"{duty.name:<30} {_rhythm(duty.rhythm):<12} {_state(runs):<28} {duty.label.in_locale(locale())}"
            )


@duties.command("run", help="立即执行一项 / do one now")
@click.argument("name")
def run(name: str) -> None:
    """For today, unless it was done already; exit code 1 when a check found something wrong."""
    with platform() as opened:
        found = run_now(opened.boundary, opened.duties, name)
    wrong = 0
    for occasion, result in found:
        if result is None:
            say(Text(f"{occasion.period} 已执行过", f"{occasion.period} was done already"), fg="yellow")
            continue
        wrong += int(str(result.get("violations", 0)))
        click.echo(f"{occasion.period}  " + "  ".join(f"{key}={value}" for key, value in result.items()))
    sys.exit(1 if wrong else 0)


COMMANDS = [duties]


def _rhythm(rhythm: Daily | Every) -> str:
    if isinstance(rhythm, Daily):
        return f"{rhythm.at:%H:%M}"
    return f"{int(rhythm.interval.total_seconds())} s"


def _state(runs: list[DutyRun]) -> str:
    if not runs:
        return "-"
    newest = max(runs, key=lambda run: run.ran_at)
    wrong = sum(run.violations for run in runs)
    mark = "ok" if all(run.is_done for run in runs) else "failed"
    return f"{newest.period} {mark if not wrong else f'violations={wrong}'}"
