"""The synthetic cohort fills in the real forms: nothing that a person could not have entered."""

from collections import Counter
from datetime import date

import pytest

from crf.checks import Finding
from outcomes.cohort.answers import Answers
from outcomes.cohort.candidates import DECLINED, Candidate
from tests.unit.outcomes.sample_cohort import Followed, Paper, entered, followed, people, protocol, screened
from trial.eligibility import Standing, assess
from trial.protocol.forms import CheckLevel

Judged = list[tuple[Answers, Finding]]


def walked(candidate: Candidate, later: Followed | None) -> Judged:
    """Enter everything about one person in order."""
    paper, findings = screened(candidate)
    if later:
        paper.arm, paper.facts["participant.randomized_on"] = later.arm, later.randomized_on
        findings += entered(paper, later.forms)
    return findings


def test_every_form_of_everybody_passes_the_checks_on_its_day() -> None:
    by_label = {each.candidate.label: each for each in followed()}
    for candidate in people():
        findings = walked(candidate, by_label.get(candidate.label))
        hard = [(answers, found) for answers, found in findings if found.level is CheckLevel.HARD]
        assert hard == [], candidate.label


def test_every_form_of_the_protocol_is_used() -> None:
    written = Counter(answers.form for each in people() for answers in each.forms)
    written.update(answers.form for each in followed() for answers in each.forms)
    assert set(written) == set(protocol().forms)
    assert sum(written.values()) > 6000


def test_soft_checks_ask_about_a_few_forms_only() -> None:
    asked = Counter(
        (answers.form, found.rule)
        for each in followed()
        for answers, found in walked(each.candidate, each)
        if found.level is CheckLevel.SOFT
    )
    assert ("follow_up", "window") in asked
    written = sum(len(each.forms) for each in followed())
    assert sum(asked.values()) < 0.05 * written, asked


def test_the_eligible_are_eligible_and_the_others_break_their_own_criterion_alone() -> None:
    for candidate in people():
        assert (candidate.randomized_on is None) == bool(candidate.fails)
        if candidate.fails == DECLINED:
            assert candidate.forms == ()
            continue
        paper, _findings = screened(candidate)
        outcomes = assess(protocol(), paper.derived()).outcomes
        unmet = [each.criterion.id for each in outcomes if each.standing is not Standing.MET]
        assert unmet == ([candidate.fails] if candidate.fails else []), candidate.label


def test_the_risk_class_of_some_candidates_stays_incomplete() -> None:
    standings = Counter(
        outcome.standing
        for candidate in people()
        if candidate.fails == "intermediate_risk"
        for outcome in assess(protocol(), screened(candidate)[0].derived()).outcomes
        if outcome.criterion.id == "intermediate_risk"
    )
    assert standings == {Standing.OPEN: 9, Standing.BROKEN: 17}


def test_a_form_that_does_not_apply_would_be_noticed() -> None:
    paper = Paper({"participant.site": "01", "today": date(2026, 1, 1)})
    answers = next(form for form in followed()[0].forms if form.form == "follow_up")
    with pytest.raises(AssertionError, match="follow_up"):
        paper.enter(answers)


def test_values_are_missing_for_reasons_of_several_types() -> None:
    reasons = Counter(
        why for each in followed() for answers in each.candidate.forms for why in answers.missing.values()
    )
    reasons.update(why for each in followed() for answers in each.forms for why in answers.missing.values())
    assert {"unknown", "not_done", "not_applicable", "refused"} <= set(reasons)


def test_some_dates_are_known_in_part_only() -> None:
    written = [answers.values for each in followed() for answers in each.forms]
    lengths = Counter(
        len(values[item])
        for values in written
        for item in ("started_on", "ended_on", "diagnosed_on", "first_evidence")
        if item in values
    )
    assert lengths[len("2024")] > 20
    assert lengths[len("2024-01")] > 20
