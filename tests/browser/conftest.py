"""Tests: a web server on the demonstration's data, and a browser that fails on any error or outside request."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from deploy import keeper, ports
from deploy.processes import PROCESSES
from deploy.stack import local
from tests.architecture.source import ROOT
from tests.processes.shell import Answer

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What Chromium says of an answer that a test asked for on purpose.
EXPECTED = ("the server responded with a status of 404", "the server responded with a status of 403")
SECONDS_TO_ANSWER = 60
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

    def sign_in(self, page: Page, role: str) -> None:
        """Sign in as the demonstration's person of a role, through the page."""
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
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    surroundings = {**clean, "EQUIPOISE_VAR": str(var), "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}"}
    plan = keeper.Plan(command=local(PROCESSES["web"].command), working_folder=str(ROOT), seconds_to_stop=10)
    web = keeper.start(plan, environment=surroundings, output=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/account/sign-in/")
        yield Site(f"http://127.0.0.1:{port}", var)
    finally:
        web.stop()


def _wait(url: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the web process did not answer"
            time.sleep(0.2)


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
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en", **context_options)

    def only_ours(route: Route) -> None:
        if route.request.url.startswith((url, "data:")):
            route.continue_()
        else:
            wrong.append(f"outside request: {route.request.url}")
            route.abort()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            wrong.append(f"console: {message.text}")

    context.route("**/*", only_ours)
    opened = context.new_page()
    opened.on("console", heard)
    opened.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def picture(page: Page, tmp_path: Path) -> Callable[[str], Any]:
    """Take a screenshot of the page, see `camera`."""
    return camera(page, tmp_path)


def camera(page: Page, unless_told: Path) -> Callable[[str], Any]:
    """Take a screenshot of the whole page at 1280 and at 320 pixels.

    PICTURES names a folder to keep them in; README_PICTURES one for the upper part of those the README shows.
    """
    folder = Path(os.environ.get("PICTURES", unless_told))
    shown = os.environ.get("README_PICTURES")

    def take(name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        page.evaluate("window.scrollTo(0, 0)")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            # The layout follows the window a moment later; what still overflows after two seconds is a fault.
            page.wait_for_function(
                "width => document.documentElement.scrollWidth <= width", arg=width, timeout=2000
            )
            height = min(int(page.evaluate("document.documentElement.scrollHeight")), 6000)
            page.set_viewport_size({"width": width, "height": max(height, 600)})
            page.screenshot(path=str(folder / f"{name}{'' if width == 1280 else '-320'}.png"))
        page.set_viewport_size({"width": 1280, "height": 900})
        if shown and name in IN_README:
            page.screenshot(path=str(Path(shown) / f"{name}.png"))

    return take
