"""Rules room of floor 3: one participant as of a data cut-off, ready to be asked under a protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from outcomes.assessments import Assessment, adequate_record, planned
from outcomes.imputation import completed, first_day
from outcomes.records import Facts, FormRecord, Recorded
from trial.eligibility import with_eligibility
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.endpoints import DatedFact
from trial.protocol.expressions import UNKNOWN, Unknown, Value, parse
from trial.protocol.forms import ItemType
from trial.protocol.revealing import ADEQUATE, ARM
from trial.protocol.schema import Protocol

_DATES = frozenset({ItemType.DATE, ItemType.PARTIAL_DATE})


@dataclass(frozen=True)
class History:
    """A participant's facts and records up to and including the cut-off, and what follows from them.

    A record counts unless all its dates lie after the cut-off: then it tells of something later, whenever entered.
    """

    recorded: Recorded
    protocol: Protocol
    cut_off: date

    @cached_property
    def records(self) -> tuple[FormRecord, ...]:
        """The records that are not about something after the cut-off."""
        return tuple(record for record in self.recorded.records if not self._later(record))

    @cached_property
    def look(self) -> Lookup:
        """Answers every address but the arm: facts, the first record of each form, derived values."""
        return with_derived(self.protocol, self._first, self.records_of)

    @cached_property
    def data_end(self) -> date | None:
        """The last day about which anything counts: of a withdrawal from follow-up; None while there is none."""
        facts = self.protocol.endpoints.data_end
        days = [day for fact in facts for record in self.told(fact) if (day := self._day(fact, record))]
        return min((day for day in days if day <= self.cut_off), default=None)

    @cached_property
    def last_day(self) -> date:
        """The last day about which anything counts: the cut-off, or the end of the data before it."""
        return min(self.cut_off, self.data_end or self.cut_off)

    @cached_property
    def known_alive_on(self) -> date | None:
        """The last day on which the participant is known to have been alive, of a partial date the first possible."""
        days = [
            day
            for fact in self.protocol.endpoints.known_alive
            for record in self.told(fact)
            if (day := first_day(record.value(fact.on)))
        ]
        return max((day for day in days if day <= self.last_day), default=None)

    @cached_property
    def assessments(self) -> tuple[Assessment, ...]:
        """The planned disease assessments, each with the day on which it was met."""
        return planned(self.protocol, self.look, self.records, until=self.last_day)

    @cached_property
    def adequate_on(self) -> tuple[date, ...]:
        """The days of all adequate assessments, planned or not, in order."""
        plan = self.protocol.assessments
        days = [
            record.values.get(plan.on)
            for record in self.records
            if plan and adequate_record(self.protocol, record, until=self.last_day)
        ]
        return tuple(sorted(day for day in days if isinstance(day, date) and day <= self.last_day))

    def records_of(self, form: str) -> Sequence[Facts]:
        """The values of each record of a form, in order."""
        return [record.values for record in self.records if record.form == form]

    def told(self, fact: DatedFact) -> list[FormRecord]:
        """The records of the fact's form in which its condition is true."""
        form = fact.on.partition(".")[0]
        mine = [record for record in self.records if record.form == form]
        return [record for record in mine if fact.when is None or self.holds(fact.when, record)]

    def holds(self, condition: str, record: FormRecord) -> bool:
        """Whether a condition is true of a record; unknown is not true."""
        return parse(condition).evaluate(self.inside(record)) is True

    def inside(self, record: FormRecord) -> Lookup:
        """A lookup that answers the items of the record's form from this record, and `record.adequate`."""

        def seen(address: str) -> Value | Unknown:
            if address == ADEQUATE:
                answer = adequate_record(self.protocol, record, until=self.last_day)
                return UNKNOWN if answer is None else "yes" if answer else "no"
            form, _, item = address.partition(".")
            return record.values.get(item, UNKNOWN) if form == record.form else self.look(address)

        return seen

    def knowing_arm(self, address: str) -> Value | Unknown:
        """Answers the allocated arm too, and whether all criteria are met: for populations only."""
        return (self.recorded.arm or UNKNOWN) if address == ARM else self._judged(address)

    @cached_property
    def _judged(self) -> Lookup:
        return with_eligibility(self.protocol, self.look)

    def _first(self, address: str) -> Value | Unknown:
        if address in self.recorded.facts:
            return self.recorded.facts[address]
        form, _, item = address.partition(".")
        return next((r.values.get(item, UNKNOWN) for r in self.records if r.form == form), UNKNOWN)

    def _day(self, fact: DatedFact, record: FormRecord) -> date | None:
        found = completed(record.value(fact.on))
        return found.on if found else None

    def _later(self, record: FormRecord) -> bool:
        form = self.protocol.forms.get(record.form)
        items = [item.id for item in form.items if item.type in _DATES] if form else []
        days = [day for item in items if (day := first_day(record.values.get(item, UNKNOWN)))]
        return bool(days) and min(days) > self.cut_off
