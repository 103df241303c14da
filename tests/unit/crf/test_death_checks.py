"""Unit tests, floor 1: a death of the main trial is held against every record of the other forms."""

from datetime import date

import pytest

from crf import checks
from crf.definitions import stored, typed
from tests.protocol_texts import loaded
from trial.protocol.derivations import with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value

PROTOCOL = loaded("t1-salvage").protocol
DEATH = PROTOCOL.forms["death"]
Answers = dict[str, str]
DIED = {"died_on": "2025-03-10", "cause": "other", "cause_text": "stroke", "source": "site"}
LEFT_TREATMENT = {"withdrawn_on": "2024-06-01", "level": "treatment"}


def fired(death: Answers, *records: tuple[str, Answers], consent: str = "yes") -> set[str]:
    """The checks that fire on a form of death which has this and, before it, these records of other forms."""
    told = (("consent", {"public_records": consent}), *records, ("death", death))
    held: dict[str, list[dict[str, Value | Unknown]]] = {}
    for form, answers in told:
        held.setdefault(form, []).append(_typed(form, answers))
    facts = {"today": date(2026, 1, 1), "participant.consented_on": date(2024, 1, 1)}

    def first(address: str) -> Value | Unknown:
        form, _, item = address.partition(".")
        return facts.get(address, held[form][0][item] if form in held else UNKNOWN)

    outside = with_derived(PROTOCOL, first, lambda form: held.get(form, []))
    reading = checks.read(DEATH, PROTOCOL.choices, death, {})
    return {each.rule for each in checks.judge(DEATH, reading, outside)}


def _typed(form: str, answers: Answers) -> dict[str, Value | Unknown]:
    items = {item.id: item for item in PROTOCOL.forms[form].items}
    assert answers.keys() <= items.keys()
    return {
        name: typed(item, stored(item, PROTOCOL.choices(item), answers[name])) if name in answers else UNKNOWN
        for name, item in items.items()
    }


@pytest.mark.parametrize(
    ("check", "form", "on", "more"),
    [
        ("before_visit", "follow_up", "visit_on", {}),
        ("before_contact", "survival_contact", "contact_on", {"vital_status": "alive"}),
        ("before_recurrence", "recurrence", "first_evidence", {}),
        ("before_therapy", "subsequent_therapy", "started_on", {}),
        ("before_withdrawal", "withdrawal", "withdrawn_on", {"level": "treatment"}),
    ],
)
def test_a_record_dated_after_death_is_found_wherever_it_stands(
    check: str, form: str, on: str, more: Answers
) -> None:
    first, second = ((form, {on: day, **more}) for day in ("2024-06-01", "2025-03-11"))
    assert fired(DIED, first, second) == fired(DIED, second, first) == {check}
    assert fired(DIED, first, (form, {on: "2025-03-10", **more})) == set()
    assert fired({**DIED, "died_on": "2025-03"}, first, second) == set()
    assert fired({**DIED, "died_on": "2025-02"}, first, second) == {check}


def test_somebody_found_dead_later_is_not_recorded_as_alive() -> None:
    later = {"contact_on": "2025-04-01", "vital_status": "dead"}
    assert fired(DIED, ("survival_contact", later)) == set()


@pytest.mark.parametrize("level", ["visits", "all_data"])
@pytest.mark.parametrize(("given", "ended"), [("no", ""), ("yes", "no"), ("no", "no")])
def test_no_public_record_after_a_withdrawal_of_whatever_place_that_does_not_allow_it(
    level: str, given: str, ended: str
) -> None:
    public = {**DIED, "source": "public_record"}
    left = {"withdrawn_on": "2024-08-01", "level": level, **({"public_records": ended} if ended else {})}
    both = ("withdrawal", LEFT_TREATMENT), ("withdrawal", left)
    assert fired(public, *both, consent=given) == {"not_allowed_to_look_up"}
    assert fired(public, both[0], consent=given) == set()
    assert fired(public, *both[:1], ("withdrawal", {"withdrawn_on": "2024-08-01", "level": level})) == set()


@pytest.mark.parametrize("level", ["visits", "all_data"])
def test_another_source_after_a_withdrawal_of_whatever_place_asks_for_a_reason(level: str) -> None:
    left = ("withdrawal", {"withdrawn_on": "2024-08-01", "level": level})
    assert fired(DIED, ("withdrawal", LEFT_TREATMENT), left) == {"other_source_after_withdrawal"}
    assert fired(DIED, ("withdrawal", LEFT_TREATMENT)) == set()
    assert fired({**DIED, "died_on": "2024-08-01"}, ("withdrawal", LEFT_TREATMENT), left) == set()
