"""What must not happen on any page, listened to while a test drives it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

SignIn = Callable[..., Page]
"""``sign_in("east_sales1", phone=True)`` gives a page of that person, at home."""


@dataclass
class Watch:
    """Requests to other hosts, CSP violations, script errors."""

    address: str
    faults: list[str] = field(default_factory=list)

    def look_at(self, page: Page) -> None:
        """Listens to the page from now on."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in ("", urlsplit(self.address).netloc):
            self.faults.append(f"request to another host: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"CSP: {message.text}")
