"""Rules room of floor 3: forms as somebody would fill them in, put together in the order of their days."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

Given = str | int | float | bool | None

SATURDAY = 5
CONFIRMED = "confirmed with the source"


@dataclass(frozen=True)
class Answers:
    """One filled-in form: typed answers and missing reasons by item, and the day on which it could be written.

    `reason` answers whatever a soft check asks about it.
    """

    day: date
    visit: str
    form: str
    values: Mapping[str, str]
    missing: Mapping[str, str] = field(default_factory=dict)
    reason: str = CONFIRMED
    visit_repeat: int = 1
    repeat: int = 1


class Casebook:
    """Collects forms whose days are counted from an origin (day 0), and numbers them when they are taken out."""

    def __init__(self, origin: date) -> None:
        self.origin = origin
        self._written: list[Answers] = []

    def on(self, day: int) -> date:
        """The calendar day that many days after the origin."""
        return self.origin + timedelta(days=day)

    def text(self, day: int | None) -> str | None:
        """That day as it is typed; None stays None."""
        return None if day is None else self.on(day).isoformat()

    def working_day(self, day: int) -> int:
        """The day itself, or the nearer weekday when it falls on a weekend."""
        weekday = self.on(day).weekday()
        if weekday < SATURDAY:
            return day
        return day - 1 if weekday == SATURDAY else day + 1

    def write(
        self,
        day: int,
        visit: str,
        form: str,
        values: Mapping[str, Given],
        *,
        missing: Mapping[str, str] | None = None,
        reason: str = CONFIRMED,
    ) -> None:
        """Keep a form; a value of None is left empty, and `missing` says why for the items it names.

        `reason` answers whatever a soft check asks about it.
        """
        reasons = dict(missing or {})
        typed = {item: _typed(value) for item, value in values.items() if value is not None}
        kept = {item: value for item, value in typed.items() if item not in reasons}
        self._written.append(Answers(self.on(day), visit, form, kept, reasons, reason))

    def forms(self, *, until: date, repeating: Collection[str] = ()) -> list[Answers]:
        """What was written up to a day, by day; a visit that repeats is counted, any other counts its forms."""
        taken = sorted((each for each in self._written if each.day <= until), key=lambda each: each.day)
        counted: Counter[tuple[str, str]] = Counter()
        numbered = []
        for each in taken:
            repeats = each.visit in repeating
            place = (each.visit, "" if repeats else each.form)
            counted[place] += 1
            number = counted[place]
            numbered.append(replace(each, visit_repeat=number) if repeats else replace(each, repeat=number))
        return numbered


def _typed(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"
