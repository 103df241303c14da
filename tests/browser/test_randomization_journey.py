"""What a coordinator does between registration and allocation, and what she is told when it cannot be done."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import salvage
from tests.browser.conftest import Site, camera, prove, served, watched
from tests.browser.main_trial import BROKEN, ELIGIBLE, ENROLLED, OPEN
from tests.processes.shell import checked, surroundings

BUILD = "from tests.browser.main_trial import build; build()"
ARMS = re.compile("Radical total mesorectal excision|Salvage adjuvant chemoradiotherapy")

Camera = Callable[[str], Any]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The main trial with its randomization opened and a few participants, served."""
    var = tmp_path_factory.mktemp("hospital")
    checked(surroundings(EQUIPOISE_VAR=str(var)), "manage.py", "shell", "-c", BUILD)
    with served(var) as running:
        yield running


@pytest.fixture
def coordinator(browser: Browser, hospital: Site) -> Iterator[Page]:
    """A page of the coordinator, signed in."""
    with watched(browser, hospital.url) as page:
        hospital.sign_in(page, "coordinator")
        yield page


@pytest.fixture
def photograph(coordinator: Page) -> Camera:
    """A look at the coordinator's page, see `camera`."""
    look = camera(coordinator)
    return lambda name: look(f"randomization-{name}")


def _address(hospital: Site, label: str, page: str = "eligibility/") -> str:
    return f"{hospital.url}/trials/{salvage.TRIAL}/participants/{label}/{page}"


def test_she_registers_somebody_and_records_the_consent_first(
    coordinator: Page, hospital: Site, photograph: Camera
) -> None:
    page = coordinator
    page.get_by_role("link", name="Participants", exact=True).first.click()
    page.get_by_role("link", name="Register a participant").click()
    photograph("register")
    page.get_by_label("Label of the participant").fill("Li Wei")
    page.get_by_role("button", name="Register").click()
    expect(page.locator(".eq-summary")).to_be_focused()
    expect(page.locator("main")).to_contain_text("cannot be a label")
    photograph("register-refused")
    page.get_by_label("Label of the participant").fill("01-0001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("01-0001")
    expect(page.locator("main")).to_contain_text("Informed consent")
    page.get_by_role("link", name="Eligibility").first.click()
    expect(page.locator("main")).to_contain_text("Consent comes first")
    photograph("before-consent")
    page.goto(_address(hospital, "01-0001", "visits/screening/1/consent/1/"))
    today = page.evaluate("new Date().toISOString().slice(0, 10)").split("-")
    page.locator("[name=version][value='1']").check()
    for part, value in zip(("year", "month", "day"), today, strict=True):
        page.locator(f"[name=given_on-{part}]").fill(value)
    page.locator("[name=public_records][value=yes]").check()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/01-0001/")
    page.get_by_role("link", name="Eligibility").first.click()
    expect(page.locator("main")).to_contain_text("Cannot be judged yet")
    expect(page.get_by_role("heading", name="What is missing")).to_be_visible()
    photograph("after-consent")


@pytest.mark.shows("RND-05", "ELI-01")
def test_she_confirms_randomizes_and_prints(coordinator: Page, hospital: Site, photograph: Camera) -> None:
    page = coordinator
    page.goto(_address(hospital, ELIGIBLE))
    photograph("eligible")
    with page.expect_navigation():
        page.get_by_role("button", name="Confirm eligibility").click()
    if "/account/confirm/" in page.url:
        # Nothing was done yet: the page opens again, and is sent once more.
        prove(page, hospital.password)
        page.get_by_role("button", name="Confirm eligibility").click()
    expect(page.locator("main")).to_contain_text("May be randomized")
    photograph("confirmed")
    page.get_by_role("link", name="Randomize", exact=True).click()
    prove(page, hospital.password)
    expect(page.locator("main")).to_contain_text("cannot be undone")
    photograph("ask")
    asking = page.url
    page.get_by_role("button", name="Randomize now").dblclick()
    page.wait_for_url("**/allocation/")
    expect(page.locator(".eq-word")).to_have_text(ARMS)
    arm = page.locator(".eq-word").inner_text()
    assert not ARMS.search(page.url + page.title().split(" – ")[0])
    photograph("allocation")
    page.reload()
    expect(page.locator(".eq-word")).to_have_text(arm)
    page.goto(asking)
    page.wait_for_url("**/allocation/")
    expect(page.locator(".eq-word")).to_have_text(arm)
    _printed(page, photograph)
    page.goto(_address(hospital, ELIGIBLE))
    photograph("checklist-after")


def _printed(page: Page, photograph: Camera) -> None:
    """On paper there is no navigation, and a line for the signature."""
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("Name, date, signature")).to_be_visible()
    photograph("allocation-printed")
    page.emulate_media(media="screen")


@pytest.mark.shows("RND-05")
def test_a_page_left_open_does_not_randomize_on_values_that_have_changed(
    coordinator: Page, hospital: Site, photograph: Camera
) -> None:
    page = coordinator
    page.goto(_address(hospital, ENROLLED))
    expect(page.locator("main")).to_contain_text("Perineural invasion?")
    photograph("unknown-feature")
    page.goto(_address(hospital, ENROLLED, "randomize/"))
    prove(page, hospital.password)
    other = page.context.new_page()
    other.goto(_address(hospital, ENROLLED, "visits/screening/1/local_excision/1/?correct=1"))
    other.locator("[name=size_mm]").fill("24")
    other.get_by_label("Reason", exact=False).last.fill("transcription error")
    other.get_by_role("button", name="Save the correction").click()
    expect(other.locator("main")).to_contain_text("The correction is saved")
    other.close()
    page.get_by_role("button", name="Randomize now").click()
    expect(page.get_by_role("alert")).to_contain_text("22 mm became 24 mm")
    photograph("stale")
    page.get_by_role("button", name="Randomize now").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/allocation/")
    expect(page.locator(".eq-word")).to_have_text(ARMS)


@pytest.mark.shows("ELI-01")
def test_who_is_not_eligible_is_recorded_as_a_screen_failure(
    coordinator: Page, hospital: Site, photograph: Camera
) -> None:
    page = coordinator
    page.goto(_address(hospital, OPEN))
    expect(page.locator("main")).to_contain_text("Lymphovascular invasion?")
    photograph("incomplete")
    page.goto(_address(hospital, BROKEN))
    photograph("not-eligible")
    page.goto(_address(hospital, BROKEN, "randomize/"))
    prove(page, hospital.password)
    expect(page.get_by_role("button", name="Randomize now")).to_have_count(0)
    photograph("ask-refused")
    page.get_by_role("link", name="Back to the checklist").click()
    page.get_by_role("link", name="Record a screen failure").click()
    photograph("screen-failure")
    page.get_by_role("button", name="Record the screen failure").click()
    expect(page.locator("main")).to_contain_text("Choose a reason")
    photograph("screen-failure-refused")
    page.get_by_label("Lower edge at most 100 mm", exact=False).check()
    page.get_by_role("button", name="Record the screen failure").click()
    expect(page.locator("main")).to_contain_text("is recorded as a screen failure")
    page.goto(_address(hospital, BROKEN))
    photograph("screen-failed")


def test_the_protocol_and_the_scheme_can_be_read_and_printed(
    coordinator: Page, hospital: Site, photograph: Camera
) -> None:
    page = coordinator
    page.get_by_role("link", name="Protocol", exact=True).click()
    photograph("protocol")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Randomization", exact=True).click()
    expect(page.locator("main")).to_contain_text("SHA-256 of the seed")
    photograph("scheme")
