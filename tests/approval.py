"""Somebody at the approval page: a browser of forms without scripts, and the decision while a login waits."""

import contextlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

import httpx

from tests.local.database import value
from tests.plane import LivePlane

PAGE = "/v1/device"


class Form(HTMLParser):
    """The forms of a page: how each is sent, its fields with their values, and its buttons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.method = ""
        self.action = ""
        self.fields: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.buttons: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: text or "" for name, text in attrs}
        self.tags.add(tag)
        if tag == "form":
            self.method, self.action = given["method"], given["action"]
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
            self.types[given["name"]] = given.get("type", "text")
        if tag == "button" and "value" in given:
            self.buttons.append(given["value"])

    def handle_data(self, data: str) -> None:
        self.text += data


class Browser:
    """Keeps cookies, follows redirects, and sends forms as a browser does; `page` is what it shows."""

    def __init__(self, live: LivePlane) -> None:
        self.http = live.client()
        self.live = live
        self.response: httpx.Response
        self.page: Form

    def open(self, user_code: str = "") -> Form:
        return self._show(self.http.get(PAGE, params={"user_code": user_code} if user_code else {}))

    def submit(self, button: str = "", headers: dict[str, str] | None = None, **changes: str | None) -> Form:
        """Fill the form of the page and press a button; None leaves a field out."""
        fields: dict[str, Any] = {**self.page.fields, **({"action": button} if button else {}), **changes}
        filled = {name: text for name, text in fields.items() if text is not None}
        # what Chromium sends from a page that keeps its referrers to itself
        sent = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} if headers is None else headers
        if self.page.method == "get":
            return self._show(self.http.get(self.page.action, params=filled))
        return self._show(self.http.post(self.page.action, data=filled, headers=sent))

    def sign_in(self, name: str = "admin", user_code: str = "") -> Form:
        self.open(user_code)
        return self.submit("sign-in", bearer=self.live.bearers[name])

    def _show(self, response: httpx.Response) -> Form:
        if response.status_code == 303:
            response = self.http.get(response.headers["location"])
        self.response = response
        self.page = Form(response.text)
        return self.page


def pending_code(live: LivePlane) -> str:
    """Return the code of the one request that nobody has decided about."""
    return str(value(live.control, "SELECT user_code FROM device_requests WHERE state = 'pending'"))


class LoginClock:
    """The clock of a login's wait, which only its own waits move; `act` is called in place of each of them."""

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []
        self._act = act

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds
        self._act()


@contextlib.contextmanager
def waiting(act: Callable[[], object] = lambda: None) -> Iterator[LoginClock]:
    """Have no login wait; yield its clock."""
    clock = LoginClock(act)
    with patch("plexctl.clients.device_login.time", clock):
        yield clock


@contextlib.contextmanager
def approving(live: LivePlane, button: str = "approve", name: str = "admin") -> Iterator[LoginClock]:
    """Have somebody decide during the first wait of a login."""

    def decide() -> None:
        if len(clock.waits) == 1:
            browser = Browser(live)
            browser.sign_in(name, pending_code(live))
            browser.submit(button)

    with waiting(decide) as clock:
        yield clock
