"""Rules: rows of a file become participants and form records, as imports.yaml says."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from crf.source_rows import MappingError, MappingProblem, Row, typed
from trial.protocol.expressions import UNKNOWN, Expression, Unknown, Value, parse
from trial.protocol.imports import Fact, FormMapping, Given, ImportPlan, filled

_CORRECT_FILE = "Correct the file; nothing of it was imported"


@dataclass(frozen=True)
class MappedParticipant:
    """A person to be registered, consented and randomized; `line` is where the file says so."""

    label: str
    site: str
    consented_on: date
    randomized_on: date
    arm: str
    line: int


@dataclass(frozen=True)
class MappedRecord:
    """One filled form: values as the expression language holds them, reasons where there is none."""

    participant: str
    visit: str
    form: str
    repeat: int
    values: Mapping[str, Value]
    missing: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class MappedImport:
    """Participants in the order of their row key; records by participant, then in the order of the plan."""

    participants: list[MappedParticipant]
    records: list[MappedRecord]


def map_rows(
    plan: ImportPlan, rows: Iterable[Mapping[str, str]], *, parameters: Mapping[str, Value]
) -> MappedImport:
    """Apply the plan to the records of its file, in file order; the first record stands on line 2.

    `parameters` are the stated values of the protocol by id. Raises MappingError with all that does not fit,
    each told by file, line, record, column, rule and value: all or nothing.
    """
    engine = _Engine(plan, {f"parameter.{name}": value for name, value in parameters.items()})
    engine.add_facts(typed(plan, rows))
    engine.refuse_rows()
    engine.stop_at_problems()
    participants = engine.participants()
    records = engine.records(participants)
    engine.stop_at_problems()
    return MappedImport(list(participants.values()), records)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Expression:
    return parse(text)


@dataclass
class _Engine:
    """One run over one file; problems are collected as long as they cannot cause others."""

    plan: ImportPlan
    parameters: Mapping[str, Value]
    rows: list[Row] = field(default_factory=list)
    problems: list[MappingProblem] = field(default_factory=list)

    def stop_at_problems(self) -> None:
        if self.problems:
            raise MappingError(self.problems)

    def add_facts(self, rows: list[Row]) -> None:
        self.rows = [Row(row.line, row.key, {**self.parameters, **row.values}) for row in rows]
        for name, fact in self.plan.facts.items():
            values = self.fact(name, fact)
            self.stop_at_problems()
            self.rows = [
                Row(row.line, row.key, {**row.values, name: value})
                for row, value in zip(self.rows, values, strict=True)
            ]

    def fact(self, name: str, fact: Fact) -> list[Value | Unknown]:
        """The value of a fact for every row, in order."""
        rule = f"facts.{name}"
        if fact.rows is None:
            return [self.answer(row, fact.value) for row in self.rows]
        chosen: dict[object, list[Row]] = defaultdict(list)
        for row in self.rows:
            if self.is_true(row, fact.rows, f"{rule}.rows"):
                chosen[row.key].append(row)
        for row in {row.key: row for row in self.rows}.values():
            if len(chosen[row.key]) != 1:
                message = f"{len(chosen[row.key])} rows of this participant are meant where one is needed"
                self.fail(row, fact.rows, f"{rule}.rows", message)
        self.stop_at_problems()
        return [self.answer(chosen[row.key][0], fact.value) for row in self.rows]

    def refuse_rows(self) -> None:
        for rule in self.plan.refuse:
            for row in self.rows:
                if self.is_true(row, rule.condition, f"refuse.{rule.id}"):
                    self.fail(row, rule.condition, f"refuse.{rule.id}", rule.say["en"].rstrip("."))

    def participants(self) -> dict[object, MappedParticipant]:
        """The participants by row key, in its order."""
        found: dict[object, MappedParticipant] = {}
        labels: set[str] = set()
        plan = self.plan.participants
        for row in sorted(self.rows, key=lambda row: (row.key, row.line)):
            if not self.is_true(row, plan.rows, "participants.rows"):
                continue
            participant = self.participant(row)
            if participant and (row.key in found or participant.label in labels):
                self.fail(
                    row, plan.rows, "participants", f"the participant {participant.label} comes a second time"
                )
            elif participant:
                found[row.key] = participant
                labels.add(participant.label)
        return found

    def participant(self, row: Row) -> MappedParticipant | None:
        plan = self.plan.participants
        site = self.given(row, plan.site, "participants.site")
        arm = self.given(row, plan.arm, "participants.arm")
        consented_on = self.given(row, Given(value=plan.consented_on), "participants.consented_on")
        randomized_on = self.given(row, Given(value=plan.randomized_on), "participants.randomized_on")
        if not (isinstance(consented_on, date) and isinstance(randomized_on, date)):
            return None
        label = filled(plan.label, {**row.values, "site": site})
        return MappedParticipant(label, str(site), consented_on, randomized_on, str(arm), row.line)

    def records(self, participants: Mapping[object, MappedParticipant]) -> list[MappedRecord]:
        order = {participant.label: number for number, participant in enumerate(participants.values())}
        records: list[MappedRecord] = []
        repeats: Counter[tuple[str, str, str]] = Counter()
        for number, mapping in enumerate(self.plan.forms):
            rule = f"forms[{number}]"
            for row in self.rows:
                if not self.is_true(row, mapping.rows, f"{rule}.rows"):
                    continue
                if row.key not in participants:
                    self.fail(
                        row, self.plan.row_key, f"{rule}.rows", "no row makes this record's participant"
                    )
                    continue
                place = (participants[row.key].label, mapping.visit, mapping.form)
                repeats[place] += 1
                records.append(self.record(row, mapping, rule, place[0], repeats[place]))
        return sorted(records, key=lambda record: order[record.participant])

    def record(
        self, row: Row, mapping: FormMapping, rule: str, participant: str, repeat: int
    ) -> MappedRecord:
        values: dict[str, Value] = {}
        missing: dict[str, str] = {}
        for item, given in mapping.values.items():
            value = self.given(row, given, f"{rule}.values.{item}")
            if not isinstance(value, Unknown):
                values[item] = value
            elif given.missing:
                missing[item] = given.missing.value
        return MappedRecord(participant, mapping.visit, mapping.form, repeat, values, missing, row.line)

    def given(self, row: Row, given: Given, rule: str) -> Value | Unknown:
        """The value asked for, or UNKNOWN: then a reason is given, or a problem noted."""
        if given.value is None:
            return UNKNOWN
        value = self.answer(row, given.value)
        if isinstance(value, Unknown):
            if not given.missing:
                self.fail(row, given.value, rule, "there is no value, and the mapping gives no reason")
            return UNKNOWN
        if given.codes is None:
            return value
        if str(value) not in given.codes:
            self.fail(row, given.value, f"{rule}.codes", f"the mapping has no code for `{value}`")
            return UNKNOWN
        return given.codes[str(value)]

    def is_true(self, row: Row, text: str, rule: str) -> bool:
        answer = self.answer(row, text)
        if isinstance(answer, Unknown):
            self.fail(row, text, rule, "the condition cannot be answered, a value is missing")
        return answer is True

    def answer(self, row: Row, text: str) -> Value | Unknown:
        return _parsed(text).evaluate(row.values)

    def fail(self, row: Row, text: str, rule: str, message: str) -> None:
        """Note a problem, told with the columns that the expression reads and what they hold."""
        columns = sorted(_parsed(text).addresses)
        held = ", ".join(
            "nothing" if row.values[name] is UNKNOWN else str(row.values[name]) for name in columns
        )
        problem = (
            self.plan.source,
            row.line,
            str(row.key),
            ", ".join(columns),
            rule,
            held,
            message,
            _CORRECT_FILE,
        )
        self.problems.append(MappingProblem(*problem))
