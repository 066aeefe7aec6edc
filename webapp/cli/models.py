"""Commands about process models: ``check-process`` and ``deploy``."""

import sys
from pathlib import Path

import click

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.metadata import directory
from engine.workflow import deployments
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.deployments import DeployRefused
from webapp.cli.console import locale, platform, say

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("check-process", help="检查流程文件，不部署 / check without deploying")
@click.argument("files", nargs=-1, required=True, type=_FILE)
def check_process(files: tuple[Path, ...]) -> None:
    """Exit code 1 when the gate would refuse the files."""
    with platform() as opened:
        found = opened.boundary.run(SYSTEM, lambda tx: deployments.check(tx, _sources(files)))
    _show(found)
    if has_errors(found):
        sys.exit(1)
    say(Text(f"可以部署，{len(found)} 条提示", f"Deployable, {len(found)} remarks"), fg="green")


@click.command("deploy", help="部署流程文件 / deploy files")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--as", "username", required=True, help="以哪个账号部署 / the account that deploys")
@click.option("--note", default="", help="这次改了什么 / what was changed")
def deploy(files: tuple[Path, ...], username: str, note: str) -> None:
    """With that person's rights; money processes wait for a second person."""
    with platform() as opened:
        user_id = opened.boundary.run(SYSTEM, lambda tx: directory.user_by_username(tx, username))
        actor = opened.boundary.run(SYSTEM, lambda tx: directory.user_actor(tx, user_id)) if user_id else None
        if actor is None:
            raise NotFound("no_user", Text(f"没有账号 {username}", f"There is no account {username}"))
        try:
            done = opened.boundary.run(actor, lambda tx: deployments.deploy(tx, _sources(files), name=note))
        except DeployRefused as refused:
            _show(refused.findings)
            raise
    for version in done.versions:
        waits = Text("，等待第二人确认", ", waits for a second person") if done.status == "waiting" else Text("", "")
        say(
            Text(
                f"{version.process_key} 版本 {version.number}{waits.zh}",
                f"{version.process_key} {version.number}{waits.en}",
            )
        )


def _sources(files: tuple[Path, ...]) -> dict[str, str]:
    return {path.name: path.read_text("utf-8", errors="replace") for path in files}


def _show(findings: tuple[Finding, ...]) -> None:
    colours = {"error": "red", "warning": "yellow", "info": "blue"}
    for finding in findings:
        click.secho(f"{finding.severity:<8}", fg=colours[finding.severity], nl=False)
        click.echo(f"{finding.element_id or '-':<28} {finding.text.in_locale(locale())}")
        if finding.fix:
            click.echo(f"{'':<37} → {finding.fix.in_locale(locale())}")


COMMANDS = [check_process, deploy]
