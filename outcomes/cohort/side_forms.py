"""Rules room of floor 3: what is written about adverse events, other medicines and protocol deviations."""

from outcomes.cohort.answers import Casebook
from outcomes.cohort.course import Course
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import AdverseEvent, Deviations, Medicine, Medicines, Toxicity
from outcomes.cohort.treatment_forms import LATE_SINCE_EXCISION, LATE_SINCE_RANDOMIZATION, Treated

SERIOUS_FROM, ALWAYS_SERIOUS_FROM = 3, 4
LONG = 60


def write_adverse_events(
    toxicity: Toxicity, course: Course, treated: Treated, book: Casebook, dice: Dice, *, sex: str
) -> None:
    """Adverse events of the treatment received, each on one form once it is over or cannot be followed further."""
    begun = course.therapy.begun
    for kind in toxicity.by_treatment.get(course.therapy.received, ()):
        had, after = dice.chance(kind.share), dice.whole(kind.after_days)
        possible = (sex == "male" or not kind.men_only) and (bool(treated.stoma) or not kind.with_stoma)
        if had and possible and begun is not None and course.known(begun + after):
            _adverse_event(toxicity, kind, begun + after, course, book, dice)


def _adverse_event(
    toxicity: Toxicity, kind: AdverseEvent, started: int, course: Course, book: Casebook, dice: Dice
) -> None:
    grade, lasts = int(dice.among(kind.grades)), dice.whole(kind.lasts_days)
    admitted, vague = dice.chance(toxicity.serious), lasts > LONG and dice.chance(toxicity.vague)
    ended = started + lasts
    over = course.known(ended)
    # Of an event that lasted for months people often remember the month in which it ended.
    when = book.on(ended).isoformat()
    book.write(
        ended if over else course.seen_until,
        "adverse_event",
        "adverse_event",
        {
            "ctcae_version": "5.0",
            "term": kind.term,
            "grade": grade,
            "started_on": book.text(started),
            "outcome": "recovered" if over else "not_recovered",
            "ended_on": (when[: len("2024-01")] if vague else when) if over else None,
            "serious": grade >= ALWAYS_SERIOUS_FROM or (grade >= SERIOUS_FROM and admitted),
            "related": dice.chance(toxicity.related),
        },
    )


def write_medicines(medicines: Medicines, course: Course, book: Casebook, dice: Dice) -> None:
    """Concomitant treatment: what was taken before, known by its year, and what the treatment made necessary."""
    for kind in medicines.medicines:
        taken = dice.chance(kind.share)
        years = dice.whole((1, 4, 15))
        after = dice.whole(kind.after_days) if kind.after_days else 0
        lasts = dice.whole(kind.lasts_days) if kind.lasts_days else 0
        if not taken:
            continue
        if kind.received is None:
            year = str(book.on(0).year - years)
            _medicine(book, kind, 0, year, None)
        elif kind.received == course.therapy.received and course.therapy.begun is not None:
            started = course.therapy.begun + after
            if course.known(started):
                ended = started + lasts if course.known(started + lasts) else None
                written = course.seen_until if ended is None else ended
                _medicine(book, kind, written, book.text(started), book.text(ended))


def _medicine(book: Casebook, kind: Medicine, day: int, started: str | None, ended: str | None) -> None:
    book.write(
        day,
        "medication",
        "concomitant_medication",
        {
            "drug": kind.drug,
            "indication": kind.indication,
            "started_on": started,
            "ongoing": ended is None,
            "ended_on": ended,
        },
    )


def write_deviations(
    deviations: Deviations, course: Course, book: Casebook, dice: Dice, *, excised: int
) -> None:
    """Deviations that follow from the course, and those that happen by chance. `excised`: day of the excision."""
    therapy = course.therapy
    for kind in deviations.kinds:
        happens, day = dice.chance(kind.share), dice.whole(kind.after_days)
        if happens and course.known(day):
            _deviation(book, day, kind.category, important=kind.important, text=kind.text)
    begun = therapy.begun
    if begun is None or not course.known(begun):
        return
    if begun > LATE_SINCE_RANDOMIZATION or begun - excised > LATE_SINCE_EXCISION:
        _deviation(book, begun, "treatment_timing", important=True, text="treatment begun too late")
    if therapy.status == "cross_over":
        text = "treatment of the other arm at the wish of the participant"
        _deviation(book, begun, "wrong_treatment", important=True, text=text)


def _deviation(book: Casebook, day: int, category: str, *, important: bool, text: str) -> None:
    book.write(
        day,
        "deviation",
        "protocol_deviation",
        {
            "occurred_on": book.text(day),
            "category": category,
            "important": important,
            "description": text,
        },
    )
