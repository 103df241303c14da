"""Consent before data, withdrawal after it, and forms that apply: what entering a form does to the participant."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db.models import QuerySet

from crf.actions import entry
from crf.actions.entry import EntryRefused
from crf.models import Record
from tests import salvage
from tests.world import World
from trial import audit
from trial.actions import participants, protocols
from trial.models import Act, Consent, Participant, Trial
from trial.protocol.loader import load_files
from trial.refusals import Refusal

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
CONSENT = {"version": "1", "given_on": "2026-11-15", "public_records": "yes"}
LEFT = {"withdrawn_on": "2026-11-20", "level": "visits", "public_records": "no"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def trial(world: World) -> Trial:
    return salvage.open_trial()


@pytest.fixture
def newcomer(trial: Trial) -> Participant:
    """Somebody registered who has signed nothing."""
    return salvage.registered("01", "01-0001")


def screening(trial: Trial) -> Participant:
    return salvage.screened("01", "01-0001")


def typed(form: str, answers: dict[str, str | None], visit: str, **more: object) -> entry.Entry:
    return salvage.entry_of(answers, visit=visit, form=form, **more)


def submit(participant: Participant, form: str, answers: dict[str, str | None], visit: str) -> Record:
    what = typed(form, answers, visit)
    return entry.submit(participant=participant, entry=what, by=salvage.person("coordinator"))


def refused(participant: Participant, form: str, answers: dict[str, str | None], visit: str) -> Refusal:
    """The refusal of a submission, and of a draft; nothing is left behind."""
    before = Record.objects.filter(participant=participant).count()
    codes = []
    for act in (entry.submit, entry.save_draft):
        with pytest.raises(Refusal) as caught:
            act(participant=participant, entry=typed(form, answers, visit), by=salvage.person("coordinator"))
        codes.append(caught.value.code)
    assert len(set(codes)) == 1
    assert Record.objects.filter(participant=participant).count() == before
    return caught.value


def correct(record: Record, **answers: str) -> Record:
    what = typed(
        record.form,
        {**record.values, **answers},
        record.visit.key,
        version=record.version,
        visit_repeat=record.visit.repeat,
        soft_reasons=record.soft_reasons,
    )
    by = salvage.person("investigator")
    return entry.correct(participant=record.participant, entry=what, reason="misread", by=by)


def acts(participant: Participant) -> list[str]:
    return list(trail(participant).order_by("seq").values_list("verb", flat=True))


def trail(participant: Participant) -> QuerySet[Act]:
    """Her acts in this trial; another trial may have the same label."""
    return Act.objects.filter(chain=salvage.TRIAL, participant=participant.label)


@pytest.mark.shows("CON-01")
@pytest.mark.parametrize("form", ["demography", "screening", "local_excision", "baseline_imaging"])
def test_nothing_is_entered_before_consent(newcomer: Participant, form: str) -> None:
    found = refused(newcomer, form, {}, "screening")
    assert found.code == "entry.consent"
    assert "Informed consent" in found.remedy


@pytest.mark.shows("CON-01")
def test_submitting_the_consent_form_records_the_consent(newcomer: Participant) -> None:
    record = submit(newcomer, "consent", CONSENT, "screening")
    after = salvage.again(newcomer)
    assert (after.state, after.consented_on) == ("consented", date(2026, 11, 15))
    assert Consent.objects.get(participant=newcomer).given_on == date(2026, 11, 15)
    assert record.state == "submitted"
    assert acts(newcomer)[-2:] == ["participant.consented", "record.submitted"]
    assert audit.verify() == []
    submit(after, "demography", {"birth_date": "1960-01-01", "sex": "male"}, "screening")


def test_a_draft_of_the_consent_form_is_no_consent(newcomer: Participant) -> None:
    what = typed("consent", CONSENT, "screening")
    entry.save_draft(participant=newcomer, entry=what, by=salvage.person("coordinator"))
    assert salvage.again(newcomer).state == "screening"
    assert refused(newcomer, "demography", {}, "screening").code == "entry.consent"


@pytest.mark.shows("CON-01")
def test_a_consent_that_cannot_be_leaves_no_form_either(newcomer: Participant) -> None:
    found = []
    for given_on in ("2000-01-01", "2026-11-23"):
        with pytest.raises(Refusal) as caught:
            submit(newcomer, "consent", {**CONSENT, "given_on": given_on}, "screening")
        found.append((caught.value.code, caught.value.item))
    assert found == [("consent.day", "given_on"), ("entry.findings", "given_on")]
    assert not Record.objects.filter(participant=newcomer).exists()
    assert salvage.again(newcomer).state == "screening"


def test_the_day_of_consent_is_that_of_the_site(trial: Trial, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))
    east, west = salvage.registered("01", "01-0001"), salvage.registered("02", "02-0001")
    tomorrow = {**CONSENT, "given_on": "2026-11-23"}
    assert (east.site.today, west.site.today) == (date(2026, 11, 23), date(2026, 11, 22))
    submit(east, "consent", tomorrow, "screening")
    with pytest.raises(EntryRefused):
        salvage.entered(west, "consent", tomorrow, visit="screening")


@pytest.mark.shows("CON-01")
def test_correcting_the_consent_form_restates_the_consent_with_the_reason(newcomer: Participant) -> None:
    record = correct(submit(newcomer, "consent", CONSENT, "screening"), given_on="2026-11-14")
    assert record.state == "corrected"
    consent = Consent.objects.get(participant=newcomer)
    assert (consent.given_on, salvage.again(newcomer).consented_on) == (date(2026, 11, 14),) * 2
    assert [row.given_on.day for row in consent.history.order_by("history_id")] == [15, 14]
    act = trail(newcomer).get(verb="participant.consent_restated")
    assert (act.reason, act.changes) == ("misread", {"given_on": ["2026-11-15", "2026-11-14"]})
    assert audit.verify() == []


def test_a_correction_of_something_else_leaves_the_consent_alone(newcomer: Participant) -> None:
    correct(submit(newcomer, "consent", CONSENT, "screening"), public_records="no")
    assert "participant.consent_restated" not in acts(newcomer)


@pytest.mark.parametrize(
    ("changes", "code", "item"),
    [
        ({"given_on": date(2026, 11, 23)}, "consent.day", "given_on"),
        ({"given_on": date(1999, 1, 1)}, "consent.day", "given_on"),
        ({"version": "9"}, "consent.version", "version"),
        ({"was": "9"}, "consent.absent", ""),
    ],
)
def test_a_consent_is_restated_within_the_rules(
    newcomer: Participant, changes: dict[str, object], code: str, item: str
) -> None:
    submit(newcomer, "consent", CONSENT, "screening")
    stated = {"was": "1", "version": "1", "given_on": date(2026, 11, 14), **changes}
    with pytest.raises(Refusal) as caught:
        participants.restate_consent(
            participant=newcomer, reason="x", by=salvage.person("coordinator"), **stated
        )
    assert (caught.value.code, caught.value.item) == (code, item)
    assert Consent.objects.get(participant=newcomer).given_on == date(2026, 11, 15)


@pytest.mark.shows("CON-01")
def test_consent_comes_before_randomization_also_when_it_is_corrected(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=2))
    with pytest.raises(Refusal) as caught:
        participants.restate_consent(
            participant=somebody,
            was="1",
            version="1",
            given_on=date(2026, 11, 21),
            reason="x",
            by=salvage.person("coordinator"),
        )
    assert (caught.value.code, caught.value.item) == ("consent.order", "given_on")


def test_one_version_is_consented_to_once(newcomer: Participant) -> None:
    by = salvage.person("coordinator")
    participants.consent(participant=newcomer, version="1", given_on=date(2026, 11, 14), by=by)
    with pytest.raises(Refusal) as caught:
        participants.consent(participant=newcomer, version="1", given_on=date(2026, 11, 15), by=by)
    assert caught.value.code == "consent.again"
    # The form is the source: submitted later, it restates what was recorded without it.
    submit(newcomer, "consent", CONSENT, "screening")
    assert Consent.objects.get(participant=newcomer).given_on == date(2026, 11, 15)
    assert salvage.again(newcomer).state == "consented"


@pytest.mark.shows("CON-01")
def test_a_withdrawal_from_visits_withdraws_on_its_day(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=4))
    salvage.entered(somebody, "withdrawal", LEFT, visit="withdrawal")
    assert salvage.again(somebody).state == "withdrawn"
    act = trail(somebody).get(verb="participant.withdrawn")
    assert act.changes == {"state": ["randomized", "withdrawn"], "withdrawn_on": "2026-11-20"}
    assert act.shows_arm


def test_a_withdrawal_from_treatment_goes_on_with_visits(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=4))
    salvage.entered(
        somebody, "withdrawal", {"withdrawn_on": "2026-11-20", "level": "treatment"}, visit="withdrawal"
    )
    assert salvage.again(somebody).state == "randomized"
    submit(
        salvage.again(somebody), "treatment_start", {"status": "refused", "reason": "own wish"}, "treatment"
    )


@pytest.mark.shows("CON-01")
def test_after_withdrawal_only_what_the_protocol_names_is_begun(trial: Trial) -> None:
    somebody = screening(trial)
    salvage.entered(somebody, "withdrawal", LEFT, visit="withdrawal")
    found = refused(somebody, "concomitant_medication", {"drug": "x"}, "medication")
    assert found.code == "entry.withdrawn"
    assert "Death" in found.remedy
    died = {"died_on": "2026-11-21", "cause": "unknown", "source": "site"}
    salvage.entered(somebody, "death", died, visit="death")
    deeper = {"withdrawn_on": "2026-11-21", "level": "all_data", "public_records": "no"}
    salvage.entered(somebody, "withdrawal", deeper, visit="withdrawal", visit_repeat=2)
    assert acts(somebody).count("participant.withdrawn") == 1


@pytest.mark.shows("CON-01")
def test_after_withdrawal_what_was_begun_before_is_finished_and_corrected(trial: Trial) -> None:
    somebody = screening(trial)
    by = salvage.person("coordinator")
    draft = typed("concomitant_medication", {"drug": "aspirin"}, "medication")
    entry.save_draft(participant=somebody, entry=draft, by=by)
    salvage.entered(somebody, "withdrawal", LEFT, visit="withdrawal")
    corrected = salvage.corrected(somebody, "demography.sex", "female")
    assert corrected.values["sex"] == "female"
    again = typed("concomitant_medication", {"drug": "aspirin"}, "medication", version=1)
    assert entry.save_draft(participant=somebody, entry=again, by=by).version == 2


@pytest.mark.shows("CON-01")
def test_a_withdrawal_recorded_wrongly_is_taken_back_by_its_correction(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=4))
    record = salvage.entered(somebody, "withdrawal", LEFT, visit="withdrawal")
    del record.values["public_records"]
    record = correct(record, level="treatment")
    assert salvage.again(somebody).state == "randomized"
    act = trail(somebody).get(verb="participant.reinstated")
    assert (act.reason, act.changes) == ("misread", {"state": ["withdrawn", "randomized"]})
    correct(record, level="all_data")
    assert salvage.again(somebody).state == "withdrawn"
    assert audit.verify() == []


@pytest.mark.shows("CON-01", "RND-05")
def test_nothing_but_its_correction_leads_out_of_a_withdrawal(trial: Trial) -> None:
    by = salvage.person("investigator")
    before = salvage.screened("01", "01-0001")
    after = salvage.randomized("01", "01-0002", at=NOW - timedelta(days=4))
    for somebody in (before, after):
        participants.withdraw(participant=somebody, reason="moved", by=by)
        standing = Participant.objects.values().get(pk=somebody.pk)
        for step in (
            partial(participants.consent, version="1", given_on=date(2026, 11, 20)),
            partial(participants.screen_fail, reason=participants.DECLINED),
            participants.enrol,
            partial(participants.mark_randomized, track="TME", at=NOW),
        ):
            with pytest.raises(Refusal) as caught:
                step(participant=somebody, by=by)
            assert caught.value.code == "participant.state"
            assert Participant.objects.values().get(pk=somebody.pk) == standing


@pytest.mark.shows("CON-01")
def test_who_failed_screening_consents_to_nothing_more(newcomer: Participant) -> None:
    by = salvage.person("investigator")
    participants.screen_fail(participant=newcomer, reason=participants.DECLINED, by=by)
    with pytest.raises(Refusal) as caught:
        participants.consent(participant=newcomer, version="1", given_on=date(2026, 11, 20), by=by)
    assert caught.value.code == "participant.state"
    assert not Consent.objects.filter(participant=newcomer).exists()


def test_another_withdrawal_keeps_the_participant_out(trial: Trial) -> None:
    somebody = screening(trial)
    record = salvage.entered(somebody, "withdrawal", LEFT, visit="withdrawal")
    salvage.entered(somebody, "withdrawal", {**LEFT, "level": "all_data"}, visit="withdrawal", visit_repeat=2)
    what = typed(
        "withdrawal",
        {"withdrawn_on": "2026-11-20", "level": "treatment"},
        "withdrawal",
        version=record.version,
        soft_reasons={"nothing_to_withdraw_from:level": "as told"},
    )
    entry.correct(participant=somebody, entry=what, reason="misread", by=salvage.person("investigator"))
    assert salvage.again(somebody).state == "withdrawn"


def test_nobody_is_reinstated_who_has_not_withdrawn(newcomer: Participant) -> None:
    with pytest.raises(Refusal) as caught:
        participants.reinstate(participant=newcomer, reason="x", by=salvage.person("coordinator"))
    assert caught.value.code == "participant.state"


@pytest.mark.parametrize("day", [date(2026, 11, 14), date(2026, 11, 23)])
def test_a_withdrawal_lies_between_consent_and_today(trial: Trial, day: date) -> None:
    somebody = screening(trial)
    with pytest.raises(Refusal) as caught:
        participants.withdraw(
            participant=somebody, reason="x", by=salvage.person("coordinator"), withdrawn_on=day
        )
    assert (caught.value.code, caught.value.item) == ("withdrawal.day", "withdrawn_on")
    assert salvage.again(somebody).state == "consented"


@pytest.mark.shows("CON-01")
@pytest.mark.parametrize("day", ["2026-11-14", "2026-11-23"])
def test_the_day_of_a_withdrawal_is_judged_also_where_its_form_has_no_check(trial: Trial, day: str) -> None:
    files = {**trial.protocol.files}  # type: ignore[union-attr]
    files["protocol.yaml"] = files["protocol.yaml"].replace("version: 1", "version: 2", 1)
    # The checks come last in the file.
    files["forms/withdrawal.yaml"] = files["forms/withdrawal.yaml"].partition("checks:")[0]
    somebody = screening(trial)
    protocols.activate(loaded=load_files(files), by=salvage.person("administrator"))
    record = salvage.entered(salvage.again(somebody), "withdrawal", LEFT, visit="withdrawal")
    again = {**LEFT, "withdrawn_on": day}
    with pytest.raises(Refusal) as corrected:
        correct(record, withdrawn_on=day)
    with pytest.raises(Refusal) as second:
        salvage.entered(salvage.again(somebody), "withdrawal", again, visit="withdrawal", visit_repeat=2)
    for refused in (corrected.value, second.value):
        assert (refused.code, refused.item) == ("withdrawal.day", "withdrawn_on")
    stored = Record.objects.get(participant=somebody, form="withdrawal")
    assert (stored.values["withdrawn_on"], stored.version) == ("2026-11-20", 1)
    assert correct(stored, withdrawn_on="2026-11-21").values["withdrawn_on"] == "2026-11-21"


def test_a_form_that_does_not_apply_is_refused_with_its_rule(trial: Trial) -> None:
    somebody = screening(trial)
    found = refused(somebody, "follow_up", {"visit_on": "2026-11-20"}, "m03")
    assert found.code == "entry.applies"
    assert found.remedy == "Whether it applies hangs on: Day of randomization."


def test_a_refusal_that_hangs_on_the_arm_is_masked_in_the_trail(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=1))
    mine, other = ("radiotherapy", "tme") if somebody.track == "CRT" else ("tme", "radiotherapy")
    found = refused(somebody, other, {}, "treatment")
    assert (found.code, found.shows_arm) == ("entry.applies", True)
    assert trail(somebody).filter(refused=True).latest("seq").shows_arm
    entry.save_draft(
        participant=somebody, entry=typed(mine, {}, "treatment"), by=salvage.person("coordinator")
    )


def test_a_form_opens_after_a_cross_over(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001", at=NOW - timedelta(days=3))
    other, form = ("TME", "tme") if somebody.track == "CRT" else ("CRT", "radiotherapy")
    start = {"status": "cross_over", "treatment": other, "started_on": "2026-11-21", "reason": "own wish"}
    salvage.entered(somebody, "treatment_start", start, visit="treatment")
    entry.save_draft(
        participant=somebody, entry=typed(form, {}, "treatment"), by=salvage.person("coordinator")
    )


@pytest.mark.parametrize("reason", ["age", "declined", "other"])
def test_a_screen_failure_says_why(trial: Trial, reason: str) -> None:
    somebody = screening(trial)
    failed = participants.screen_fail(participant=somebody, reason=reason, by=salvage.person("investigator"))
    assert (failed.state, failed.screen_failure) == ("screen_failed", reason)
    act = trail(somebody).latest("seq")
    assert (act.verb, act.changes["screen_failure"]) == ("participant.screen_failed", reason)


def test_a_screen_failure_for_no_known_reason_is_refused(trial: Trial) -> None:
    somebody = screening(trial)
    with pytest.raises(Refusal) as caught:
        participants.screen_fail(participant=somebody, reason="bad luck", by=salvage.person("investigator"))
    assert (caught.value.code, caught.value.item) == ("screen_failure.reason", "reason")
    assert "declined" in caught.value.remedy
    assert salvage.again(somebody).state == "consented"


def test_nobody_fails_screening_once_randomized(trial: Trial) -> None:
    somebody = salvage.randomized("01", "01-0001")
    with pytest.raises(Refusal) as caught:
        participants.screen_fail(participant=somebody, reason="other", by=salvage.person("investigator"))
    assert caught.value.code == "participant.state"
