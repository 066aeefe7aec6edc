"""What a check found, as a person at a terminal reads it: by file, worst first, with the fix to accept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from engine.kernel.text import Text
from engine.workflow import doctor
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Finding, has_errors
from engine.workflow.bpmn.xml import XmlError
from webapp.cli.console import locale

_WORDS = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "info": Text("已改写", "changed")}
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
_MODELS = (".bpmn", ".xml")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands. `line`: 0 when unknown."""

    file: str
    line: int = 0


def show(findings: tuple[Finding, ...], sources: Mapping[str, str], *, is_verbose: bool = False) -> None:
    """All errors and warnings; what was rewritten by itself only when asked for."""
    places = _places(sources)
    fixes = {name: _fixes(name, content) for name, content in doctor.bring(sources).sources.items()}
    located = [(_place(finding, places, sources), finding) for finding in findings]
    for name in dict.fromkeys([*sources, ""]):
        mine = [(place, one) for place, one in located if place.file == name]
        shown = [(place, one) for place, one in mine if is_verbose or one.severity != "info"]
        if shown:
            click.secho(name or _in(Text("所有文件", "All files")), bold=True)
            left = list(fixes.get(name, ()))
            for place, finding in shown:
                _one(place, finding, left)
            if left:
                click.echo(f"  {_in(Text('其他修复', 'other fixes'))}")
            for fix in left:
                _accept(fix)
    _sum(findings, any(fixes.values()), is_verbose=is_verbose)


def is_model(name: str) -> bool:
    """A BPMN file, by its name."""
    return name.lower().endswith(_MODELS)


def _in(text: Text) -> str:
    return text.in_locale(locale())


def _places(sources: Mapping[str, str]) -> dict[str, Place]:
    """Where each element stands, by its id; in the first file that has it."""
    found: dict[str, Place] = {}
    for name, content in sources.items():
        for identity, line in _ids(name, content):
            found.setdefault(identity, Place(name, line))
    return found


def _ids(name: str, content: str) -> Iterator[tuple[str, int]]:
    try:
        root = xml.parse(content) if is_model(name) else None
    except XmlError:
        return
    if root is not None:
        for element in root.iter("*"):
            if element.get("id"):
                yield xml.attribute(element, "id"), xml.line(element)


def _is_readable(content: str) -> bool:
    try:
        xml.parse(content)
    except XmlError:
        return False
    return True


def _place(finding: Finding, places: Mapping[str, Place], sources: Mapping[str, str]) -> Place:
    if finding.file:
        return Place(finding.file, finding.line)
    known = places.get(finding.element_id)
    if known is not None:
        return known
    models = [name for name in sources if is_model(name)]
    if finding.rule == "xml.unreadable":
        models = [name for name in models if not _is_readable(sources[name])][:1]
    return Place(models[0] if len(models) == 1 else "", finding.line)


def _fixes(name: str, content: str) -> tuple[doctor.Fix, ...]:
    try:
        return doctor.examine(content).fixes if is_model(name) else ()
    except XmlError:
        return ()


def _one(place: Place, finding: Finding, left: list[doctor.Fix]) -> None:
    """The finding, what to do, and each fix of its element that was not shown before."""
    line = _in(Text(f"第 {place.line} 行", f"line {place.line}")) if place.line else ""
    click.secho(f"  {_in(_WORDS[finding.severity])}  ", fg=_COLOURS[finding.severity], nl=False)
    click.secho("  ".join(part for part in (line, finding.element_id) if part) or "-", dim=True)
    click.echo(f"      {_in(finding.text)}")
    if finding.fix:
        click.echo(f"      → {_in(finding.fix)}")
    for fix in [fix for fix in left if fix.element_id == finding.element_id]:
        _accept(fix)
        left.remove(fix)


def _accept(fix: doctor.Fix) -> None:
    click.secho(f"      --accept {fix.id}", fg="cyan", nl=False)
    click.echo(f"  {_in(fix.text)}")


def _sum(findings: tuple[Finding, ...], has_fixes: bool, *, is_verbose: bool) -> None:
    counts = {severity: sum(one.severity == severity for one in findings) for severity in _WORDS}
    errors, warnings, rewrites = counts["error"], counts["warning"], counts["info"]
    zh = f"{errors} 个错误，{warnings} 个警告"
    en = f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
    if rewrites and not is_verbose:
        zh += f"；另有 {rewrites} 处已自动改写（--verbose 查看）"
        en += f"; {rewrites} places were rewritten by themselves (--verbose shows them)"
    if has_errors(findings):
        click.secho(_in(Text(f"不能部署：{zh}", f"Not deployable: {en}")), fg="red")
        if has_fixes:
            zh, en = (
                "接受全部修复：加上 --accept all --output 新文件",
                "To accept every fix add --accept all --output NEW_FILE",
            )
            click.echo(_in(Text(zh, en)))
    else:
        click.secho(_in(Text(f"可以部署：{zh}", f"Deployable: {en}")), fg="green")
