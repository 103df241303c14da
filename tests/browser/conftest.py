"""Tests: a web server on the demonstration's data, and a browser that fails on any error or outside request."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from deploy import ports
from tests.processes.serving import until_it_answers, web
from tests.processes.shell import Answer, surroundings

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Who asks outside finds nobody there; the tests notice that she asked.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# What Chromium says of a page that a test asked for on purpose.
EXPECTED = ("the server responded with a status of 404", "the server responded with a status of 403")
SERIOUS = ("serious", "critical")
IN_README = (
    "home-coordinator",
    "main-casebook",
    "main-eligibility",
    "main-report",
    "main-protocol",
    "randomization-allocation",
)


class Site:
    """The running demonstration: where it is, and how to sign in."""

    def __init__(self, url: str, var: Path) -> None:
        self.url = url
        self.password = (var / "demo_password.txt").read_text().strip()
        self._signed_in: dict[str, Any] = {}

    def sign_in(self, page: Page, role: str) -> None:
        """Home of the demonstration's person of a role; she signs in through the page the first time only."""
        if role not in self._signed_in:
            self.sign_in_through_the_page(page, role)
            self._signed_in[role] = page.context.cookies()
            return
        page.context.add_cookies(self._signed_in[role])
        page.goto(f"{self.url}/")

    def sign_in_through_the_page(self, page: Page, role: str) -> None:
        """As a person does it, in a session of its own."""
        page.goto(f"{self.url}/account/sign-in/")
        page.get_by_label("Email").fill(f"{role.replace('_', '-')}@demo.invalid")
        page.get_by_label("Password", exact=True).fill(self.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.url}/")


@pytest.fixture(scope="session")
def site(demo: tuple[Path, Answer], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product's own web command on a copy of the demonstration."""
    with served(Path(shutil.copytree(demo[0], tmp_path_factory.mktemp("site") / "var"))) as running:
        yield running


@contextmanager
def served(var: Path) -> Iterator[Site]:
    """The product's own web command on the data in a folder, once it answers."""
    port = ports.free()
    environment = surroundings(EQUIPOISE_VAR=str(var), GUNICORN_CMD_ARGS=f"--bind 127.0.0.1:{port}")
    with web(environment):
        until_it_answers(f"http://127.0.0.1:{port}/account/sign-in/")
        yield Site(f"http://127.0.0.1:{port}", var)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all journeys."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of the demonstration; an outside request or an error on the console fails the test."""
    with watched(browser, site.url) as opened:
        yield opened


@contextmanager
def watched(browser: Browser, url: str, **context_options: Any) -> Iterator[Page]:
    """A page in a context of its own that may ask nobody but `url`, and must not complain."""
    wrong: list[str] = []
    pages: set[str] = set()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en", **context_options)

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{url}/", "data:")):
            wrong.append(f"outside request: {request.url}")
        if request.is_navigation_request():
            pages.add(request.url)

    def heard(message: ConsoleMessage) -> None:
        # A page may be refused or missing; what a page shows may not.
        expected = message.location["url"] in pages and any(text in message.text for text in EXPECTED)
        if message.type == "error" and not expected:
            wrong.append(f"console: {message.text} {message.location['url']}")

    context.on("request", asked)
    opened = context.new_page()
    opened.on("console", heard)
    opened.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    yield opened
    context.close()
    assert wrong == []


def sound(page: Page) -> None:
    """No serious or critical finding of axe."""
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS] == []


@pytest.fixture
def picture(page: Page) -> Callable[[str], Any]:
    """Look at the page, see `camera`."""
    return camera(page)


def camera(page: Page) -> Callable[[str], Any]:
    """Look at the page at 320 and at 1280 pixels, where nothing may stand beside the window, and with axe.

    PICTURES names a folder to keep a screenshot of the whole page in, at both widths; README_PICTURES one for the
    upper part of those the README shows.
    """
    kept, shown = os.environ.get("PICTURES"), os.environ.get("README_PICTURES")

    def look(name: str) -> None:
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            # The layout follows the window a moment later; what still overflows after two seconds is a fault.
            page.wait_for_function(
                "width => document.documentElement.scrollWidth <= width", arg=width, timeout=2000
            )
            if kept:
                _take(page, Path(kept) / f"{name}{'' if width == 1280 else '-320'}.png")
        if shown and name in IN_README:
            page.evaluate("window.scrollTo(0, 0)")
            page.screenshot(path=str(Path(shown) / f"{name}.png"))
        sound(page)

    return look


def _take(page: Page, file: Path) -> None:
    """A screenshot of the whole page, in a window that is as high."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), 6000)
    page.evaluate("window.scrollTo(0, 0)")
    page.set_viewport_size({"width": width, "height": max(height, 600)})
    page.screenshot(path=str(file))
    page.set_viewport_size({"width": width, "height": 900})


def prove(page: Page, password: str) -> None:
    """Give the password again where it is asked for."""
    if "/account/confirm/" in page.url:
        page.get_by_label("Password", exact=True).fill(password)
        with page.expect_navigation():
            page.get_by_role("button", name="Confirm").click()
