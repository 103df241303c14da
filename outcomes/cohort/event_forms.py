"""Rules room of floor 3: what is written about recurrences, other tumours, deaths and withdrawals."""

from collections.abc import Sequence

from outcomes.cohort.answers import Casebook, Given
from outcomes.cohort.calls import Call
from outcomes.cohort.course import Course
from outcomes.cohort.dice import Dice
from outcomes.cohort.parameters import Events

# A month's name alone cannot bring a recurrence before the first one when it came so much later.
LONG_AFTER = 45


def write_recurrences(
    events: Events, seen: Sequence[Call], course: Course, book: Casebook, dice: Dice
) -> None:
    """The first local and the first distant recurrence, each at the visit that showed it, and what was done then.

    Only a later recurrence may be known by its month alone: the first one is what the analysis counts.
    """
    shown = sorted((call.day, kind) for call in seen for kind in call.findings)
    for day, kind in shown:
        later = day - shown[0][0] > LONG_AFTER
        written = _recurrence(
            events, kind, day, course, book, dice, vague=later and dice.chance(events.vague)
        )
        treated, how = written + dice.whole((14, 28, 60)), dice.among(events.therapy[kind])
        if course.known(treated) and how != "none":
            intent = "curative" if how == "surgery" else "palliative"
            _therapy(book, treated, how, intent, f"treatment of the {kind} recurrence")


def _recurrence(
    events: Events, kind: str, day: int, course: Course, book: Casebook, dice: Dice, *, vague: bool
) -> int:
    """Write the form of one recurrence; the day on which it is written, with the biopsy where there is one."""
    taken = day + dice.whole((1, 6, 15))
    biopsied = dice.chance(events.biopsy) and not vague and course.known(taken)
    local, distant = dice.among(events.local_sites), dice.among(events.distant_sites)
    place: dict[str, Given] = {"local_site": local} if kind == "local" else _spread(distant)
    written = taken if biopsied else day
    book.write(
        written,
        "recurrence",
        "recurrence",
        {
            "kind": kind,
            "first_evidence": _month(book, day) if vague else book.text(day),
            "evidence": _evidence(kind, biopsied=biopsied),
            "biopsy": biopsied,
            "biopsy_on": book.text(taken) if biopsied else None,
            **place,
        },
    )
    return written


def _evidence(kind: str, *, biopsied: bool) -> str:
    found = ["imaging", *(["endoscopy"] if kind == "local" else []), *(["biopsy"] if biopsied else [])]
    return ";".join(found)


def _spread(sites: str) -> dict[str, Given]:
    several = "M1b" if ";" in sites else "M1a"
    return {"distant_sites": sites, "m_stage": "M1c" if "peritoneum" in sites else several}


def _month(book: Casebook, day: int) -> str:
    return book.on(day).isoformat()[: len("2024-01")]


def _therapy(book: Casebook, day: int, how: str, intent: str, reason: str) -> None:
    started = book.text(day)
    book.write(
        day,
        "new_therapy",
        "subsequent_therapy",
        {
            "started_on": started,
            "type": how,
            "intent": intent,
            "reason": reason,
        },
    )


def write_second_primaries(events: Events, course: Course, book: Casebook, dice: Dice) -> None:
    """Other primary tumours; the day of one that is not colorectal may be known by its month alone."""
    site, vague = dice.among(events.other_primaries), dice.chance(events.vague)
    known = {
        "colorectal": (course.disease.second_crc, "sigmoid colon", False),
        "other": (course.disease.second_other, site, vague),
    }
    for kind, (day, where, month_only) in known.items():
        if day is not None and course.known(day):
            when = _month(book, day) if month_only else book.text(day)
            book.write(
                day,
                "second_primary",
                "second_primary",
                {
                    "kind": kind,
                    "diagnosed_on": when,
                    "site_text": where,
                    "histology": True,
                },
            )


def write_death(events: Events, course: Course, book: Casebook, dice: Dice, *, public_records: bool) -> None:
    """The death, where the site learns of it: after a withdrawal from public records only, where consent allows."""
    died = course.disease.death
    reported = dice.whole(events.death_reported_after)
    text = dice.among(events.causes)
    if died is None or died + reported > course.horizon:
        return
    silent, lost = course.leaving.barred(died), course.leaving.out_of_reach(died)
    if (silent and not public_records) or (lost and not course.leaving.found):
        return
    other = course.disease.cause == "other"
    source = "public_record" if silent or lost else dice.among({"site": 3, "relatives": 2})
    book.write(
        died + reported,
        "death",
        "death",
        {
            "died_on": book.text(died),
            "cause": "unknown" if silent or lost else course.disease.cause,
            "cause_text": text if other and not (silent or lost) else None,
            "source": source,
            "autopsy": None if silent or lost else False,
        },
    )


def write_withdrawals(course: Course, book: Casebook) -> None:
    """The refusal of all treatment, and the withdrawal from visits or from all data."""
    leaving, therapy = course.leaving, course.therapy
    if therapy.begun is None and course.known(therapy.decided):
        _withdrawal(book, therapy.decided, "treatment", "wants neither treatment")
    day = leaving.withdrawn
    if day is not None and course.known(day):
        _withdrawal(book, day, leaving.level, leaving.reason)


def _withdrawal(book: Casebook, day: int, level: str, reason: str) -> None:
    missing = {} if reason else {"reason": "refused"}
    book.write(
        day,
        "withdrawal",
        "withdrawal",
        {"withdrawn_on": book.text(day), "level": level, "reason": reason or None},
        missing=missing,
    )
