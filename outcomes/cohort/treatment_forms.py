"""Rules room of floor 3: what is written about the treatment: its start, operation, radiation, drugs and stoma."""

from dataclasses import dataclass

from outcomes.cohort.answers import Casebook, Given
from outcomes.cohort.course import NONE, Course
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import Radiation, Surgery, Treatment

VISIT = "treatment"
TME = "TME"
WITHOUT_ANASTOMOSIS = frozenset({"abdominoperineal", "hartmann"})
# Treatment of more than so many days after randomization, or after the local excision, is late.
LATE_SINCE_RANDOMIZATION, LATE_SINCE_EXCISION = 56, 84
REPORTED_AFTER = 21
FULL_DOSE = 95
WEEKDAYS = 5


@dataclass(frozen=True)
class Stoma:
    """A stoma: its type, the days on which it was made and closed, and whether it was planned."""

    created: int
    kind: str
    planned: bool
    closed: int | None


@dataclass(frozen=True)
class Treated:
    """What later forms need to know of the treatment. `rectum_removed`: no rectoscopy can be done."""

    rectum_removed: bool = False
    stoma: Stoma | None = None


def treat(parameters: Treatment, course: Course, book: Casebook, dice: Dice) -> Treated:
    """Write the forms of the treatment and say what came of it."""
    therapy = course.therapy
    _start(parameters, course, book, dice)
    if therapy.begun is None or not course.known(therapy.begun):
        return Treated()
    if therapy.received == TME:
        return _operated(parameters, course, book, dice, therapy.begun)
    ended = _irradiated(parameters.radiation, course, book, dice, therapy.begun)
    return Treated() if ended is None else _after_radiation(parameters, course, book, dice, ended)


def write_stoma(treated: Treated, course: Course, book: Casebook) -> None:
    """The stoma log: its creation and its closure, as far as they could still be seen."""
    stoma = treated.stoma
    if stoma is None:
        return
    for event, day in (("created", stoma.created), ("closed", stoma.closed)):
        if day is not None and course.known(day):
            book.write(
                day,
                "stoma",
                "stoma_log",
                {
                    "event": event,
                    "happened_on": book.text(day),
                    "stoma_type": stoma.kind,
                    "planned": stoma.planned or event == "closed",
                },
            )


def _start(parameters: Treatment, course: Course, book: Casebook, dice: Dice) -> None:
    therapy = course.therapy
    if not course.known(therapy.decided):
        return
    reason = None if therapy.status == "given" else dice.among(parameters.reasons[therapy.status])
    book.write(
        therapy.decided,
        VISIT,
        "treatment_start",
        {
            "status": therapy.status,
            "treatment": None if therapy.received == NONE else therapy.received,
            "started_on": book.text(therapy.begun),
            "reason": reason,
        },
    )


def _operated(parameters: Treatment, course: Course, book: Casebook, dice: Dice, day: int) -> Treated:
    surgery = parameters.surgery
    procedure, nodes, stay = (
        dice.among(surgery.procedure),
        dice.among(surgery.nodes),
        dice.whole(surgery.stay_days),
    )
    stoma = dice.among(surgery.stoma[procedure])
    positive = {"pN0": 0, "pN1": dice.whole((1, 1, 3)), "pN2": dice.whole((4, 4, 7))}[nodes]
    written = min(day + REPORTED_AFTER, course.seen_until)
    book.write(
        written,
        VISIT,
        "tme",
        {
            "operated_on": book.text(day),
            "procedure": procedure,
            "access": dice.among(surgery.access),
            "anastomosis": procedure not in WITHOUT_ANASTOMOSIS,
            "stoma": stoma != NONE,
            "r_status": dice.among(surgery.r_status),
            "pt": dice.among(surgery.residual),
            "pn": nodes,
            "nodes_examined": max(positive, dice.whole(surgery.nodes_examined)),
            "nodes_positive": positive,
            "mesorectum": dice.among(surgery.mesorectum),
            "discharged_on": book.text(day + stay) if day + stay <= written else None,
            **_complication(surgery, dice),
        },
        missing={"mesorectum": "unknown"} if dice.chance(surgery.unreported) else {},
    )
    if positive:
        _adjuvant(parameters, course, book, dice, day)
    closes = procedure not in WITHOUT_ANASTOMOSIS and dice.chance(surgery.stoma_closed)
    closed = day + dice.whole(surgery.closed_after) if closes else None
    made = None if stoma == NONE else Stoma(day, stoma, True, closed)
    return Treated(rectum_removed=procedure == "abdominoperineal", stoma=made)


def _complication(surgery: Surgery, dice: Dice) -> dict[str, Given]:
    worst, disabled = dice.among(surgery.clavien_dindo), dice.chance(surgery.disabled)
    return {"clavien_dindo": worst, "clavien_dindo_d": None if worst == NONE else disabled}


def _adjuvant(parameters: Treatment, course: Course, book: Casebook, dice: Dice, operated: int) -> None:
    surgery = parameters.surgery
    begun = book.working_day(operated + dice.whole(surgery.chemotherapy_after))
    ended = begun + dice.whole(surgery.chemotherapy_lasts)
    percent, drugs = dice.whole((60, 100, 100)), dice.among({"oxaliplatin": 3, "": 2})
    if dice.chance(surgery.chemotherapy_if_positive) and course.known(ended):
        book.write(
            ended,
            VISIT,
            "chemotherapy",
            {
                "intent": "adjuvant_pn",
                "started_on": book.text(begun),
                "ended_on": book.text(ended),
                "capecitabine_percent": percent,
                "other_drugs": drugs or None,
                **_reduction(percent, dice.among(parameters.radiation.reduction_reasons)),
            },
        )


def _irradiated(radiation: Radiation, course: Course, book: Casebook, dice: Dice, begun: int) -> int | None:
    """Write what was given; the day of the last fraction, None when it was not learned."""
    planned = int(dice.among(radiation.fractions))
    given = dice.whole((8, 20, planned - 1)) if dice.chance(radiation.stopped) else planned
    pause = dice.whole(radiation.interrupted_days) if dice.chance(radiation.interrupted) else 0
    ended = book.working_day(_last_fraction(book, begun, given) + pause)
    full = given == planned and dice.chance(radiation.capecitabine_full)
    percent = 100 if full else dice.whole(radiation.capecitabine_reduced)
    why = dice.among(radiation.interruption_reasons)
    broken = bool(pause) or given < planned
    if not course.known(ended):
        return None
    days = {"started_on": book.text(begun), "ended_on": book.text(ended)}
    book.write(
        ended,
        VISIT,
        "radiotherapy",
        {
            "technique": dice.among(radiation.technique),
            "planned_dose_gy": round(planned * radiation.dose_gy, 1),
            "planned_fractions": planned,
            "given_dose_gy": round(given * radiation.dose_gy, 1),
            "given_fractions": given,
            "interrupted": broken,
            "interruption_reason": why if broken else None,
            **days,
        },
    )
    taken = _reduction(percent, dice.among(radiation.reduction_reasons))
    book.write(
        ended,
        VISIT,
        "chemotherapy",
        {
            "intent": "concurrent",
            "capecitabine_percent": percent,
            **days,
            **taken,
        },
    )
    return ended


def _last_fraction(book: Casebook, begun: int, fractions: int) -> int:
    """The day of the last of so many fractions, one each weekday; `begun` is a weekday."""
    first = book.on(begun).weekday()
    weeks, rest = divmod(first + fractions - 1, WEEKDAYS)
    return begun - first + 7 * weeks + rest


def _reduction(percent: int, why: str) -> dict[str, Given]:
    reduced = percent < FULL_DOSE
    return {"reduced": reduced, "reason": why if reduced else None}


def _after_radiation(
    parameters: Treatment, course: Course, book: Casebook, dice: Dice, ended: int
) -> Treated:
    """Completion surgery without a recurrence, a stoma for complications, or neither."""
    surgery, recurred = parameters.surgery, course.disease.recurred
    wished, diverted = (
        dice.chance(parameters.radiation.surgery_on_request),
        dice.chance(surgery.stoma_after_crt),
    )
    day = book.working_day(ended + dice.whole(parameters.radiation.surgery_after))
    closed = day + dice.whole(surgery.closed_after) if dice.chance(surgery.stoma_after_crt_closed) else None
    if not course.known(day) or (recurred is not None and recurred < day):
        return Treated()
    if wished:
        _completion(book, day)
        return _operated(parameters, course, book, dice, day)
    return Treated(stoma=Stoma(day, "loop_colostomy", False, closed) if diverted else None)


def _completion(book: Casebook, day: int) -> None:
    book.write(
        day,
        "new_therapy",
        "subsequent_therapy",
        {
            "started_on": book.text(day),
            "type": "surgery",
            "intent": "protocol_completion",
            "reason": "completion surgery at the wish of the participant, without recurrence",
        },
    )
