"""Unit tests, floor 0: the forms of the main trial ask what they must, mark what tells the arm, and check dates."""

import re
from datetime import date

import pytest

from tests.unit.trial.salvage_protocol import PARAMETERS, PROTOCOL, Facts, fires, looking
from trial.protocol.expressions import parse
from trial.protocol.forms import Form, Item, ItemType

FORMS = {
    "consent", "demography", "screening", "local_excision", "baseline_imaging", "treatment_start", "tme",
    "radiotherapy", "chemotherapy", "follow_up", "survival_contact", "recurrence", "second_primary",
    "subsequent_therapy", "protocol_deviation", "stoma_log", "concomitant_medication", "adverse_event", "death",
    "withdrawal",
}  # fmt: skip


def test_the_forms_of_the_main_path_are_all_there_and_signed_off() -> None:
    assert set(PROTOCOL.forms) == FORMS
    for form in PROTOCOL.forms.values():
        assert form.author
        assert form.reviewer
        assert form.author != form.reviewer
        assert form.reviewed_on
        assert form.source
        assert date.fromisoformat(form.reviewed_on)


def test_what_reveals_the_arm_is_marked() -> None:
    marks = {name: form.reveals_arm for name, form in PROTOCOL.forms.items() if form.reveals_arm != "no"}
    hidden = dict.fromkeys(("treatment_start", "tme", "radiotherapy", "chemotherapy"), "yes")
    pooled = ("adverse_event", "concomitant_medication", "stoma_log", "subsequent_therapy")
    assert marks == {**hidden, **dict.fromkeys(pooled, "content")}
    assert _marked() == {
        "protocol_deviation.category", "protocol_deviation.description", "death.cause_text", "withdrawal.reason",
        "second_primary.site_text", "recurrence.local_site", "follow_up.remarks",
    }  # fmt: skip


def _marked() -> set[str]:
    return {
        f"{name}.{item.id}"
        for name, form in PROTOCOL.forms.items()
        for item in form.items
        if item.reveals_arm != "no"
    }


def test_free_text_after_randomization_is_kept_from_blinded_readers() -> None:
    before = {"demography.history", "screening.unsuitable_reason"}
    shown = {
        f"{name}.{item.id}"
        for name, form in PROTOCOL.forms.items()
        for item in form.items
        if item.type is ItemType.TEXT and form.reveals(item) == "no"
    }
    assert shown == before


def test_no_form_asks_who_the_participant_is() -> None:
    asked = re.compile(
        r"\b(name|initials|passport|identity|id number|insurance|address|telephone number|e-?mail)\b"
    )
    allowed = {"concomitant_medication.drug"}
    found = {
        f"{name}.{item.id}"
        for name, form in PROTOCOL.forms.items()
        for item in form.items
        if asked.search(f"{item.id.replace('_', ' ')} {item.label['en'].lower()}")
        or re.search("姓名|身份证|证件|医保|住址|电话号码", item.label["zh-hans"])
    }
    assert found == allowed


def test_forms_open_when_they_are_due() -> None:
    applies = {name: form.applies for name, form in PROTOCOL.forms.items()}
    assert {name for name, rule in applies.items() if rule is None} == {
        "consent", "demography", "screening", "local_excision", "baseline_imaging",
    }  # fmt: skip
    consented = {name for name, rule in applies.items() if rule == "participant.consented_on is not missing"}
    assert consented == {"protocol_deviation", "concomitant_medication", "death", "withdrawal"}
    by_arm = {name for name, rule in applies.items() if rule and "participant.arm" in rule}
    assert by_arm == {"tme", "radiotherapy", "chemotherapy"}


@pytest.mark.parametrize(
    ("facts", "open_forms"),
    [
        ({}, set()),
        ({"participant.arm": "TME"}, {"tme"}),
        ({"participant.arm": "CRT"}, {"radiotherapy", "chemotherapy"}),
        (
            {"participant.arm": "CRT", "treatment_start.treatment": "TME"},
            {"tme", "radiotherapy", "chemotherapy"},
        ),
        (
            {"participant.arm": "TME", "treatment_start.treatment": "CRT"},
            {"tme", "radiotherapy", "chemotherapy"},
        ),
        ({"participant.arm": "TME", "tme.pn": "pN1"}, {"tme", "chemotherapy"}),
        ({"participant.arm": "TME", "tme.pn": "pN0"}, {"tme"}),
        (
            {"participant.arm": "CRT", "recurrence.first_evidence": "2025-03"},
            {"tme", "radiotherapy", "chemotherapy"},
        ),
        (
            {"participant.arm": "CRT", "subsequent_therapy.type": "surgery"},
            {"tme", "radiotherapy", "chemotherapy"},
        ),
        ({"participant.arm": "CRT", "subsequent_therapy.type": "other"}, {"radiotherapy", "chemotherapy"}),
    ],
)
def test_treatment_forms_open_in_either_arm_after_cross_over_salvage_or_positive_nodes(
    facts: Facts, open_forms: set[str]
) -> None:
    look = looking(facts)
    forms = (PROTOCOL.forms[name] for name in ("tme", "radiotherapy", "chemotherapy"))
    assert {form.id for form in forms if parse(str(form.applies)).evaluate(look) is True} == open_forms


def test_consent_and_withdrawal_take_their_steps() -> None:
    consent, leave = PROTOCOL.forms["consent"].milestone, PROTOCOL.forms["withdrawal"].milestone
    assert consent is not None
    assert leave is not None
    assert (consent.kind, consent.on, consent.version) == ("consent", "given_on", "version")
    assert [choice.code for choice in PROTOCOL.choices(PROTOCOL.forms["consent"].item("version"))] == ["1"]
    assert (leave.kind, leave.on) == ("withdrawal", "withdrawn_on")
    taken = {
        level: parse(str(leave.when)).evaluate({"level": level})
        for level in ("treatment", "visits", "all_data")
    }
    assert taken == {"treatment": False, "visits": True, "all_data": True}
    late = {name for name, form in PROTOCOL.forms.items() if form.after_withdrawal}
    assert late == {"death"}


def _dated() -> list[tuple[Form, Item]]:
    kinds = (ItemType.DATE, ItemType.PARTIAL_DATE)
    return [(form, item) for form in PROTOCOL.forms.values() for item in form.items if item.type in kinds]


def test_no_date_may_lie_in_the_future_or_before_birth() -> None:
    assert len(_dated()) == 32
    for form, item in _dated():
        hard = [check.condition for check in form.checks if check.level == "hard"]
        assert f"{item.id} > today" in hard
        low = {f"{item.id} < {each}" for each in _lower_bounds(form)}
        assert item.id == "birth_date" or low & set(hard), f"{form.id}.{item.id} has no lower bound"


def _lower_bounds(form: Form) -> list[str]:
    """What a date may not precede: birth, consent, randomization, or another date of the form, itself so bound."""
    own = [item.id for item in form.items if item.type in (ItemType.DATE, ItemType.PARTIAL_DATE)]
    return ["demography.birth_date", "participant.consented_on", "participant.randomized_on", *own]


def test_nothing_but_registers_and_papers_is_dated_after_death() -> None:
    after_death = {
        form.id
        for form in PROTOCOL.forms.values()
        for check in form.checks
        if "> death.died_on" in check.condition
    }
    assert FORMS - after_death == {
        "consent", "demography", "screening", "local_excision", "baseline_imaging", "protocol_deviation", "death",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("term", "grades"),
    [
        ("diarrhea", {1, 2, 3, 4, 5}), ("proctitis", {1, 2, 3, 4, 5}), ("vomiting", {1, 2, 3, 4, 5}),
        ("nausea", {1, 2, 3}), ("fatigue", {1, 2, 3}), ("fecal_incontinence", {1, 2, 3}), ("anal_pain", {1, 2, 3}),
        ("palmar_plantar_erythrodysesthesia", {1, 2, 3}), ("erectile_dysfunction", {1, 2, 3}),
        ("neutrophil_count_decreased", {1, 2, 3, 4}), ("platelet_count_decreased", {1, 2, 3, 4}),
        ("white_blood_cell_decreased", {1, 2, 3, 4}), ("peripheral_sensory_neuropathy", {1, 2, 3, 4}),
        ("anemia", {1, 2, 3, 4, 5}), ("febrile_neutropenia", {3, 4, 5}), ("pelvic_infection", {2, 3, 4, 5}),
    ],
)  # fmt: skip
def test_an_adverse_event_has_only_the_grades_of_its_term(term: str, grades: set[int]) -> None:
    limits = ("grade_above_three", "grade_above_four", "grade_below_three", "grade_below_two")
    refused = {
        grade
        for grade in range(1, 6)
        if any(fires("adverse_event", each, term=term, grade=grade) for each in limits)
    }
    assert refused == set(range(1, 6)) - grades


def test_a_count_of_grade_four_need_not_be_serious() -> None:
    def asks(term: str, grade: int) -> bool:
        return fires("adverse_event", "life_threatening_is_serious", term=term, grade=grade, serious="no")

    assert (asks("diarrhea", 4), asks("diarrhea", 3), asks("neutrophil_count_decreased", 4)) == (
        True,
        False,
        False,
    )


def test_doses_outside_the_plan_ask_for_a_reason() -> None:
    form = PROTOCOL.forms["radiotherapy"]
    assert form.item("planned_dose_gy").soft_range == (PARAMETERS["dose_low"], PARAMETERS["dose_high"])
    assert form.item("planned_fractions").soft_range == (
        PARAMETERS["fractions_low"],
        PARAMETERS["fractions_high"],
    )
    assert str(PARAMETERS["capecitabine"]) in str(
        PROTOCOL.forms["chemotherapy"].item("capecitabine_percent").help
    )
