"""Tests: a real user's first day: from an empty PostgreSQL to the first randomization and the first follow-up form."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import salvage
from tests.browser import installation
from tests.browser.conftest import camera, prove, watched
from tests.browser.installation import Installation
from tests.salvage import Answers

TRIAL = "t1-salvage"
ZONE = "Asia/Shanghai"
PASSWORD = "three plain words and a number 7"
FOUNDER = ("founder@hospital.example", "Fan Founder")
STATISTICIAN = ("statistics@institute.example", "Sun Statistician")
COORDINATOR = ("coordinator@hospital.example", "Chen Coordinator")

Camera = Callable[[str], Any]


@pytest.fixture
def begun(postgres_url: str, redis_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An empty installation in production mode, not started yet."""
    # No worker of another test may take its messages.
    broker = redis_url.removesuffix("/0") + "/1"
    with installation.empty(postgres_url, broker, tmp_path) as made:
        yield made


@pytest.mark.shows("STA-01", "RND-01", "RND-05")
def test_from_an_empty_database_to_the_first_follow_up(begun: Installation, browser: Browser) -> None:
    printed = begun.manage("start", "--email", FOUNDER[0], "--name", FOUNDER[1], "--no-input")
    with installation.serving(begun), ExitStack() as closing:

        def somebody() -> tuple[Page, Camera]:
            page = closing.enter_context(watched(browser, begun.url, ignore_https_errors=True))
            return page, camera(page)

        founder, picture = somebody()
        _welcome(founder, begun.one_time_link(printed), picture)
        _protocol(founder, picture)
        _site(founder, picture)
        links = [_invited(founder, who, role, picture) for who, role in _staff()]

        statistician, picture = somebody()
        _welcome(statistician, links[0], None)
        _scheme(statistician, begun.url, picture)

        coordinator, picture = somebody()
        _welcome(coordinator, links[1], None)
        label = _registered(coordinator, begun.url, picture)
        _screened(coordinator, picture)
        _randomized(coordinator, label, picture)
        _followed_up(coordinator, label, picture)

    verified = begun.manage("verify_randomization", TRIAL)
    assert "1 allocation" in verified
    assert begun.manage("verify_audit").strip().startswith("The audit trail holds")


def _staff() -> tuple[tuple[tuple[str, str], str], ...]:
    return (STATISTICIAN, "unblinded_statistician"), (COORDINATOR, "coordinator")


def _welcome(page: Page, link: str, picture: Camera | None) -> None:
    page.goto(link)
    expect(page.get_by_text("Production", exact=False).first).to_be_visible()
    if picture:
        picture("day1-01-welcome")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    _press(page, "button", "Set the password and sign in")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Welcome")
    if picture:
        picture("day1-02-home-of-the-first-administrator")


def _protocol(page: Page, picture: Camera) -> None:
    _press(page, "link", "Protocols")
    picture("day1-03-protocols")
    row = page.get_by_role("row").filter(has_text=TRIAL)
    with page.expect_navigation():
        row.get_by_role("link", name="Activate").click()
    prove(page, PASSWORD)
    page.get_by_label("Reason").fill("Approved by the ethics committee.")
    picture("day1-04-activate")
    _press(page, "button", "Activate")
    # Nobody is administrator of the trial yet: she names herself.
    _fill(page, {"email": FOUNDER[0], "name": FOUNDER[1], "role": "administrator", "trial": TRIAL})
    picture("day1-05-name-an-administrator")
    _press(page, "button", "Name an administrator")
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")


def _site(page: Page, picture: Camera) -> None:
    picture("day1-06-first-steps")
    _press(page, "link", "A site is open")
    _press(page, "link", "Add")
    prove(page, PASSWORD)
    _fill(page, {"code": "01", "name": "First Hospital", "time_zone": ZONE, "cap": "40"})
    picture("day1-07-add-a-site")
    _press(page, "button", "Add the site")
    expect(page.get_by_text("First Hospital").first).to_be_visible()
    picture("day1-08-sites")


def _invited(page: Page, who: tuple[str, str], role: str, picture: Camera) -> str:
    _press(page, "link", "People")
    _press(page, "link", "Invite")
    prove(page, PASSWORD)
    site = {"site": "01"} if role == "coordinator" else {}
    _fill(page, {"email": who[0], "name": who[1], "role": role, **site})
    picture(f"day1-09-invite-{role}")
    _press(page, "button", "Invite")
    link = page.locator("#one-time-link").inner_text()
    _press(page, "link", "I have copied it")
    picture("day1-10-people")
    return link


def _scheme(page: Page, url: str, picture: Camera) -> None:
    page.goto(f"{url}/trials/{TRIAL}/randomization/")
    picture("day1-11-scheme-not-open")
    _press(page, "link", "Open the scheme")
    prove(page, PASSWORD)
    page.get_by_label("Block sizes").fill("4, 6, 8")
    _press(page, "button", "Continue")
    picture("day1-12-open-the-scheme")
    _press(page, "button", "Open the scheme")
    expect(page.get_by_text(re.compile("[0-9a-f]{64}")).first).to_be_visible()
    picture("day1-13-scheme")


def _registered(page: Page, url: str, picture: Camera) -> str:
    picture("day1-14-home-of-the-coordinator")
    page.goto(f"{url}/trials/{TRIAL}/participants/")
    _press(page, "link", "Register")
    picture("day1-15-register")
    _press(page, "button", "Register")
    label = page.get_by_role("heading", level=1).inner_text()
    assert label == "01-0001"
    picture("day1-16-registered")
    return label


def _screened(page: Page, picture: Camera) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date()
    casebook = page.url
    forms = salvage.eligible(today)
    forms["demography"] = {**forms["demography"], "sex": "female"}
    forms["screening"] = {**forms["screening"], "pregnant_lactating": "no"}
    forms["local_excision"] = {**forms["local_excision"], "size_mm": "25", "lvi": "yes"}
    for form, answers in forms.items():
        page.goto(f"{casebook}visits/screening/1/{form}/1/")
        _fill(page, answers)
        picture(f"day1-17-{form}")
        _submit(page)


def _randomized(page: Page, label: str, picture: Camera) -> None:
    _press(page, "link", "Eligibility")
    picture("day1-18-eligibility")
    _press(page, "button", "Confirm eligibility")
    if "/account/confirm/" in page.url:
        # Nothing was done yet: the page opens again, and is sent once more.
        prove(page, PASSWORD)
        _press(page, "button", "Confirm eligibility")
    _press(page, "link", "Randomize")
    prove(page, PASSWORD)
    picture("day1-19-randomize")
    _press(page, "button", "Randomize now")
    expect(page.locator("main")).to_contain_text(label)
    expect(page).to_have_url(re.compile(r"/allocation/$"))
    # The trial's own name stands behind the page's, and names a treatment.
    assert not re.search("TME|CRT", page.url + page.title().partition("Salvage chemo")[0])
    picture("day1-20-allocation")
    page.emulate_media(media="print")
    picture("day1-21-allocation-printed")
    page.emulate_media(media="screen")


def _followed_up(page: Page, label: str, picture: Camera) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date()
    _press(page, "link", "Casebook")
    picture("day1-22-casebook")
    casebook = page.url
    page.goto(f"{casebook}visits/extra/1/follow_up/1/")
    answers = salvage.nothing_found(today)
    _fill(page, answers)
    picture("day1-23-follow-up")
    _submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(label)
    picture("day1-24-casebook-after-follow-up")


def _press(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Press the first link or button of that name, and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()


def _fill(page: Page, answers: Answers) -> None:
    """Answer questions by the names of their fields; those that are not asked fail."""
    for name, value in answers.items():
        if page.locator(f'[name="{name}-day"]').count():
            for part, number in zip(("year", "month", "day"), str(value).split("-"), strict=True):
                page.locator(f'[name="{name}-{part}"]').fill(number)
            # Questions that hang on this one are asked when it is left.
            page.locator(f'[name="{name}-day"]').blur()
            continue
        found = page.locator(f'[name="{name}"]').first
        kind = found.evaluate("field => field.tagName + (field.type || '')")
        if kind == "INPUTradio":
            page.locator(f'[name="{name}"][value="{value}"]').check()
        elif kind.startswith("SELECT"):
            found.select_option(str(value))
        else:
            found.fill(str(value))


def _submit(page: Page) -> None:
    """Submit the form; where it warns, say that it was confirmed and submit again."""
    _press(page, "button", "Submit")
    warned = page.locator('textarea[name*=":"], input[name*=":"]')
    if warned.count():
        for field in warned.all():
            field.fill("Confirmed in the source.")
        _press(page, "button", "Submit")
    expect(page.locator(".eq-summary")).to_have_count(0)
