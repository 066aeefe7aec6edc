"""Commands about process models: ``check-process`` and ``deploy``."""

import sys
import zipfile
from collections.abc import Mapping
from os.path import commonpath
from pathlib import Path

import click

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.metadata import directory
from engine.workflow import Engine, deployments, doctor
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.deployments import DeployRefused
from engine.workflow.oracle.compare import cross_check as cross_check_model
from webapp.cli.console import locale, platform, say
from webapp.cli.findings import is_model, show
from webapp.composition import Platform
from webapp.demo import is_empty
from webapp.screens.studio import reading

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TARGET = click.Path(dir_okay=False, path_type=Path)


@click.command("check-process", help="检查流程文件，不部署 / check without deploying")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--cross-check", is_flag=True, help="与 SpiffWorkflow 对照运行 / run beside SpiffWorkflow and compare")
@click.option("--accept", multiple=True, metavar="FIX", help="接受修复，all 为全部 / accept a fix, or all of them")
@click.option("--output", type=_TARGET, help="修复后的文件 / where the fixed file goes")
@click.option("--verbose", is_flag=True, help="也列出自动改写之处 / list what was rewritten too")
def check_process(
    files: tuple[Path, ...], cross_check: bool, accept: tuple[str, ...], output: Path | None, verbose: bool
) -> None:
    """Exit code 1 when the gate would refuse the files."""
    sources = _sources(files)
    if accept or output:
        models = [name for name in sources if is_model(name)]
        if output is None or len(models) != 1:
            zh, en = "接受修复时只给一个模型，并用 --output 写明新文件", "--accept takes one model and needs --output"
            raise click.UsageError(Text(zh, en).in_locale(locale()))
        brought = doctor.bring(sources).sources
        output.write_text(_mended(brought.pop(models[0]), accept), "utf-8")
        made = _forms_beside(output, {name: text for name, text in brought.items() if name not in sources})
        sources = {name: text for name, text in brought.items() if name in sources} | _sources((output, *made))
    with platform() as opened:
        found = _found(opened, sources)
    show(found, sources, is_verbose=verbose)
    if cross_check:
        _compare(sources)
    if has_errors(found):
        sys.exit(1)


def _found(opened: Platform, sources: Mapping[str, str]) -> tuple[Finding, ...]:
    """Before there is a school, only what the models say by themselves."""
    if not is_empty(opened):
        return opened.boundary.run(SYSTEM, lambda tx: deployments.check(tx, sources))
    zh, en = (
        "还没有建立学校：只检查模型本身，不核对角色、表单、处理器",
        "There is no school yet: only the models are looked at",
    )
    say(Text(zh, en), fg="yellow")
    checker = Engine()
    brought = doctor.bring(sources)
    found = list(brought.findings)
    for name, text in brought.sources.items():
        try:
            found += checker.check(text, in_school=True) if is_model(name) else ()
        except XmlError as error:
            found.append(Finding("", "xml.unreadable", "error", error.message, file=name))
    return tuple(found)


def _mended(source: str, accept: tuple[str, ...]) -> str:
    """The document with the fixes, each of which is named."""
    if "all" not in accept:
        return doctor.apply(source, accept)
    text, fixes = doctor.mend(source)
    say(Text(f"已接受 {len(fixes)} 项修复：{' '.join(fixes)}", f"{len(fixes)} fixes accepted: {' '.join(fixes)}"))
    return text


def _forms_beside(model: Path, brought: Mapping[str, str]) -> list[Path]:
    """Forms made of files brought along and of fields that stand in the model, written next to it; a file that is
    there stays."""
    there = {path.name: path.read_text("utf-8", errors="replace") for path in model.parent.glob("*.json")}
    found = {name: text for name, text in brought.items() if name not in there}
    found |= doctor.forms_of(model.read_bytes(), {**there, **brought})
    for name, content in found.items():
        (model.parent / name).write_text(content, "utf-8")
        say(Text(f"表单已写到 {name}", f"The form is in {name}"))
    return [model.parent / name for name in {**brought, **found}]


@click.command("deploy", help="部署流程文件 / deploy files")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--as", "username", required=True, help="以哪个账号部署 / the account that deploys")
@click.option("--note", default="", help="这次改了什么 / what was changed")
def deploy(files: tuple[Path, ...], username: str, note: str) -> None:
    """With that person's rights; money processes wait for a second person."""
    sources = _sources(files)
    with platform() as opened:
        user_id = opened.boundary.run(SYSTEM, lambda tx: directory.user_by_username(tx, username))
        actor = opened.boundary.run(SYSTEM, lambda tx: directory.user_actor(tx, user_id)) if user_id else None
        if actor is None:
            raise NotFound("no_user", Text(f"没有账号 {username}", f"There is no account {username}"))
        try:
            done = opened.boundary.run(actor, lambda tx: deployments.deploy(tx, sources, name=note))
        except DeployRefused as refused:
            show(refused.findings, sources)
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
    """By file name; files of the same name in several folders by their path below the folder they share; archives
    (.zip, .bar) by the files in them."""
    packed = {path for path in files if zipfile.is_zipfile(path)}
    plain = [path for path in files if path not in packed]
    names = [path.name for path in plain]
    if len(set(names)) < len(names):
        shared = commonpath([path.resolve().parent for path in plain])
        names = [path.resolve().relative_to(shared).as_posix() for path in plain]
    given, refused = reading.read((path.name, path.read_bytes()) for path in files if path in packed)
    for one in refused:
        say(Text(f"{one.name}：{one.reason.zh}", f"{one.name}: {one.reason.en}"), fg="yellow")
    unpacked = {one.name: one.text for one in given}
    return {**unpacked, **{name: _text(path) for name, path in zip(names, plain, strict=True)}}


def _text(path: Path) -> str:
    """XML in the encoding it names; what is no XML as far as it goes, for the check to say so."""
    try:
        return xml.decoded(path.read_bytes())
    except XmlError:
        return path.read_text("utf-8", errors="replace")


def _compare(sources: Mapping[str, str]) -> None:
    """Both engines make the same choices; SpiffWorkflow runs in a child process with a time limit."""
    for name, text in sources.items():
        if not is_model(name):
            continue
        differences = cross_check_model(text.encode())
        for difference in differences:
            click.secho(difference.in_locale(locale()), fg="yellow")
        if not differences:
            say(Text(f"{name}：两个引擎结果一致", f"{name}: both engines agree"), fg="green")


COMMANDS = [check_process, deploy]
