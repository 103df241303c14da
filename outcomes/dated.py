"""Rules room of floor 3: the days of a declared fact in one history, counted from an origin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from outcomes.histories import History
from outcomes.imputation import Completed, Imputation, completed, first_day, last_day
from outcomes.records import FormRecord
from trial.protocol.endpoints import DatedFact


@dataclass(frozen=True)
class Dated:
    """A fact on its day, with the record that tells it and the date as it stands there.

    `flag` says what was imputed. `passed` are the later facts, day and address, that the recorded date lies after
    however it is completed: it cannot be right, though it counts.
    """

    on: date
    fact: DatedFact
    record: FormRecord
    recorded: str
    flag: str
    passed: tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class Timeline:
    """One history read from an origin, partial dates completed in one way."""

    history: History
    origin: date
    imputation: Imputation = Imputation.MIDDLE

    def dates(self, fact: DatedFact, *, at_least: int = 0) -> list[Dated]:
        """The days of a fact that count, a record each.

        Not after the cut-off, nor after the end of the data unless the fact counts despite a withdrawal. A partial
        date is completed to no day before `at_least` days after the origin, nor after the dates in `not_after`, the
        end of the data, or the day on which it was known already, nor, for a death, before the last day known alive,
        as far as its known part allows.
        """
        return [
            dated
            for dated, end in self._read(fact, at_least)
            if dated.on <= min(self.history.cut_off, end or date.max)
        ]

    def perhaps_later(self, fact: DatedFact, *, at_least: int = 0) -> list[Dated]:
        """The partial dates of a fact whose day is taken to lie after the cut-off, though the date may lie before."""
        cut_off = self.history.cut_off
        return [
            dated
            for dated, _end in self._read(fact, at_least)
            if (low := first_day(dated.record.value(fact.on))) and low <= cut_off < dated.on
        ]

    def _read(self, fact: DatedFact, at_least: int) -> Iterator[tuple[Dated, date | None]]:
        """The days of a fact, whether they count or not, each with the end of the data that bears on it."""
        for record in self.history.told(fact):
            end = self._end(fact, record)
            if day := self._day(fact, record, end, at_least):
                said = str(record.value(fact.on))
                yield Dated(day.on, fact, record, said, day.flag, self._passed(fact, record, day)), end

    def _end(self, fact: DatedFact, record: FormRecord) -> date | None:
        despite = fact.despite_withdrawal
        return None if despite and self.history.holds(despite, record) else self.history.data_end

    def _day(self, fact: DatedFact, record: FormRecord, end: date | None, at_least: int) -> Completed | None:
        known = [end, record.known_on, *(day for _, day in self._later_facts(fact, record))]
        return completed(
            record.value(fact.on),
            not_before=max([self.origin + timedelta(days=at_least), *self._alive(fact)]),
            not_after=min((day for day in known if day), default=date.max),
            how=self.imputation,
        )

    def _later_facts(self, fact: DatedFact, record: FormRecord) -> list[tuple[str, date]]:
        """The dates that no completion may pass, with their addresses."""
        look = self.history.inside(record)
        return [(each, day) for each in fact.not_after if (day := last_day(look(each)))]

    def _alive(self, fact: DatedFact) -> list[date]:
        """The last day on which the participant is known to have been alive, for a fact that cannot precede it."""
        alive = self.history.known_alive_on if fact.ends_life else None
        return [alive] if alive else []

    def _passed(self, fact: DatedFact, record: FormRecord, day: Completed) -> tuple[tuple[date, str], ...]:
        """The later facts that every completion of a partial date lies after."""
        later = self._later_facts(fact, record) if day.flag else []
        return tuple((last, address) for address, last in later if last < day.on)
