"""Small hands of the browser tests: choosing in a picker, taking a task of the inbox."""

from playwright.sync_api import Error, Page, expect


def choose(page: Page, field: str, text: str) -> None:
    """Search in the picker of a field (its HTML id) and take what is found."""
    page.locator(f"#{field}-ts-control").fill(text)
    page.locator(".ts-dropdown:visible .option", has_text=text).first.click()


def open_task(page: Page, words: str) -> None:
    """Open the task whose title holds the words; the worker may still be making it."""
    for _ in range(40):
        try:
            page.goto("/inbox")
        except Error:  # the page of what was sent before came in between
            continue
        if page.locator(".task-row", has_text=words).count():
            break
        page.wait_for_timeout(100)
    page.locator(".task-row", has_text=words).first.click()
    expect(page.locator(".task h1")).to_contain_text(words)


def finish(page: Page, outcome: str) -> None:
    """Press the task's button."""
    page.locator(".task-buttons").get_by_role("button", name=outcome, exact=True).click()


def fact(page: Page, label: str) -> str:
    """What a preview says under a label."""
    row = page.locator(".preview-lines .fact").filter(has=page.locator("dt", has_text=label)).first
    return row.locator("dd").inner_text()
