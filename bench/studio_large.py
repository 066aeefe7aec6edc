"""The studio in Chromium: opening a process of some 300 nodes, picking, renaming, undoing, comparing, and its checks.

`python -m bench.studio_large [--rows 10] [--opens 5]`. The floor of opening is the smallest process there is, opened in
the same run; CPU is that of the page's main thread.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from bench.largemodel import NODES_OF_A_ROW, large_model
from bench.school import Running, running_school
from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from webapp.screens.studio import blank_process

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_TARGET_S = 2.0


def main() -> None:
    """Prints what opening takes beside the floor, then what single actions take."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--opens", type=int, default=5)
    wanted = parser.parse_args()
    with running_school() as school, sync_playwright() as playwright:
        for key, source in (("small", blank_process.source("小", "small")), ("large", _large(wanted.rows))):
            _deploy(school, key, source)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        page = _sign_in(browser.new_page(base_url=f"http://127.0.0.1:{school.port}", locale="zh-CN"), school)
        floor = _opens(page, "small", wanted.opens)
        found = _opens(page, "large", wanted.opens)
        print(f"{wanted.rows * NODES_OF_A_ROW} nodes, 60 findings, beside a process of three nodes")
        for name, one, other in zip(("drawn", "checked", "CPU"), found, floor, strict=True):
            target = f" (target < {_TARGET_S:.0f} s)" if name == "drawn" else ""
            print(f"{name:10} {one:6.2f} s   {other:6.2f} s   ratio {one / other:.1f}{target}")
        _actions(page)
        browser.close()


def _large(rows: int) -> str:
    return large_model("large", rows=rows, faults=60)


def _deploy(school: Running, key: str, source: str) -> None:
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {f"{key}.bpmn": source}))


def _sign_in(page: Page, school: Running) -> Page:
    page.goto("/sign-in")
    page.fill("#username", "admin")
    page.fill("#password", school.password)
    page.click(".signin-form button.btn-primary")
    page.wait_for_url("**/")
    return page


def _opens(page: Page, key: str, times: int) -> tuple[float, float, float]:
    """Medians in seconds: until the diagram can be worked on, until its check is there, CPU until then."""
    session = page.context.new_cdp_session(page)
    rounds = [_open(page, session, key) for _ in range(times + 1)][1:]  # the first one fills the cache
    drawn, checked, cpu = zip(*rounds, strict=True)
    return median(drawn), median(checked), median(cpu)


def _open(page: Page, session: CDPSession, key: str) -> tuple[float, float, float]:
    page.goto("about:blank")
    session.send("Performance.disable")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    begun = time.perf_counter()
    page.goto(f"/studio/{key}", wait_until="commit")
    page.wait_for_selector("html[data-drawn]", state="attached")
    drawn = time.perf_counter() - begun
    page.wait_for_selector("html[data-studio=ready]", state="attached")
    checked = time.perf_counter() - begun
    metrics = session.send("Performance.getMetrics")["metrics"]
    return drawn, checked, next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def _actions(page: Page) -> None:
    """What one waits for while working on the large one."""
    title = page.locator(".bio-properties-panel-header-label")
    label = page.locator("g[data-element-id=take_0] text").first
    _timed(
        "pick",
        page.locator("[data-element-id=take_0] .djs-hit").first.click,
        lambda: expect(title).to_contain_text("登记"),
    )
    _timed("rename", lambda: _rename(page, "新名字"), lambda: expect(label).to_have_text("新名字"))
    _timed("undo", lambda: page.click("[data-action=undo]"), lambda: expect(label).to_contain_text("登记"))
    page.click("[data-action=redo]")
    changed = page.locator(".djs-shape.is-changed").first
    _timed("compare", lambda: page.click("[data-action=compare]"), changed.wait_for)
    page.click("[data-foot=findings]")
    expect(page.locator(".finding").first).to_contain_text("新名字", timeout=30_000)  # the check of the last change
    bubble = page.locator(".finding-bubble")
    _timed("go to a finding", page.locator(".finding").nth(40).click, bubble.wait_for)


def _rename(page: Page, name: str) -> None:
    page.fill("[name=name]", name)
    page.keyboard.press("Tab")


def _timed(name: str, act: Callable[[], object], wait: Callable[[], object]) -> None:
    begun = time.perf_counter()
    act()
    wait()
    print(f"{name:16} {1000 * (time.perf_counter() - begun):5.0f} ms")


if __name__ == "__main__":
    main()
