"""What people do: correct a value, read a verdict, pull data, and find nothing of another site."""

import csv
import io
import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

TRIAL = "colon-moertel"
HERE, THERE = "01-0001", "02-0002"
BASELINE = "visits/baseline/1/baseline/1/"


def of(site: Site, participant: str, rest: str = "") -> str:
    return f"{site.url}/trials/{TRIAL}/participants/{participant}/{rest}"


@pytest.mark.shows("CRF-01")
def test_a_coordinator_corrects_a_value_with_a_reason_and_sees_its_history(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    page.goto(site.url)
    picture("sign-in")
    site.sign_in_through_the_page(page, "coordinator")
    picture("home-of-both-trials")
    page.goto(f"{site.url}/trials/{TRIAL}/participants/")
    picture("participants")
    page.get_by_role("link", name=HERE).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(HERE)
    picture("casebook")
    page.goto(of(site, HERE, BASELINE))
    picture("form-read")
    age = _age(page)
    page.goto(of(site, HERE, f"{BASELINE}?correct=1"))
    picture("form-correct")
    field = page.get_by_label("Age", exact=False).first
    field.fill("abc")
    page.get_by_label("Reason", exact=False).last.fill("transcription error")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("body")).to_contain_text("not a whole number")
    picture("form-error")
    page.get_by_label("Age", exact=False).first.fill(str(age + 1))
    page.get_by_label("Reason", exact=False).last.fill("transcription error")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("body")).to_contain_text(str(age + 1))
    page.goto(of(site, HERE, f"{BASELINE}history/age/"))
    history = page.locator("main")
    for word in (str(age), str(age + 1), "transcription error", "Demo coordinator"):
        expect(history).to_contain_text(word)
    picture("item-history")


def _age(page: Page) -> int:
    text = page.locator("dl.eq-rows > div", has_text="Age").first.locator("dd").first.inner_text()
    return int(text.split()[0])


@pytest.mark.shows("ACC-01")
def test_a_participant_of_another_site_is_not_there(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "coordinator")
    for rest in ("", BASELINE, f"{BASELINE}history/age/"):
        answer = page.goto(of(site, THERE, rest))
        assert answer is not None
        assert answer.status == 404
        assert THERE not in page.locator("main").inner_text()
    picture("not-found")


@pytest.mark.shows("NI-01")
def test_a_dsmb_member_sees_curves_and_verdict(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "dsmb_member")
    picture("home-dsmb")
    page.goto(f"{site.url}/trials/{TRIAL}/outcomes/")
    main = page.locator("main")
    for words in ("+14.38", "6.65 to 22.11", "−0.08", "−7.93 to 7.76", "non-inferior"):
        expect(main).to_contain_text(words)
    images = page.locator("main img")
    assert images.count() >= 6
    for place in range(images.count()):
        # A figure far below is loaded when it comes into view.
        images.nth(place).scroll_into_view_if_needed()
        page.wait_for_function(
            "place => document.querySelectorAll('main img')[place].naturalWidth > 0", arg=place
        )
    picture("report")
    page.goto(f"{site.url}/trials/{TRIAL}/snapshots/")
    picture("snapshots")


@pytest.mark.shows("API-01")
@pytest.mark.parametrize(
    ("role", "knows"), [("unblinded_statistician", True), ("blinded_statistician", False)]
)
def test_a_statistician_makes_a_token_and_pulls_times_to_event(
    page: Page, site: Site, picture: Callable[[str], None], role: str, knows: bool
) -> None:
    site.sign_in(page, role)
    page.goto(f"{site.url}/trials/{TRIAL}/tokens/")
    picture(f"tokens-{role}")
    page.get_by_role("link", name="Make a token").first.click()
    if "/account/confirm/" in page.url:
        picture("confirm-password")
        page.get_by_label("Password", exact=True).fill(site.password)
        page.get_by_role("button").filter(has_text="Confirm").first.click()
    page.get_by_label("Name", exact=False).first.fill(f"for R, {role}")
    picture(f"token-make-{role}")
    arm = page.get_by_label("read:arm", exact=False)
    assert (arm.count() > 0) is knows
    if knows:
        arm.first.check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#secret").inner_text()
    picture(f"token-made-{role}")
    rows = _pulled(f"{site.url}/api/v1/trials/{TRIAL}/adtte/?format=csv", secret)
    assert len(rows) == 3 * 929
    assert ("TRT01P" in rows[0]) is knows
    assert not knows or {row["TRT01P"] for row in rows} == {"Obs", "Lev", "Lev+5FU"}
    assert knows or not {"Obs", "Lev", "Lev+5FU"} & {cell for row in rows for cell in row.values()}


def _pulled(url: str, secret: str) -> list[dict[str, str]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode())))


def test_an_administrator_reads_the_audit_trail(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "administrator")
    picture("home-administrator")
    page.goto(f"{site.url}/trials/{TRIAL}/audit/")
    picture("audit")
    assert "Lev+5FU" not in page.content()


def test_the_api_is_documented_under_the_content_security_policy(
    page: Page, site: Site, picture: Callable[[str], None]
) -> None:
    site.sign_in(page, "blinded_statistician")
    page.goto(f"{site.url}/api/docs/")
    expect(page.locator("body")).to_contain_text("adtte")
    picture("api-docs")
    schema = json.loads(_schema(page, site))
    assert "/api/v1/trials/{trial}/adtte/" in schema["paths"]


def _schema(page: Page, site: Site) -> str:
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    return page.request.get(f"{site.url}/api/schema/", headers=accept).text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_person_may_read_in_her_language(page: Page, site: Site, language: str) -> None:
    site.sign_in(page, "coordinator")
    page.locator(f"footer button[value='{language}']").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


OTHER_PAGES = [
    ("coordinator", "account/sessions/", "sessions"),
    ("coordinator", "account/password/", "password"),
    ("coordinator", "account/sign-out/", "sign-out"),
    ("coordinator", "trials/colon-moertel/outcomes/", "forbidden"),
    ("coordinator", "trials/colon-moertel/participants/?search=nobody", "participants-none"),
    (
        "coordinator",
        f"trials/colon-moertel/participants/{HERE}/visits/follow_up/1/follow_up/1/",
        "form-entry",
    ),
    ("data_manager", "", "home-data-manager"),
    ("data_manager", f"trials/colon-moertel/participants/{THERE}/", "casebook-data-manager"),
    ("unblinded_statistician", "trials/colon-moertel/snapshots/new/", "snapshot-new"),
    ("blinded_statistician", "trials/colon-moertel/snapshots/", "snapshots-blinded"),
]


@pytest.mark.parametrize(("role", "path", "name"), OTHER_PAGES, ids=[page[2] for page in OTHER_PAGES])
def test_every_other_page_is_sound_at_both_widths(
    page: Page, site: Site, picture: Callable[[str], None], role: str, path: str, name: str
) -> None:
    site.sign_in(page, role)
    page.goto(f"{site.url}/{path}")
    picture(name)
