"""The pages of the main trial on its synthetic cohort, as each role finds them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

TRIAL = "t1-salvage"
PAGES = [
    ("coordinator", "", "home-coordinator"),
    ("investigator", "", "home-investigator"),
    ("data_manager", f"trials/{TRIAL}/participants/", "main-participants"),
    ("coordinator", f"trials/{TRIAL}/protocol/", "main-protocol"),
    ("unblinded_statistician", f"trials/{TRIAL}/randomization/", "main-scheme"),
    ("unblinded_statistician", f"trials/{TRIAL}/snapshots/", "main-snapshots"),
    ("administrator", f"trials/{TRIAL}/sites/", "main-sites"),
    ("administrator", f"trials/{TRIAL}/people/", "main-people"),
    ("administrator", f"trials/{TRIAL}/outbox/", "main-outbox"),
    ("administrator", f"trials/{TRIAL}/audit/", "main-audit"),
]


@pytest.mark.shows("SYN-01")
@pytest.mark.parametrize(("role", "path", "name"), PAGES, ids=[page[2] for page in PAGES])
def test_every_page_of_the_main_trial_is_sound_and_says_that_its_data_are_synthetic(
    page: Page, site: Site, picture: Callable[[str], None], role: str, path: str, name: str
) -> None:
    site.sign_in(page, role)
    page.goto(f"{site.url}/{path}")
    expect(page.locator("body > header")).to_contain_text("SYNTHETIC DATA")
    picture(name)


@pytest.mark.shows("SYN-01", "END-01")
def test_a_participant_of_the_cohort_has_a_casebook_a_checklist_and_endpoints(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "coordinator")
    page.goto(f"{site.url}/trials/{TRIAL}/participants/?state=randomized")
    page.locator("main table a").first.click()
    expect(page.get_by_role("heading", name="Planned visits")).to_be_visible()
    picture("main-casebook")
    for tab in ("Eligibility", "Endpoints"):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.locator("body > header")).to_contain_text("SYNTHETIC DATA")
        picture(f"main-{tab.lower()}")


@pytest.mark.shows("NI-02")
def test_the_report_joins_both_populations_in_its_verdict(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "dsmb_member")
    page.goto(f"{site.url}/trials/{TRIAL}/outcomes/")
    main = page.locator("main")
    for words in ("ITT", "per protocol", "pending adjudication"):
        expect(main).to_contain_text(words)
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('main img')].every(each => each.naturalWidth > 0)")
    picture("main-report")
