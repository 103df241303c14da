"""Rules room of floor 3: the days of a declared fact in one history, counted from an origin."""

from dataclasses import dataclass
from datetime import date, timedelta

from outcomes.histories import History
from outcomes.imputation import Completed, Imputation, completed, first_day, last_day
from outcomes.records import FormRecord
from trial.protocol.endpoints import DatedFact
from trial.protocol.expressions import UNKNOWN, Unknown, Value


@dataclass(frozen=True)
class Dated:
    """A fact on its day, with the record that tells it and the date as it stands there.

    `flag` says what was imputed; `conflict` why the recorded date cannot be right though it counts, "" mostly.
    """

    on: date
    fact: DatedFact
    record: FormRecord
    recorded: str
    flag: str
    conflict: str


@dataclass(frozen=True)
class Reading:
    """One history read from an origin, partial dates completed in one way.

    `beside` are the facts that are read together: of those that may not lie after another, the other is completed
    to no earlier day.
    """

    history: History
    origin: date
    imputation: Imputation = Imputation.MIDDLE
    beside: tuple[DatedFact, ...] = ()

    def dates(self, fact: DatedFact, *, at_least: int = 0) -> list[Dated]:
        """The days of a fact that count, a record each.

        Not after the cut-off, nor after the end of the data unless the fact counts despite a withdrawal. A partial
        date is completed to no day before `at_least` days after the origin, nor after the dates in `not_after`, the
        end of the data, or the day on which it was known already, as far as its known part allows.
        """
        found = []
        for record in self.history.told(fact):
            end = self._end(fact, record)
            day = self._day(fact, record, end, at_least)
            if day and day.on <= min(self.history.cut_off, end or date.max):
                conflict = self._conflict(fact, record, day)
                found.append(Dated(day.on, fact, record, str(_value(fact, record)), day.flag, conflict))
        return found

    def _end(self, fact: DatedFact, record: FormRecord) -> date | None:
        despite = fact.despite_withdrawal
        return None if despite and self.history.holds(despite, record) else self.history.data_end

    def _day(self, fact: DatedFact, record: FormRecord, end: date | None, at_least: int) -> Completed | None:
        known = [end, record.known_on, *(day for _, day in self._later_facts(fact, record))]
        return completed(
            _value(fact, record),
            not_before=max([self.origin + timedelta(days=at_least), *self._earlier_facts(fact)]),
            not_after=min((day for day in known if day), default=date.max),
            how=self.imputation,
        )

    def _later_facts(self, fact: DatedFact, record: FormRecord) -> list[tuple[str, date]]:
        """The dates that no completion may pass, with their addresses."""
        look = self.history.inside(record)
        return [(each, day) for each in fact.not_after if (day := last_day(look(each)))]

    def _earlier_facts(self, fact: DatedFact) -> list[date]:
        """The first possible days of the facts that may not lie after this one."""
        return [
            day
            for other in self.beside
            if fact.on in other.not_after
            for record in self.history.told(other)
            if (day := first_day(_value(other, record)))
        ]

    def _conflict(self, fact: DatedFact, record: FormRecord, day: Completed) -> str:
        """A partial date of which every completion lies after a later fact."""
        passed = [pair for pair in self._later_facts(fact, record) if day.flag and pair[1] < day.on]
        said = _value(fact, record)
        return "; ".join(f"{said} is after {last.isoformat()} ({each})" for each, last in passed)


def _value(fact: DatedFact, record: FormRecord) -> Value | Unknown:
    return record.values.get(fact.on.partition(".")[2], UNKNOWN)
