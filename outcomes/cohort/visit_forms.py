"""Rules room of floor 3: what is written about visits and contacts."""

from collections.abc import Sequence

from outcomes.cohort.answers import CONFIRMED, Casebook, Given
from outcomes.cohort.calls import Call
from outcomes.cohort.course import Course
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import Visits

FORM = "follow_up"
# Modality → the item with its own day; it is done up to so many days before the visit.
DATED = {
    "pelvic_mri": "pelvic_mri_on",
    "rectoscopy": "rectoscopy_on",
    "ct": "ct_on",
    "colonoscopy": "colonoscopy_on",
}
EARLIER = (0, 1, 7)
LATE = "the participant could not come within the window"
CONTACT = ("contact", "survival_contact")


def write_visits(
    parameters: Visits, seen: Sequence[Call], book: Casebook, dice: Dice, *, rectum_removed: bool
) -> None:
    """One follow-up form for each visit."""
    recurred = False
    for call in seen:
        recurred = recurred or bool(call.findings)
        done = call.done - ({"rectoscopy"} if rectum_removed else frozenset())
        status = "recurrence" if recurred else "no_evidence"
        values: dict[str, Given] = {
            "visit_on": book.text(call.day),
            "examination": "examination" in done,
            "cea_done": "cea" in done,
            "status": status,
            "ecog": dice.among(parameters.ecog_recurred if recurred else parameters.ecog),
        }
        cea = round(dice.between(parameters.cea_recurred if recurred else parameters.cea), 1)
        if "cea" in done:
            values["cea_value"] = cea
        for modality, item in DATED.items():
            day = max(1, call.day - dice.whole(EARLIER))
            values[modality] = modality in done
            if modality in done:
                values[item] = book.text(day)
        if "ct" in done:
            values["ct_pelvis"] = dice.chance(parameters.ct_with_pelvis)
        missing = {"rectoscopy": "not_applicable"} if rectum_removed else {}
        if "cea" in done and dice.chance(parameters.cea_lost):
            missing["cea_value"] = "unknown"
        why = LATE if call.late else CONFIRMED
        book.write(call.day, call.visit, FORM, values, missing=missing, reason=why)


def write_contacts(
    parameters: Visits, seen: Sequence[Call], course: Course, book: Casebook, dice: Dice
) -> None:
    """Telephone calls after a visit, and the search for those who were lost."""
    last = max((call.day for call in seen), default=0)
    phoned = last + dice.whole(parameters.phoned_after)
    if dice.chance(parameters.phoned) and book.working_day(phoned) <= course.seen_until:
        _contact(book, book.working_day(phoned), "phone", "alive")
    lost = course.leaving.lost
    if lost is None or lost > course.seen_until:
        return
    tried, found = lost + dice.whole((60, 120, 200)), lost + dice.whole((250, 500, 900))
    for drawn, source, status in ((tried, "phone", "unknown"), (found, "registry", "alive")):
        day = book.working_day(drawn)
        alive = course.disease.death is None or day < course.disease.death
        wanted = status == "unknown" or course.leaving.found
        if wanted and alive and day <= course.reachable_until:
            _contact(book, day, source, status)


def _contact(book: Casebook, day: int, source: str, status: str) -> None:
    visit, form = CONTACT
    book.write(day, visit, form, {"contact_on": book.text(day), "source": source, "vital_status": status})
