"""How the story of a synthetic participant ends, and what a site can still learn of it."""

from dataclasses import replace
from datetime import date

import pytest

from outcomes.cohort.answers import Answers, Casebook
from outcomes.cohort.calls import Call
from outcomes.cohort.course import NONE, Course, Disease, Leaving, Therapy
from outcomes.cohort.dice import Dice
from outcomes.cohort.event_forms import write_death, write_recurrences, write_withdrawals
from outcomes.cohort.following import entered_by_then
from outcomes.cohort.treatment_forms import treat
from outcomes.cohort.visit_forms import write_contacts
from tests.unit.outcomes.sample_cohort import parameters

START = date(2024, 1, 1)
HEALTHY = Disease(local=None, distant=None, second_crc=None, second_other=None, death=None, cause="other")
STAYS = Leaving(withdrawn=None, level="visits", reason="moved away", lost=None, found=False)
TREATED = Therapy(allocated="CRT", received="CRT", status="given", decided=14, begun=14)
LIFE = Course(TREATED, HEALTHY, STAYS, horizon=2000)
DIES = replace(LIFE, disease=replace(HEALTHY, death=900))


def dead(life: Course, *, public_records: bool = True) -> list[Answers]:
    book = Casebook(START)
    write_death(parameters().events, life, book, Dice("death"), public_records=public_records)
    return book.forms(until=book.on(life.horizon))


def test_a_death_is_reported_by_the_site_or_by_relatives() -> None:
    (form,) = dead(DIES)
    assert form.values["died_on"] == "2026-06-19"
    assert form.values["source"] in ("site", "relatives")
    assert form.day > date(2026, 6, 19)


def test_after_a_withdrawal_a_death_is_learned_from_public_records_alone_and_only_where_consent_allows() -> (
    None
):
    gone = replace(DIES, leaving=replace(STAYS, withdrawn=300))
    (form,) = dead(gone)
    assert (form.values["source"], form.values["cause"]) == ("public_record", "unknown")
    assert dead(gone, public_records=False) == []


def test_the_death_of_a_lost_participant_is_learned_when_she_is_found() -> None:
    assert dead(replace(DIES, leaving=replace(STAYS, lost=300))) == []
    (form,) = dead(replace(DIES, leaving=replace(STAYS, lost=300, found=True)))
    assert form.values["source"] == "public_record"


def test_a_death_not_yet_reported_at_the_cut_off_is_not_written() -> None:
    assert dead(replace(DIES, horizon=901)) == []
    assert dead(LIFE) == []


def test_a_loss_before_a_withdrawal_leaves_nobody_to_withdraw() -> None:
    book = Casebook(START)
    life = replace(LIFE, leaving=replace(STAYS, lost=200, withdrawn=400))
    write_withdrawals(life, book)
    assert book.forms(until=book.on(2000)) == []
    assert life.seen_until == 200
    assert life.reachable_until == 2000


def test_who_withdrew_is_not_asked_for_any_more() -> None:
    book = Casebook(START)
    life = replace(LIFE, leaving=replace(STAYS, withdrawn=200, lost=400, found=True))
    write_contacts(parameters().visits, [Call("m06", 182, frozenset())], life, book, Dice("contacts", 3))
    days = [form.day for form in book.forms(until=book.on(2000))]
    assert all(day <= book.on(200) for day in days)
    assert life.reachable_until == 200


def test_radiotherapy_that_nobody_saw_to_its_end_leaves_its_start_alone() -> None:
    book = Casebook(START)
    treat(parameters().treatment, replace(LIFE, horizon=30), book, Dice("treatment"))
    assert [form.form for form in book.forms(until=book.on(30))] == ["treatment_start"]


@pytest.mark.parametrize("seed", range(8))
def test_a_month_alone_never_moves_a_recurrence_before_the_first_one(seed: int) -> None:
    book = Casebook(START)
    sick = replace(LIFE, disease=replace(HEALTHY, local=400, distant=430))
    seen = [
        Call("m12", 400, frozenset(), findings=("local",)),
        Call("extra", 430, frozenset(), findings=("distant",)),
    ]
    write_recurrences(parameters().events, seen, sick, book, Dice("recurrences", seed))
    dates = [f.values["first_evidence"] for f in book.forms(until=book.on(2000)) if f.form == "recurrence"]
    assert [len(each) for each in dates] == [len("2025-02-04")] * 2


def test_who_refuses_all_treatment_withdraws_from_treatment_and_stays_in_follow_up() -> None:
    book = Casebook(START)
    life = replace(LIFE, therapy=Therapy("TME", NONE, "refused", 21, None))
    treat(parameters().treatment, life, book, Dice("treatment"))
    write_withdrawals(life, book)
    forms = book.forms(until=book.on(2000))
    assert [(form.form, form.values.get("level")) for form in forms] == [
        ("treatment_start", None),
        ("withdrawal", "treatment"),
    ]
    assert life.seen_until == 2000


def test_a_fresh_extra_visit_that_waits_for_entry_leaves_the_earlier_ones() -> None:
    calendar = parameters().calendar.model_copy(update={"lag_days": 10, "lag_entered": 0.0})
    seen = [
        Call("m03", 91, frozenset()),
        Call("extra", 700, frozenset()),
        Call("extra", LIFE.horizon, frozenset()),
    ]
    assert entered_by_then(calendar, seen, LIFE, Dice("lag")) == seen[:2]
