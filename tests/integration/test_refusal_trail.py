"""A refusal stands in the trail of its trial, where those who oversee the site look, and tells no arm."""

import pytest

from crf.actions import entry
from crf.models import Record
from tests.world import World
from trial import audit
from trial.actions import participants, people, sites
from trial.models import Act, Site
from trial.refusals import Refusal
from trial.states import SiteState


@pytest.mark.shows("AUD-03")
def test_a_refused_registration_stands_in_the_chain_of_its_trial_and_site(world: World) -> None:
    by = world.person("coordinator")
    site = Site.objects.get(trial=world.trial, code="01")
    sites.change_state(site=site, to=SiteState.CLOSED, reason="paused", by=world.person("administrator"))
    site.refresh_from_db()
    with pytest.raises(Refusal):
        participants.register(site=site, label="01-9997", by=by)
    act = Act.objects.latest("pk")
    assert (act.refused, act.chain, act.site, act.verb) == (True, world.trial.key, "01", "register")


@pytest.mark.shows("AUD-03")
def test_a_site_of_another_trial_is_not_written_into_the_chain(world: World) -> None:
    with pytest.raises(Refusal):
        people.grant(
            person=world.person("coordinator"),
            trial=world.trial,
            role="coordinator",
            site=Site.objects.get(trial=world.other_trial, code="01"),
            starts_on=world.snapshot.cut_off,
            by=world.person("administrator"),
        )
    act = Act.objects.latest("pk")
    assert (act.refused, act.chain, act.site) == (True, world.trial.key, "")


@pytest.mark.shows("AUD-03")
def test_a_refusal_about_a_long_item_fits_its_column(world: World) -> None:
    with (
        pytest.raises(Refusal),
        audit.writing_block(
            by=world.person("coordinator"), reason="", verb="submit", about={"trial": world.trial}
        ),
    ):
        raise Refusal("entry.findings", "No.", item="x" * 500)
    assert len(Act.objects.latest("pk").subject) == 120


@pytest.mark.shows("BLD-01")
def test_the_reason_typed_for_a_refused_correction_of_a_telling_form_is_masked(world: World) -> None:
    someone = world.participant()
    record = Record.objects.select_related("visit").get(participant=someone, form="treatment_start")
    typed = entry.Entry(visit=record.visit.key, form="treatment_start", raw=record.values, version=99)
    with pytest.raises(Refusal) as refused:
        entry.correct(
            participant=someone, entry=typed, reason="took Lev, not Obs", by=world.person("coordinator")
        )
    assert refused.value.code == "entry.stale"
    act = Act.objects.latest("pk")
    assert (act.refused, act.shows_arm) == (True, True)
