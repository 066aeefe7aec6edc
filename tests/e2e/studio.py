"""Hands in the process studio: open it, pick an element, fill the panel, deploy."""

from base64 import b64encode

from playwright.sync_api import Page, expect

_DRAGGED = """([name, content]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([Uint8Array.from(atob(content), letter => letter.charCodeAt(0))], name));
  return carried;
}"""


def open_studio(page: Page, key: str, query: str = "") -> None:
    """The studio on a process, ready to work."""
    page.goto(f"/studio/{key}{query}")
    page.wait_for_selector("html[data-studio=ready]")


def pick(page: Page, element_id: str) -> None:
    """Select an element of the diagram; a flow by its label."""
    page.locator(".djs-container > svg").click(position={"x": 340, "y": 20})
    page.locator(f"[data-element-id='{element_id}'] .djs-hit").first.click()
    expect(page.locator(".bio-properties-panel-header")).to_be_visible()


def fill(page: Page, name: str, value: str) -> None:
    """A field of the properties panel; it hands its text over after a moment or when it is left."""
    page.locator(f".studio-properties [name='{name}']").fill(value)
    page.keyboard.press("Tab")


def insert_user_task(page: Page, flow_id: str) -> None:
    """Take a user task from the palette and drop it on a flow: it is wired in and selected."""
    page.locator(".djs-palette [data-action='create.user-task']").click()
    box = page.locator(f"[data-element-id='{flow_id}'] .djs-hit").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y - 60)
    page.mouse.move(x, y, steps=5)
    page.mouse.click(x, y)
    page.keyboard.press("Escape")


def deploy(page: Page, note: str) -> None:
    """Deploy with a note; the caller looks at what the studio says."""
    page.locator("[data-action='deploy']").click()
    expect(page.locator("[data-part='deploying']")).to_be_visible()
    page.fill("#deploy-note", note)
    page.locator("[data-action='deploy-now']").click()


def tab(page: Page, title: str) -> None:
    """Open a file by its title."""
    page.get_by_role("tab", name=title).click()


def let_go(page: Page, name: str, content: bytes) -> None:
    """Drag a file onto the page and let it go there."""
    carried = page.evaluate_handle(_DRAGGED, [name, b64encode(content).decode()])
    page.dispatch_event("body", "dragenter", {"dataTransfer": carried})
    expect(page.locator(".drop-veil")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": carried})
