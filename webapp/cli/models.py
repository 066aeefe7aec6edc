"""Commands about process models: ``check-process`` and ``deploy``."""

import sys
from os.path import commonpath
from pathlib import Path

import click

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.metadata import directory
from engine.workflow import deployments, doctor
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.deployments import DeployRefused
from engine.workflow.oracle.compare import cross_check as cross_check_model
from webapp.cli.console import locale, platform, say

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TARGET = click.Path(dir_okay=False, path_type=Path)


@click.command("check-process", help="检查流程文件，不部署 / check without deploying")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--cross-check", is_flag=True, help="与 SpiffWorkflow 对照运行 / run beside SpiffWorkflow and compare")
@click.option("--accept", multiple=True, metavar="FIX", help="接受医生建议的修复 / accept a fix the doctor offers")
@click.option("--output", type=_TARGET, help="修复后的文件 / where the fixed file goes")
def check_process(files: tuple[Path, ...], cross_check: bool, accept: tuple[str, ...], output: Path | None) -> None:
    """Exit code 1 when the gate would refuse the files."""
    if accept or output:
        if output is None or len(files) != 1:
            raise click.UsageError("--accept / --output: 1 FILE, 1 OUTPUT")
        output.write_text(doctor.apply(files[0].read_bytes(), accept), "utf-8")
        files = (output,)
    with platform() as opened:
        found = opened.boundary.run(SYSTEM, lambda tx: deployments.check(tx, _sources(files)))
    _show(found)
    _offer(files)
    if cross_check:
        _compare(files)
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
    """By file name; files of the same name in several folders by their path below the folder they share."""
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        shared = commonpath([path.resolve().parent for path in files])
        names = [path.resolve().relative_to(shared).as_posix() for path in files]
    return {name: path.read_text("utf-8", errors="replace") for name, path in zip(names, files, strict=True)}


def _offer(files: tuple[Path, ...]) -> None:
    """The fixes on offer: `--accept ID --output FILE` makes them."""
    for path in files:
        for fix in _fixes(path):
            click.secho(f"--accept {fix.id:<30} ", fg="cyan", nl=False)
            click.echo(fix.text.in_locale(locale()))


def _fixes(path: Path) -> tuple[doctor.Fix, ...]:
    try:
        return doctor.examine(path.read_bytes()).fixes if path.suffix in {".bpmn", ".xml"} else ()
    except XmlError:
        return ()


def _compare(files: tuple[Path, ...]) -> None:
    """Both engines make the same choices; SpiffWorkflow runs in a child process with a time limit."""
    for path in files:
        if path.suffix not in {".bpmn", ".xml"}:
            continue
        differences = cross_check_model(path.read_bytes())
        for difference in differences:
            click.secho(difference.in_locale(locale()), fg="yellow")
        if not differences:
            say(Text(f"{path.name}：两个引擎结果一致", f"{path.name}: both engines agree"), fg="green")


def _show(findings: tuple[Finding, ...]) -> None:
    colours = {"error": "red", "warning": "yellow", "info": "blue"}
    for finding in findings:
        click.secho(f"{finding.severity:<8}", fg=colours[finding.severity], nl=False)
        click.echo(f"{finding.element_id or '-':<28} {finding.text.in_locale(locale())}")
        if finding.fix:
            click.echo(f"{'':<37} → {finding.fix.in_locale(locale())}")


COMMANDS = [check_process, deploy]
