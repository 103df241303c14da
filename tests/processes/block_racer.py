"""Tests: a program that prepares participants of a stratified trial, or randomizes them from many processes at once.

`prepare SITE=NUMBER[:CAP] …` makes so many enrolled participants at each site; `race KIND SITE PROCESSES` randomizes
those of one site, each process its own share, and prints what each was told; among `delegated` and `colliding` every
second process grants and ends roles of the person who randomizes instead, `colliding` under locks against foreign keys
as well. Forked processes have their own connections; they wait for one another before the first request.
"""

import json
import multiprocessing
import os
import sys
import time
from typing import Any

import django

SEED = bytes(range(32))
SIZES = (6, 9)
EMAIL = "racer@example.org"
# Between what a request has read and what it writes: wide enough for the others to come in between.
PAUSE = 0.02
ANSWERS = (
    {"sex": "female", "size": "2"},
    {"sex": "female", "size": "4"},
    {"sex": "male", "size": "4"},
)


def prepare(wanted: list[str]) -> None:
    """Participants who are enrolled and wait for their allocation, spread over three strata a site."""
    by = people.service_identity(name="RACER")
    people.account(email=EMAIL, name="Racer", by=by)
    trial = protocols.activate(loaded=load_files(FILES), demo=True, by=by).trial
    open_scheme(trial=trial, block_sizes=SIZES, seed=SEED, by=by)
    for each in wanted:
        code, _, rest = each.partition("=")
        number, _, cap = rest.partition(":")
        site = sites.add(trial=trial, code=code, name=code, cap=int(cap) if cap else None, by=by)
        for place in range(int(number)):
            somebody = participants.register(site=site, label=f"{code}-{place:04}", by=by)
            participants.consent(participant=somebody, version="1", given_on=site.today, by=by)
            raw = {"age": "60", **ANSWERS[place % len(ANSWERS)]}
            entry.submit(participant=somebody, entry=Entry("screening", "entry", raw), by=by)
            actions.confirm_eligibility(participant=somebody, by=by)


def race(kind: str, site: str, processes: int) -> list[dict[str, Any]]:
    """What each process was told, in the order of the processes."""
    labels = list(
        Participant.objects.filter(site__code=site).order_by("label").values_list("label", flat=True)
    )
    connections.close_all()
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(processes), context.SimpleQueue()
    shares = [labels if kind == "twins" else labels[place::processes] for place in range(processes)]
    running = [context.Process(target=_run, args=(kind, n, own, start, told)) for n, own in enumerate(shares)]
    for process in running:
        process.start()
    found = dict(told.get() for _ in running)
    for process in running:
        process.join()
    return [found[place] for place in range(processes)]


def _run(kind: str, place: int, labels: list[str], start: Any, told: Any) -> None:
    _slow()
    delegated = kind in ("delegated", "colliding")
    if kind in ("unlocked", "crowded"):
        actions._hold_site = lambda participant: None
    if kind == "unlocked":
        # The lock on the site would do: a stratum of this trial lies at one site.
        actions._locked_stratum = _without_lock
    if kind == "colliding":
        QuerySet.select_for_update = _against_keys
    by = Person.objects.get(email=EMAIL) if delegated else Person.objects.get(name="RACER")
    answers: dict[str, Any] = {"allocated": [], "refused": [], "broken": 0}
    start.wait()
    if delegated and place % 2:
        someone = Participant.objects.select_related("site__trial").get(label=labels[0])
        answers["broken"], labels = _delegate(someone.site, len(labels)), []
    for label in labels:
        someone = Participant.objects.select_related("site", "trial__protocol").get(label=label)
        try:
            made = actions.randomize(participant=someone, idempotency_key=f"race:{label}", by=by)
            answers["allocated"].append(made.pk)
        except Refusal as refusal:
            answers["refused"].append(refusal.code)
        except (IntegrityError, OperationalError):
            answers["broken"] += 1
    told.put((place, answers))


def _slow() -> None:
    """Make every request wait after it has read, once before the number and once after it."""
    judged, taken = selectors.readiness, actions._next

    def readiness(participant: Any) -> Any:
        found = judged(participant)
        time.sleep(PAUSE)
        return found

    def following(*args: Any) -> Any:
        found = taken(*args)
        time.sleep(PAUSE)
        return found

    selectors.readiness, actions._next = readiness, following


def _delegate(site: Any, times: int) -> int:
    """Give the person who randomizes a role at the site and take it back, so many times; how often that failed."""
    checked, broken = people._check_overlap, 0

    def overlap(*args: Any) -> None:
        checked(*args)
        time.sleep(PAUSE)

    people._check_overlap = overlap
    someone, by = Person.objects.get(email=EMAIL), Person.objects.get(name="RACER")
    where = {"trial": site.trial, "site": site, "role": "coordinator", "starts_on": site.today}
    for _time in range(times):
        try:
            given = people.grant(person=someone, **where, by=by)
            people.end_grant(given=given, on=None, reason="race", by=by)
        except OperationalError:
            broken += 1
    return broken


def _against_keys(self: Any, no_key: bool = False, **more: Any) -> Any:
    return _lock(self, **more)


def _without_lock(participant: Any, key: str) -> Any:
    scheme = selectors.scheme_of(participant.trial)
    Stratum.objects.get_or_create(scheme=scheme, key=key)
    return Stratum.objects.select_related("scheme__protocol").get(scheme=scheme, key=key)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import IntegrityError, OperationalError, connections
    from django.db.models import QuerySet

    from crf.actions import entry
    from crf.actions.entry import Entry
    from randomization import actions, selectors
    from randomization.actions import open_scheme
    from randomization.models import Stratum
    from tests.unit.trial.protocol_files import FILES
    from trial.actions import participants, people, protocols, sites
    from trial.models import Participant, Person
    from trial.protocol.loader import load_files
    from trial.refusals import Refusal

    _lock = QuerySet.select_for_update
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2:])
    else:
        print(json.dumps(race(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
