"""The roof's synthetic cohort: invented participants go through the same actions as real ones, all or nothing.

It writes nothing itself. The arm of a participant decides what is invented next, and is told to nobody.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from config.loading import Report, opened, randomize_on
from crf.actions import entry
from crf.actions.entry import Entry
from outcomes.cohort.answers import Answers
from outcomes.cohort.candidates import Candidate, candidates, first_day
from outcomes.cohort.following import follow_up
from outcomes.cohort.parameters import CohortParameters, read_parameters
from randomization.actions import confirm_eligibility, open_scheme
from trial import audit
from trial.actions import participants, people, protocols
from trial.models import Participant, Person, Site, Trial
from trial.protocol.loader import LoadedProtocol
from trial.selectors import protocol_of, version_in_force

FILE = "data/cohort.yaml"
NAME = "SYNTHETIC"


def parameters_in(folder: Path) -> CohortParameters | None:
    """The parameters of the cohort that belongs to a protocol folder, None without one. Raises ProtocolError."""
    file = folder / FILE
    return read_parameters(file.read_text(encoding="utf-8"), file=FILE) if file.is_file() else None


def identity() -> Person:
    """Under whose name everything synthetic is entered."""
    return people.service_identity(name=NAME)


def cut_off(trial: Trial) -> date:
    """The Sunday before the week in which the cohort was made: what is later is left for people to enter."""
    return first_day(version_in_force(trial).activated_at.date(), 0) - timedelta(days=1)


def load_cohort(loaded: LoadedProtocol, parameters: CohortParameters, *, report: Report) -> Trial:
    """Activate, open the sites and the randomization, bring everybody in. One transaction.

    Raises Refusal; nothing is left behind then. `report` is told the step, how many are done and of how many.
    """
    by = identity()
    with audit.writing_block(by=by, reason="", verb="load_cohort", about={}):
        trial = protocols.activate(loaded=loaded, by=by, demo=True).trial
        standing = opened(trial, parameters.sites, by=by)
        open_scheme(trial=trial, block_sizes=parameters.block_sizes, by=by, seed=_seed(parameters, trial))
        start = first_day(version_in_force(trial).activated_at.date(), parameters.calendar.weeks)
        everybody = _in_turn(candidates(parameters, seed=parameters.seed, start=start))
        for done, candidate in enumerate(everybody, start=1):
            _bring_in(parameters, standing[candidate.site], candidate, by=by)
            report("entering synthetic participants", done, len(everybody))
    return trial


def _seed(parameters: CohortParameters, trial: Trial) -> bytes:
    """The same for every demonstration, so that its figures can be checked; a real trial draws its own."""
    return sha256(f"{trial.key}/{parameters.seed}".encode()).digest()


def _in_turn(everybody: Iterable[Candidate]) -> list[Candidate]:
    """In the order of randomization, which the strata keep; who is not randomized, by the day of asking."""
    return sorted(everybody, key=lambda each: (each.randomized_on or each.asked_on, each.label))


def _bring_in(parameters: CohortParameters, site: Site, candidate: Candidate, *, by: Person) -> None:
    participant = participants.register(site=site, label=candidate.label, by=by)
    _enter(participant, candidate.forms, by=by)
    day = candidate.randomized_on
    if day is None:
        participants.screen_fail(participant=participant, reason=candidate.fails, by=by)
        return
    confirm_eligibility(participant=participant, by=by)
    randomize_on(day, participant, source=NAME, by=by)
    randomized = participants.locked(participant)
    later = follow_up(
        parameters,
        protocol_of(site.trial).visits,
        candidate,
        arm=randomized.track,
        randomized_on=day,
        cut_off=cut_off(site.trial),
        seed=parameters.seed,
    )
    _enter(randomized, later, by=by)


def _enter(participant: Participant, forms: Iterable[Answers], *, by: Person) -> None:
    """Submit forms one by one; whatever a soft check asks is answered with the reason that goes with the form."""
    for answers in forms:
        typed = Entry(
            visit=answers.visit,
            form=answers.form,
            raw=answers.values,
            reasons=answers.missing,
            accepting=answers.reason,
            visit_repeat=answers.visit_repeat,
            repeat=answers.repeat,
        )
        entry.submit(participant=participant, entry=typed, by=by)
