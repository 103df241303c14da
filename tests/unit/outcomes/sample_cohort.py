"""Tests: the synthetic cohort on paper: its parameters, its people, and their forms judged without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, lru_cache

from crf import checks, schedule
from crf.checks import Finding
from crf.definitions import typed_values
from outcomes.cohort.answers import Answers
from outcomes.cohort.candidates import Candidate, candidates, first_day
from outcomes.cohort.dice import Dice
from outcomes.cohort.following import follow_up
from outcomes.cohort.parameters import CohortParameters, read_parameters
from tests import protocol_texts
from trial.protocol.derivations import Lookup, with_derived
from trial.protocol.expressions import UNKNOWN, Unknown, Value
from trial.protocol.schema import Protocol

FOLDER = protocol_texts.FOLDER / "t1-salvage"
FILE = FOLDER / "data" / "cohort.yaml"
TODAY = date(2026, 11, 19)


@lru_cache(maxsize=1)
def parameters() -> CohortParameters:
    """The parameters of the protocol folder."""
    return read_parameters(FILE.read_text(encoding="utf-8"), file="data/cohort.yaml")


def protocol() -> Protocol:
    """The protocol whose forms the cohort fills in."""
    return protocol_texts.loaded("t1-salvage").protocol


@dataclass(frozen=True)
class Followed:
    """A randomized candidate with the arm drawn for her here, and the forms written after randomization."""

    candidate: Candidate
    arm: str
    randomized_on: date
    forms: list[Answers]

    def of(self, form: str) -> list[Mapping[str, str]]:
        """The values of each record of a form, in order."""
        return [each.values for each in self.forms if each.form == form]


@cache
def people(*, seed: int | None = None, today: date = TODAY) -> tuple[Candidate, ...]:
    """Everybody asked, on the calendar of a day."""
    plan = parameters()
    start = first_day(today, plan.calendar.weeks)
    return tuple(candidates(plan, seed=plan.seed if seed is None else seed, start=start))


@cache
def followed(*, seed: int | None = None, today: date = TODAY) -> tuple[Followed, ...]:
    """Everybody randomized, arms drawn by a coin of our own: the real gate needs a database."""
    drawn = parameters().seed if seed is None else seed
    start = first_day(today, parameters().calendar.weeks)
    cut_off = start + timedelta(weeks=parameters().calendar.weeks, days=-1)
    found = []
    for candidate in people(seed=seed, today=today):
        if candidate.randomized_on is not None:
            arm = "TME" if Dice(drawn, candidate.label, "coin of the test").chance(0.5) else "CRT"
            forms = follow_up(
                parameters(),
                protocol().visits,
                candidate,
                arm=arm,
                randomized_on=candidate.randomized_on,
                cut_off=cut_off,
                seed=drawn,
            )
            found.append(Followed(candidate, arm, candidate.randomized_on, forms))
    return tuple(found)


@dataclass
class Paper:
    """The forms of one participant as they are entered one by one, and what they answer."""

    facts: dict[str, Value | Unknown]
    arm: str = ""
    held: dict[str, list[Mapping[str, Value | Unknown]]] = field(default_factory=dict)

    def look(self, address: str) -> Value | Unknown:
        if address == "participant.arm":
            return self.arm or UNKNOWN
        if address in self.facts:
            return self.facts[address]
        form, _dot, item = address.partition(".")
        return self.held[form][0][item] if self.held.get(form) else UNKNOWN

    def derived(self) -> Lookup:
        """Answers derived values too, from what is held now."""
        return with_derived(protocol(), self.look, lambda form: self.held.get(form, []))

    def enter(self, answers: Answers) -> list[Finding]:
        """What the checks say about a form; it is held afterwards. A form that does not apply is a failure."""
        form = protocol().forms[answers.form]
        visit = next(each for each in protocol().visits if each.id == answers.visit)
        assert answers.form in visit.forms
        assert visit.repeats or answers.visit_repeat == 1
        assert form.applies is None or schedule.applicable(form, self.derived(), self.arm), answers
        reading = checks.read(form, protocol().choices, dict(answers.values), dict(answers.missing))
        before = self.derived()
        now = replace(self, held={name: list(rows) for name, rows in self.held.items()})
        now.held.setdefault(answers.form, []).append(typed_values(form, reading.values))
        in_hand = now.derived()

        def outside(address: str) -> Value | Unknown:
            return in_hand(address) if address.startswith("derived.") else before(address)

        expected = schedule.expected(protocol(), answers.visit, form, outside)
        found = checks.judge(form, reading, outside, expected=expected)
        self.held = now.held
        return found


def screened(candidate: Candidate) -> tuple[Paper, list[tuple[Answers, Finding]]]:
    """The screening forms of a candidate entered on their days, and everything the checks said."""
    paper = Paper({"participant.site": candidate.site})
    return paper, entered(paper, candidate.forms, candidate.asked_on)


def entered(
    paper: Paper, forms: Sequence[Answers], consented_on: date | None = None
) -> list[tuple[Answers, Finding]]:
    """Enter forms one by one, each on its own day."""
    found = []
    for answers in forms:
        paper.facts["today"] = answers.day
        if consented_on is not None:
            paper.facts["participant.consented_on"] = consented_on
        found += [(answers, finding) for finding in paper.enter(answers)]
    return found
